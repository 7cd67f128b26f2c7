import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { dataFrame, jsonFrame } from '../../src/remote/frames.ts'
import type { Body } from '../../src/remote/messages.ts'
import { startRemoteEnd } from '../../src/remote/start-remote-end.ts'
import { loopbackChannel } from '../support/loopback-channel.ts'
import { Refuse, scriptedEnd } from '../support/scripted-end.ts'

const nonce = '00112233445566778899aabbccddeeff'

const aRun: Body<'run'> = {
  spec: {
    step: 's1',
    argv: ['true'],
    env: {},
    secret: [],
    cwd: '/',
    timeoutMs: 1000,
    sudo: false,
    input: null,
    build: null,
  },
  undoOf: null,
}

const anOpen: Body<'open'> = {
  protocol: 1,
  root: '/var/webcode',
  project: 'shop',
  host: 'web1',
  heartbeatMs: 120,
  forwardAgent: false,
  holder: { run: 'r1', by: 'ana', from: 'laptop', pid: 1, command: 'deploy staging', sinceMs: 0 },
}

const exited = { kind: 'exited', code: 0, signal: null, reason: null, durationMs: 3 } as const
const cancelled = { kind: 'cancelled', code: null, signal: null, reason: null, durationMs: 3 } as const

/** A remote end whose host is the test itself. */
async function bareEnd() {
  const { channel, host } = loopbackChannel()
  host.output.write(`stage-deploy ${nonce} listening\nstage-deploy ${nonce} ready\n`)
  const end = await startRemoteEnd(channel, { bytes: Buffer.alloc(0) }, nonce, {
    host: 'web1',
    heartbeatMs: 60_000,
    startTimeoutMs: 10_000,
  })
  return { end, host, channel }
}

test('answers reach the requests they belong to, in whatever order they come', async () => {
  const releases: (() => void)[] = []
  const { end } = await scriptedEnd('web1', {
    lock: ({ name }) =>
      new Promise(resolve => releases.unshift(() => resolve({ granted: name === 'b', holder: null }))),
  })
  const both = Promise.all(['a', 'b'].map(name => end.request('lock', { name, mode: 'exclusive' })))
  while (releases.length < 2) await turn()
  for (const release of releases) release()

  expect(await both).toStrictEqual([
    { granted: false, holder: null },
    { granted: true, holder: null },
  ])
})

test('a refusal carries its code and detail, and leaves the connection as it was', async () => {
  const { end } = await scriptedEnd('web1', {
    unpack: () => {
      throw new Refuse('archive', 'the sdist holds a device: shop-1.0/null', { member: 'shop-1.0/null' })
    },
    settle: () => ({ id: 'f00', project: 'shop' }),
  })

  await expect(
    end.request('unpack', { revision: 'shop-1.0', sha256: 'ab', keepFailed: false }),
  ).rejects.toMatchObject({
    name: 'RemoteRefusal',
    code: 'refused',
    refusal: 'archive',
    host: 'web1',
    request: 'unpack',
    message: 'web1: the sdist holds a device: shop-1.0/null',
    detail: { member: 'shop-1.0/null' },
  })
  await expect(end.request('settle', {})).resolves.toStrictEqual({ id: 'f00', project: 'shop' })
})

test('what does not fit in an answer is safe to show, however much of it there is', async () => {
  const { end, host } = await bareEnd()
  const asked = end.request('journal', { limit: 10 })
  const entries = Array.from({ length: 10_000 }, () => '\u001b[2J')
  host.output.write(jsonFrame({ id: 1, ok: { entries } }))

  const error: unknown = await asked.catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    message: expect.stringMatching(
      /^web1: the answer to journal makes no sense: entries\.0: [ -~]{10,1000}$/,
    ),
  })
})

test('an answer that does not fit names its request and the place, and the connection is given up', async () => {
  const { end, host } = await bareEnd()
  const asked = end.request('lock', { name: 'production', mode: 'exclusive' })
  const other = end.request('settle', {})
  host.output.write(jsonFrame({ id: 1, ok: { granted: 'yes', holder: { run: 1 } } }))

  await expect(asked).rejects.toMatchObject({
    code: 'remote-end',
    message: expect.stringMatching(/^web1: the answer to lock makes no sense: granted: Invalid type/),
  })
  await expect(other).rejects.toMatchObject({ code: 'connection-lost' })
  await expect(end.lost).resolves.toMatchObject({ kind: 'broken' })
  await expect(host.ended).resolves.toMatchObject({ kind: 'lost' })
})

test.for([
  ['text between the frames', Buffer.from('Killed\n'), /it sent a frame of \d+ bytes/],
  ['a message without a result', jsonFrame({ id: 1 }), /it sent a message that is no answer/],
  [
    'a refusal with an unknown code',
    jsonFrame({ id: 1, error: { code: 'bored', message: '', detail: {} } }),
    /no answer/,
  ],
  ['the answer to a request that was never made', jsonFrame({ id: 9, ok: {} }), /it answered request 9/],
  ['data for a request that was never made', dataFrame(9, Buffer.from('x')), /it answered request 9/],
] as const)('%s ends the connection', async ([, bytes, reason]) => {
  const { end, host } = await bareEnd()
  const asked = end.request('settle', {})
  host.output.write(bytes)

  await expect(asked).rejects.toMatchObject({ code: 'connection-lost' })
  await expect(end.lost).resolves.toMatchObject({ kind: 'broken', reason: expect.stringMatching(reason) })
})

test('a lost connection ends every open request and every later one, with the last words of the host', async () => {
  const { end, host } = await bareEnd()
  const asked = end.request('settle', {})
  host.errors.write('Traceback (most recent call last):\nMemoryError\n')
  host.end({ kind: 'exited', code: 1 })

  const message = 'web1: the connection was lost: the remote end ended (exit status 1): MemoryError'
  await expect(asked).rejects.toMatchObject({ code: 'connection-lost', message })
  await expect(end.request('settle', {})).rejects.toMatchObject({ code: 'connection-lost', message })
  await expect(end.beatNow()).rejects.toMatchObject({ code: 'connection-lost' })
  await expect(end.lost).resolves.toStrictEqual({
    kind: 'ended',
    reason: 'the remote end ended (exit status 1): MemoryError',
    said: ['Traceback (most recent call last):', 'MemoryError'],
  })
  expect(end.isLost).toBe(true)
})

test('an answer that was on its way when the connection ended still counts', async () => {
  const { end, host } = await bareEnd()
  const asked = end.request('settle', {})
  host.output.write(jsonFrame({ id: 1, ok: { id: 'f00', project: 'shop' } }))
  host.end({ kind: 'lost', reason: 'ECONNRESET' })

  await expect(asked).resolves.toStrictEqual({ id: 'f00', project: 'shop' })
  await expect(end.lost).resolves.toMatchObject({ reason: 'the remote end ended (ECONNRESET)' })
})

test('messages that are sent in one turn of the event loop are handed over in that turn', async () => {
  const hosts = await Promise.all([bareEnd(), bareEnd()])
  for (const { end } of hosts) end.send('fire', { id: 'x', atUs: null, delayUs: 0 })

  const expected = jsonFrame({ id: 1, do: 'fire', with: { id: 'x', atUs: null, delayUs: 0 } })
  expect(hosts.map(({ host }) => host.input.read())).toStrictEqual([expected, expected])
})

test('cancelling a run asks the host to stop it and waits for how it ended', async () => {
  const { end, asked } = await scriptedEnd('web1', {
    run: (_, { cancelled: stop }) =>
      new Promise(resolve => stop.addEventListener('abort', () => resolve(cancelled))),
  })
  const stop = new AbortController()
  const run = end.request('run', aRun, { signal: stop.signal })
  stop.abort()

  await expect(run).resolves.toStrictEqual(cancelled)
  expect(asked).toStrictEqual([
    { do: 'run', with: aRun },
    { do: 'cancel', with: { request: 1 } },
  ])
})

test('what was cancelled before it was asked is not asked', async () => {
  const { end, asked } = await scriptedEnd('web1', {})

  await expect(end.request('run', aRun, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'interrupted',
    message: 'web1: run was not begun',
  })
  expect(asked).toStrictEqual([])
})

test('a request that no frame can carry is refused before it is sent', async () => {
  const { end, asked } = await scriptedEnd('web1', {})
  const body = { ...aRun, spec: { ...aRun.spec, argv: ['x'.repeat(1024 * 1024)] } }

  await expect(end.request('run', body)).rejects.toMatchObject({ code: 'remote-end' })
  expect(asked).toStrictEqual([])
})

test('lines of a run arrive in order before its answer; bytes that are no UTF-8 are replaced', async () => {
  const { end } = await scriptedEnd('web1', {
    run: (_, { print }) => {
      print('stdout', 'café')
      print('stderr', '')
      print('stdout', 'one\ntwo')
      return exited
    },
  })
  const lines: string[] = []

  await end.request('run', aRun, { onOutput: (stream, line) => lines.push(`${stream} ${line}`) })

  expect(lines).toStrictEqual(['stdout café', 'stderr ', 'stdout one', 'stdout two'])
})

test('who chokes on the output of a run gets that error; the run is stopped, the connection stays', async () => {
  const { end, bodiesOf } = await scriptedEnd('web1', {
    run: (_, { print, cancelled: stop }) => {
      print('stdout', 'x')
      return new Promise(resolve => stop.addEventListener('abort', () => resolve(cancelled)))
    },
    settle: () => ({ id: 'f00', project: 'shop' }),
  })
  const full = new Error('no space left for the log')
  const onOutput = () => {
    throw full
  }

  await expect(end.request('run', aRun, { onOutput })).rejects.toBe(full)
  await expect(end.request('settle', {})).resolves.toMatchObject({ id: 'f00' })
  expect(bodiesOf('cancel')).toStrictEqual([{ request: 1 }])
})

test('a host that falls silent after it was opened is lost', async () => {
  const { end, freeze } = await scriptedEnd('web1', {}, { heartbeatMs: 120 })
  await end.request('open', anOpen)
  freeze(true)

  await expect(end.lost).resolves.toStrictEqual({
    kind: 'silent',
    reason: 'nothing was heard of it for 0.12 s',
    said: [],
  })
})

test('an answered heartbeat is known by when it was sent', async () => {
  const { end } = await scriptedEnd('web1', {})
  expect(end.lastBeat).toBe(undefined)
  const before = performance.now()
  await end.beatNow()

  expect(end.lastBeat?.sentAtMs).toBeGreaterThanOrEqual(before)
})

test('closing asks the host to end in order, and says that it was us', async () => {
  const { end, asked } = await scriptedEnd('web1', {})
  await end.close()

  expect(asked).toStrictEqual([{ do: 'close', with: {} }])
  await expect(end.lost).resolves.toMatchObject({ kind: 'closed' })
  await end.close()
})

test('killing drops the connection without a word', async () => {
  const { end, host } = await bareEnd()
  const asked = end.request('settle', {})
  end.kill()

  await expect(asked).rejects.toMatchObject({ code: 'connection-lost' })
  await expect(end.lost).resolves.toMatchObject({ kind: 'closed' })
  await expect(host.ended).resolves.toMatchObject({ kind: 'lost' })
})
