import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { RemoteEnd } from '../../../src/remote/remote-end.ts'
import { openedLocalEnd } from '../../support/local-end.ts'
import { makeSdist } from '../../support/make-sdist.ts'
import { mustRun } from '../../support/run-program.ts'

/** A revision that is not there yet, and the bytes that it can be made from. */
export const SDIST = makeSdist({ name: 'shop', version: '1.3' })
export const SHA256 = sha256(SDIST)

/** Makes a root with the revisions 1.0, 1.1 and 1.2 of shop; `staging` is a link to the first. */
export async function makeRoot(root: string): Promise<void> {
  const { end } = await openedLocalEnd('web1', { root, project: 'shop' })
  await end.request('settle', {})
  for (const version of ['1.0', '1.1', '1.2']) await build(end, version)
  const to = 'shop-1.0'
  await end.request('lock', { name: 'staging', mode: 'exclusive' })
  await end.request('lock', { name: to, mode: 'shared' })
  await end.request('arm', {
    id: 's0',
    kind: 'deploy',
    stage: 'staging',
    from: null,
    to,
    recovers: null,
    hosts: ['web1'],
    except: [],
    exception: null,
    atMs: 1,
    undo: [],
  })
  await end.request('fire', { id: 's0', atUs: null, delayUs: 0 })
  await end.request('keep', { id: 's0' })
  await end.close()
}

async function build(end: RemoteEnd, version: string): Promise<void> {
  const sdist = makeSdist({ name: 'shop', version })
  const revision = `shop-${version}`
  const made = { revision, sha256: sha256(sdist) }
  await end.request('lock', { name: revision, mode: 'exclusive' })
  await end.request('receive', { ...made, bytes: sdist.length }, { data: once(sdist) })
  const { sourceDigest } = await end.request('unpack', { ...made, keepFailed: false })
  await end.request('seal', {
    ...made,
    project: 'shop',
    version,
    sourceDigest,
    shared: [],
    verification: [],
    builders: [],
    tool: '0',
  })
  await end.request('unlock', { name: revision })
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A copy of a root, in a new directory. */
export async function copyRoot(from: string, to: string): Promise<void> {
  mkdirSync(to)
  await mustRun(['cp', '-a', from, join(to, 'root')])
}

/** Removes what may be sealed. */
export async function removeRoots(directory: string): Promise<void> {
  await mustRun(['/bin/sh', '-c', 'chmod -R u+rwX "$1" && rm -rf "$1"', 'sh', directory])
}

/** Everything below a directory, with the time at which it was last changed in any way. */
export function snapshot(directory: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const path = join(directory, name)
    const { mode, size, ctimeNs } = lstatSync(path, { bigint: true })
    found.set(path, `${mode} ${size} ${ctimeNs}`)
  }
  return found
}

/** What the link of a stage names; undefined where there is none. */
export function linkText(root: string, stage: string): string | undefined {
  try {
    return readlinkSync(join(root, stage))
  } catch {
    return undefined
  }
}

/** The lines of a root's journal. */
export function journalOf(root: string): readonly Readonly<Record<string, unknown>>[] {
  const text = readFileSync(join(root, '.stage/journal.jsonl'), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map(line => ({ ...JSON.parse(line) }))
}
