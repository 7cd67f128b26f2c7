import { createHash } from 'node:crypto'
import { mkdtemp, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Body } from '../../src/remote/messages.ts'
import type { RemoteEnd } from '../../src/remote/remote-end.ts'
import { localEnd, openedLocalEnd } from '../support/local-end.ts'
import { makeSdist } from '../support/make-sdist.ts'
import { runProgram } from '../support/run-program.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'real remote "end" ü-'))
})
afterAll(async () => {
  await runProgram(['chmod', '-R', 'u+rwX', folder])
  await rm(folder, { recursive: true, force: true })
})

const newRoot = (name: string) => join(folder, `${name}'s $(root)`)

function aRevision(version: string) {
  const sdist = makeSdist({ name: 'shop', version })
  return {
    revision: `shop-${version}`,
    version,
    sdist,
    sha256: createHash('sha256').update(sdist).digest('hex'),
  }
}
type Revision = ReturnType<typeof aRevision>

const aRun = (
  root: string,
  argv: readonly string[],
  spec: Partial<Body<'run'>['spec']> = {},
): Body<'run'> => ({
  spec: {
    step: 's1',
    argv: [...argv],
    env: {},
    secret: [],
    cwd: root,
    timeoutMs: 60_000,
    sudo: false,
    input: null,
    build: null,
    ...spec,
  },
  undoOf: null,
})

const anObservation = { stages: ['staging'], check: [], shared: [], programs: [], facts: [] }

async function* inPieces(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100)
}

async function build(end: RemoteEnd, { revision, version, sdist, sha256 }: Revision): Promise<void> {
  await end.request('lock', { name: revision, mode: 'exclusive' })
  await end.request('receive', { revision, sha256, bytes: sdist.length }, { data: inPieces(sdist) })
  const { sourceDigest } = await end.request('unpack', { revision, sha256, keepFailed: false })
  await end.request('seal', {
    revision,
    project: 'shop',
    version,
    sha256,
    sourceDigest,
    shared: [],
    verification: [{ step: 's1', title: 'unit tests', result: 'ok', durationMs: 12 }],
    builders: [],
    tool: '0.1.0',
  })
  await end.request('unlock', { name: revision })
}

const anArm = (id: string, from: string | null, to: string): Body<'arm'> => ({
  id,
  kind: 'deploy',
  stage: 'staging',
  from,
  to,
  recovers: null,
  hosts: ['web1'],
  except: [],
  exception: null,
  atMs: 1_800_000_000_000,
  undo: [],
})

async function arm(end: RemoteEnd, body: Body<'arm'>): Promise<void> {
  await end.request('lock', { name: body.stage, mode: 'exclusive' })
  await end.request('lock', { name: body.to ?? '', mode: 'shared' })
  await end.request('arm', body)
}

test('a revision is received, built, sealed, switched to and kept, and the host tells all of it', async () => {
  const root = newRoot('web1')
  const first = aRevision('1.0')
  const { end } = await openedLocalEnd('web1', { root, project: 'shop' })
  await end.request('settle', {})
  await build(end, first)
  await arm(end, anArm('switch-1', null, first.revision))
  const fired = await end.request('fire', { id: 'switch-1', atUs: 0, delayUs: 1000 })
  await end.request('keep', { id: 'switch-1' })

  const seen = await end.request('observe', { ...anObservation, check: [first.revision] })
  const { links } = await end.request('read-back', { stages: ['staging'] })
  const { entries } = await end.request('journal', { limit: 100 })
  await end.close()

  const link = { kind: 'link', text: 'shop-1.0', revision: 'shop-1.0', dangling: false }
  expect(fired.link).toStrictEqual(link)
  expect(links).toStrictEqual({ staging: link })
  expect(await readlink(join(root, 'staging'))).toBe('shop-1.0')
  expect(seen.stages['staging']?.stack).toStrictEqual(['shop-1.0'])
  expect(seen.revisions.map(({ name, verdict, sha256 }) => ({ name, verdict, sha256 }))).toStrictEqual([
    { name: 'shop-1.0', verdict: 'verified', sha256: first.sha256 },
  ])
  expect(entries.map(entry => entry['what'])).toStrictEqual(['build', 'sealed', 'intent', 'fired', 'kept'])
  await expect(end.lost).resolves.toMatchObject({ kind: 'closed' })
})

test('a host that loses its runner between fire and keep puts its link back', async () => {
  const root = newRoot('web2')
  const first = aRevision('1.0')
  const { end, channel } = await openedLocalEnd('web2', { root, project: 'shop' })
  await end.request('settle', {})
  await build(end, first)
  await arm(end, anArm('switch-1', null, first.revision))
  await end.request('fire', { id: 'switch-1', atUs: null, delayUs: 0 })
  channel.input.end()
  await channel.ended

  await expect(readlink(join(root, 'staging'))).rejects.toMatchObject({ code: 'ENOENT' })
  const later = await openedLocalEnd('web2', { root, project: 'shop', run: 'r2' })
  const seen = await later.end.request('observe', anObservation)
  expect(seen.stages['staging']?.switches.map(({ id, state }) => ({ id, state }))).toStrictEqual([
    { id: 'switch-1', state: 'put-back' },
  ])
  await later.end.close()
})

test('what a program prints comes line by line, and how it ended is told', async () => {
  const root = newRoot('web3')
  const { end } = await openedLocalEnd('web3', { root, project: 'shop' })
  await end.request('settle', {})
  const lines: string[] = []
  const script = 'echo one; echo "$SECRET" >&2; printf caf\\\\303\\\\251; exit 3'
  const ended = await end.request(
    'run',
    aRun(root, ['sh', '-c', script], { env: { SECRET: 'hunter2' }, secret: ['SECRET'] }),
    { onOutput: (stream, line) => lines.push(`${stream} ${line}`) },
  )
  await end.close()

  expect(ended).toMatchObject({ kind: 'exited', code: 3 })
  expect(lines.toSorted()).toStrictEqual(['stderr [SECRET]', 'stdout café', 'stdout one'])
})

test('a cancelled run ends as cancelled, and its whole group with it', async () => {
  const root = newRoot('web4')
  const { end } = await openedLocalEnd('web4', { root, project: 'shop' })
  await end.request('settle', {})
  const stop = new AbortController()
  const ended = await end.request('run', aRun(root, ['sh', '-c', 'echo up; sleep 600 & wait']), {
    signal: stop.signal,
    onOutput: () => stop.abort(),
  })
  await end.close()

  expect(ended.kind).toBe('cancelled')
})

test('a stage that another run holds is refused, and its holder named', async () => {
  const root = newRoot('web5')
  const { end } = await openedLocalEnd('web5', { root, project: 'shop', run: 'r1' })
  await end.request('settle', {})
  const other = await openedLocalEnd('web5', { root, project: 'shop', run: 'r2' })
  const held = await end.request('lock', { name: 'staging', mode: 'exclusive' })
  const refused = await other.end.request('lock', { name: 'staging', mode: 'exclusive' })
  end.kill()
  await Promise.all([other.end.close(), end.lost])

  expect(held).toStrictEqual({ granted: true, holder: null })
  expect(refused).toMatchObject({ granted: false, holder: { run: 'r1', by: 'ana', from: 'laptop' } })
})

test('a stored sdist can be fetched again, byte for byte', async () => {
  const root = newRoot('web6')
  const first = aRevision('1.0')
  const { end } = await openedLocalEnd('web6', { root, project: 'shop' })
  await end.request('settle', {})
  await build(end, first)
  const pieces: Uint8Array[] = []
  const { bytes } = await end.request('measure-sdist', { revision: first.revision })
  await end.request(
    'fetch',
    { revision: first.revision, bytes },
    { dataBytes: bytes, onData: piece => void pieces.push(piece) },
  )
  await end.close()

  expect(bytes).toBe(first.sdist.length)
  expect(Buffer.concat(pieces).equals(first.sdist)).toBe(true)
})

test('an upload whose bytes are others than announced is refused, and the connection goes on', async () => {
  const root = newRoot('web7')
  const { revision, sdist, sha256 } = aRevision('1.0')
  const { end } = await openedLocalEnd('web7', { root, project: 'shop' })
  await end.request('settle', {})
  await end.request('lock', { name: revision, mode: 'exclusive' })
  const body = { revision, sha256, bytes: sdist.length }
  const upload = end.request('receive', body, { data: inPieces(Buffer.alloc(sdist.length)) })

  await expect(upload).rejects.toMatchObject({ name: 'RemoteRefusal', refusal: 'digest' })
  await expect(end.request('receive', body, { data: inPieces(sdist) })).resolves.toMatchObject({ sha256 })
  await end.close()
})

test('a body that does not fit, or comes before open, is refused with the reason', async () => {
  const { end } = await localEnd('web8')
  await expect(end.request('settle', {})).rejects.toMatchObject({ refusal: 'not-open' })
  await end.close()
})

test('observing writes nothing, not even the root', async () => {
  const root = newRoot('web9')
  const { end } = await openedLocalEnd('web9', { root, project: 'shop' })
  const seen = await end.request('observe', {
    ...anObservation,
    programs: ['sh', 'no-such-program'],
    facts: [{ id: 'f', argv: ['@python', '-c', 'print("café")'], timeoutMs: 10_000 }],
  })
  await end.close()

  expect(seen.root).toMatchObject({ kind: 'absent', writable: true })
  expect(seen.stages['staging']?.link).toStrictEqual({
    kind: 'absent',
    text: null,
    revision: null,
    dangling: false,
  })
  expect(seen.facts).toMatchObject([{ id: 'f', ended: { kind: 'exited', code: 0 }, out: 'café\n' }])
  expect(seen.programs).toMatchObject({ 'no-such-program': null })
  await expect(readFile(join(root, '.stage'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a fact that prints more than fits is cut, and says so', async () => {
  const { end } = await openedLocalEnd('web10', { root: newRoot('web10'), project: 'shop' })
  const argv = ['@python', '-c', 'print("\\x01" * 900_000)']
  const seen = await end.request('observe', {
    ...anObservation,
    facts: [1, 2].map(number => ({ id: `f${number}`, argv, timeoutMs: 10_000 })),
  })
  await end.close()

  expect(seen.facts.map(({ out }) => out.length < 900_001)).toStrictEqual([true, true])
  expect(seen.facts.map(({ ended }) => ended.reason)).toStrictEqual([
    'it printed more than fits: 900001 characters',
    'it printed more than fits: 900001 characters',
  ])
})
