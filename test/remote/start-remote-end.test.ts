import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { feedRemoteEnd, startRemoteEnd } from '../../src/remote/start-remote-end.ts'
import { loopbackChannel } from '../support/loopback-channel.ts'

const nonce = '00112233445566778899aabbccddeeff'
const program = { bytes: Buffer.from('the program') }
const begins = `stage-deploy ${nonce} listening\nstage-deploy ${nonce} ready\n`

/** Starts a remote end on a host that prints this, and then does what `then` says. */
function starting(
  printed: readonly (string | Uint8Array)[],
  then: (host: ReturnType<typeof loopbackChannel>['host']) => void = () => undefined,
  startTimeoutMs = 10_000,
) {
  const { channel, host } = loopbackChannel()
  for (const piece of printed) host.output.write(piece)
  then(host)
  const noise: string[] = []
  const started = startRemoteEnd(channel, program, nonce, {
    host: 'web1',
    heartbeatMs: 60_000,
    startTimeoutMs,
    onNoise: text => noise.push(text),
  })
  return { started, noise, host }
}

test('the program is what the host reads first', async () => {
  const { started, host } = starting([begins])
  await started
  expect(host.input.read()).toStrictEqual(program.bytes)
})

test('not one byte is sent before Python says that it listens: then the program, and what was asked behind it', async () => {
  const { channel, host } = loopbackChannel()
  const arrived: Buffer[] = []
  host.input.on('data', (chunk: Buffer) => arrived.push(chunk))
  const { end, begun } = feedRemoteEnd(channel, program, nonce, {
    host: 'web1',
    heartbeatMs: 60_000,
    startTimeoutMs: 10_000,
  })
  void end.send('beat', {})
  // Whoever sits there may say anything, also what only the program would say.
  host.output.write(`welcome\nstage-deploy ${nonce} ready\nstage-deploy ffff listening\n`)
  for (let turns = 0; turns < 50; turns += 1) await turn()
  expect(arrived).toStrictEqual([])
  host.output.write(begins)
  await begun
  expect(Buffer.concat(arrived).toString('latin1')).toMatch(
    /^the program[\s\S]{5}\{"id":1,"do":"beat","with":\{\}\}$/,
  )
})

test('what was asked of a host that never listens is refused with the reason, and was not sent', async () => {
  const { channel, host } = loopbackChannel()
  const arrived: Buffer[] = []
  host.input.on('data', (chunk: Buffer) => arrived.push(chunk))
  host.input.on('end', () => host.end({ kind: 'exited', code: 0 }))
  const { end, begun } = feedRemoteEnd(channel, program, nonce, {
    host: 'web1',
    heartbeatMs: 60_000,
    startTimeoutMs: 20,
  })
  const asked = end.request('beat', {})
  await expect(Promise.all([asked, begun])).rejects.toMatchObject({ code: 'remote-end' })
  await expect(begun).rejects.toMatchObject({ message: expect.stringContaining('It was sent nothing') })
  expect(arrived).toStrictEqual([])
})

test('what a login shell prints first is skipped, in whatever pieces and without an end of line', async () => {
  const text = `Welcome to web1\nLast login: stage-deploy ffff ready\nquota 80% ${begins}`
  const { started, noise } = starting(Array.from(text))
  await started
  expect(noise).toStrictEqual(['Welcome to web1\nLast login: stage-deploy ffff ready\nquota 80% '])
})

test('a megabyte of noise is survived; its end is kept', async () => {
  const { started, noise } = starting(['x'.repeat(1024 * 1024), begins])
  await started
  expect(noise.map(text => text.length <= 64 * 1024)).toStrictEqual([true])
})

test('a Python that is too old is named', async () => {
  const { started } = starting([`hello\nstage-deploy ${nonce} python 3.6.9\n`])
  await expect(started).rejects.toMatchObject({
    code: 'remote-end',
    message: 'web1: its Python is 3.6.9; 3.8 is the oldest that will do',
    hint: 'install Python 3.8 or newer on web1, or name one that it has in hosts.web1.python',
  })
})

test('a host without Python is told by the exit status of its shell, not by what the shell printed', async () => {
  const { started } = starting([], host => {
    host.errors.write('sh: 1: exec: python3: introuvable\n')
    host.end({ kind: 'exited', code: 127 })
  })
  await expect(started).rejects.toMatchObject({
    code: 'remote-end',
    message:
      'web1: the shell found no Python (exit status 127). It printed:\n  | sh: 1: exec: python3: introuvable',
    hint: 'install Python 3.8 or newer on web1, or name one that it has in hosts.web1.python',
  })
})

test('a remote end that ends before it began is shown with its last lines, safe to print', async () => {
  const { started } = starting(['This account is \x1b[31mclosed\x1b[0m.\n'], host => {
    host.errors.write('Traceback (most recent call last):\r\nzlib.error: \x07 incorrect data check\n')
    host.end({ kind: 'exited', code: 1 })
  })
  await expect(started).rejects.toMatchObject({
    code: 'remote-end',
    message: [
      'web1: the remote end ended before it began (exit status 1). It printed:',
      '  | This account is closed.',
      '  | Traceback (most recent call last):',
      '  | zlib.error: \\x07 incorrect data check',
    ].join('\n'),
  })
})

test('a connection that breaks before the remote end began is a lost connection', async () => {
  const { started } = starting([], host => host.end({ kind: 'lost', reason: 'ECONNRESET' }))
  await expect(started).rejects.toMatchObject({
    code: 'connection-lost',
    message: 'web1: the connection was lost: ECONNRESET',
  })
})

test('a host that says nothing in time is given up, and its connection is closed', async () => {
  const { started, host } = starting(['Enter your one-time code: '], undefined, 50)
  await expect(started).rejects.toMatchObject({
    code: 'remote-end',
    message: 'web1: the remote end did not begin within 0.05 s. It printed:\n  | Enter your one-time code:',
  })
  await expect(host.ended).resolves.toMatchObject({ kind: 'lost' })
})
