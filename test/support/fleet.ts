import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cleanups, collectCleanups } from './cleanups.ts'
import type { HostOptions, HostSetting } from './host-options.ts'
import { makeLoopbackHost } from './loopback-host.ts'
import { makeNamespacedHost } from './namespaced-host.ts'
import { mayUseNamespaces, requirePrograms } from './requirements.ts'
import { makeScratchDirectory } from './scratch-directory.ts'
import { knownHostsLine, makeKeyPair } from './ssh-keys.ts'
import { type Housing, openTestHost, type TestHost } from './test-host.ts'

export type FleetKind = 'namespaces' | 'loopback'

export interface FleetOptions extends HostOptions {
  /** By default namespaces where this process may use them. */
  readonly kind?: FleetKind
  /** What single hosts have otherwise, by name. */
  readonly overrides?: Readonly<Record<string, HostOptions>>
}

/** The `ssh` and `hosts` of a configuration; plain data. */
export interface FleetConfig {
  readonly ssh: { readonly knownHostsFile: string; readonly configFile: string }
  readonly hosts: Readonly<Record<string, FleetConfigHost>>
}

export interface FleetConfigHost {
  readonly address: string
  readonly port: number
  readonly user: string
  readonly identityFile: string
  readonly root: string
}

/** Throw-away hosts with real OpenSSH servers, and what one needs to log in to them. */
export interface Fleet extends AsyncDisposable {
  readonly kind: FleetKind | 'booted'
  readonly hosts: readonly TestHost[]
  /** @throws when there is no such host */
  host(name: string): TestHost
  /** A directory for the test's own files; it goes with the fleet. */
  readonly directory: string
  readonly identityFile: string
  readonly knownHostsFile: string
  /** Empty: the tester's own `~/.ssh/config` shall not matter. */
  readonly sshConfigFile: string
  /** What to write into a configuration to reach the named hosts, or all. */
  configFor(names?: readonly string[]): FleetConfig
  /** The command line of the system's ssh to one host. */
  sshTo(name: string, command: string): readonly string[]
}

/**
 * Starts one host for each name. Everything goes when it is disposed of, or when this process ends in any way:
 * hosts and directory each hang on a pipe from here.
 *
 * @throws when programs are missing, naming their packages, or when a server does not come up, with its log
 */
export async function startFleet(names: readonly string[], options: FleetOptions = {}): Promise<Fleet> {
  requirePrograms()
  const kind = options.kind ?? ((await mayUseNamespaces()) ? 'namespaces' : 'loopback')
  const make = kind === 'namespaces' ? makeNamespacedHost : makeLoopbackHost
  const { kind: _kind, overrides = {}, ...common } = options
  return await assembleFleet(kind, names, async (setting, cleanups) => {
    const ofHost: HostOptions = { ...common, ...overrides[setting.name] }
    return await make({ ...setting, options: ofHost }, cleanups)
  })
}

/**
 * Makes a host for each name and starts them, with what one needs to log in to them.
 *
 * @param make lays one host out
 */
export async function assembleFleet(
  kind: Fleet['kind'],
  names: readonly string[],
  make: (setting: Omit<HostSetting, 'options'>, cleanups: Cleanups) => Promise<Housing>,
): Promise<Fleet> {
  await using cleanups = collectCleanups()
  const scratch = await makeScratchDirectory()
  cleanups.defer(async () => await scratch[Symbol.asyncDispose]())
  const identityFile = join(scratch.path, 'id_ed25519')
  const authorisedKey = await makeKeyPair(identityFile, 'test')
  const hosts: TestHost[] = []
  for (const name of names) {
    const directory = join(scratch.path, name)
    await mkdir(directory)
    hosts.push(await openTestHost(await make({ name, directory, authorisedKey }, cleanups)))
  }
  const fleet = describeFleet(kind, hosts, scratch.path, identityFile)
  await writeFile(fleet.sshConfigFile, '')
  await writeFile(
    fleet.knownHostsFile,
    hosts.map(host => `${knownHostsLine(host.address, host.port, host.hostKey)}\n`).join(''),
  )
  const kept = cleanups.move()
  return { ...fleet, [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose]() }
}

function describeFleet(
  kind: Fleet['kind'],
  hosts: readonly TestHost[],
  directory: string,
  identityFile: string,
): Omit<Fleet, typeof Symbol.asyncDispose> {
  const knownHostsFile = join(directory, 'known_hosts')
  const sshConfigFile = join(directory, 'ssh_config')
  const host = (name: string) => {
    const found = hosts.find(one => one.name === name)
    if (found === undefined)
      throw new Error(`no host ${name}: there are ${hosts.map(one => one.name).join(', ')}`)
    return found
  }
  const configHost = ({ address, port, user, root }: TestHost) => ({
    address,
    port,
    user,
    identityFile,
    root,
  })
  return {
    ...{ kind, hosts, host, directory, identityFile, knownHostsFile, sshConfigFile },
    configFor: names => ({
      ssh: { knownHostsFile, configFile: sshConfigFile },
      hosts: Object.fromEntries(
        (names ?? hosts.map(one => one.name)).map(name => [name, configHost(host(name))] as const),
      ),
    }),
    sshTo: (name, command) => {
      const { address, port, user } = host(name)
      return [
        ...['ssh', '-F', sshConfigFile, '-i', identityFile, '-p', `${port}`],
        ...['-o', `UserKnownHostsFile=${knownHostsFile}`, '-o', 'GlobalKnownHostsFile=none'],
        ...['-o', 'StrictHostKeyChecking=yes', '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes'],
        ...['--', `${user}@${address}`, command],
      ]
    },
  }
}
