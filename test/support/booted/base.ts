import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mustRun } from '../run-program.ts'
import { debianMirror } from './mirror.ts'

/** Debian releases by name: bookworm has Python 3.11, trixie 3.13. */
export type Suite = 'bookworm' | 'trixie'

/** The account that deploys. Outside, its uid only owns some files for a while. */
export const ACCOUNT = { name: 'deploy', uid: 20_022 }

/** A system that boots, takes logins and can make Python environments. */
const PACKAGES = [
  ...['systemd', 'systemd-sysv', 'dbus', 'dbus-user-session', 'libpam-systemd', 'openssh-server', 'sudo'],
  ...['python3', 'python3-venv', 'python3-pip-whl', 'python3-setuptools-whl', 'python3-wheel-whl'],
  ...['iproute2', 'procps', 'ca-certificates'],
]

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Kept from one test run to the next, and safe to remove while none is under way. */
const cacheDirectory = (): string =>
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'stage-deploy-test')

/**
 * The layers of a system, made when they are not in the cache: a minute or two for a new release, and some seconds
 * for more packages. Who asks while another process makes them waits for it.
 *
 * @returns what overlay(5) takes as `lowerdir`
 */
export async function systemLayers(suite: Suite, packages: readonly string[]): Promise<string> {
  const base = await layer(
    `${suite}-`,
    'build-base.sh',
    async () => [...[suite, await debianMirror(), PACKAGES.join(',')], ...[ACCOUNT.name, `${ACCOUNT.uid}`]],
    [...PACKAGES, ACCOUNT.name, `${ACCOUNT.uid}`],
  )
  if (packages.length === 0) return base
  const wanted = [...new Set(packages)].toSorted()
  const more = await layer(`${suite}-more-`, 'build-layer.sh', () => Promise.resolve([base, ...wanted]), [
    base,
    ...wanted,
  ])
  return `${more}:${base}`
}

/** The directory that a script has made of this: another script or other words make another one. */
async function layer(
  prefix: string,
  script: string,
  words: () => Promise<readonly string[]>,
  identity: readonly string[],
): Promise<string> {
  const directory = cacheDirectory()
  await mkdir(directory, { recursive: true })
  const hash = createHash('sha256').update(await readFile(here(script)))
  for (const word of identity) hash.update(`\0${word}`)
  const target = join(directory, `${prefix}${hash.digest('hex').slice(0, 12)}`)
  // The kernel gives the lock back however its holder ends.
  await mustRun([
    ...['flock', `${target}.lock`, 'unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
    ...['/bin/sh', here(script), target, ...(await words())],
  ])
  return target
}
