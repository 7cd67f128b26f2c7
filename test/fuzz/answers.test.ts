import fc from 'fast-check'
import * as v from 'valibot'
import { expect } from 'vitest'
import { StageError } from '../../src/model/stage-error.ts'
import { dataFrame, jsonFrame, outputFrame } from '../../src/remote/frames.ts'
import { type RequestName, refusalCodes, requests } from '../../src/remote/messages.ts'
import type { RemoteEnd } from '../../src/remote/remote-end.ts'
import { startRemoteEnd } from '../../src/remote/start-remote-end.ts'
import { within } from '../../src/remote/within.ts'
import { printable } from '../../src/shell/printable.ts'
import { loopbackChannel } from '../support/loopback-channel.ts'
import { valuesOf, type Words } from './support/from-schema.ts'
import { fuzz } from './support/fuzz.ts'
import { jsonEdited, jsonEdits } from './support/json-edits.ts'
import { byteEdits, edited } from './support/mutations.ts'

const NONCE = '00112233445566778899aabbccddeeff'
const GREETING = `stage-deploy ${NONCE} listening\nstage-deploy ${NONCE} ready\n`

/** What was asked is answered, refused or lost by then, once the host is gone. */
const PATIENCE_MS = 8_000

const nothing: Words = { text: () => undefined, number: () => undefined }
const requestNames = v.parse(
  v.array(v.custom<RequestName>(name => typeof name === 'string')),
  Object.keys(requests),
)
const bodies = new Map(
  requestNames.map(name => [
    name,
    fc.sample(valuesOf(requests[name].body, nothing), { numRuns: 1, seed: 1 })[0],
  ]),
)

/** What a host says to some requests, in which pieces it arrives, and how it ends then. In the corpus as JSON. */
const Exchange = v.object({
  asks: v.array(v.custom<RequestName>(name => typeof name === 'string' && Object.hasOwn(requests, name))),
  says: v.pipe(v.string(), v.base64()),
  cuts: v.array(v.number()),
  end: v.picklist(['exits', 'dies', 'stays']),
})
type Exchange = v.InferOutput<typeof Exchange>

const id = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 4 }) },
  fc.constantFrom(0, 5, 2 ** 32 - 1),
)
const bytes = fc.uint8Array({ maxLength: 20 })
const refusal = fc.record({
  code: fc.constantFrom(...refusalCodes),
  message: fc.oneof(fc.string(), fc.constantFrom('\u001b[2J', 'a\nb', '\u202e', '')),
  detail: fc.constant({}),
})
const edits = fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, jsonEdits(['ok', 'error', 'id', 'code'], 2))

/** Frames that a host could send, and almost such frames. */
const frame = (asks: readonly RequestName[]): fc.Arbitrary<Buffer> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(...asks.entries()).chain(([index, name]) =>
        fc.tuple(valuesOf(requests[name].answer, nothing), edits).map(([ok, changes]) => {
          const message = jsonEdited({ id: index + 1, ok }, changes)
          return typeof message === 'object' && message !== null ? jsonFrame(message) : jsonFrame([message])
        }),
      ),
    },
    { weight: 2, arbitrary: fc.record({ id, error: refusal }).map(jsonFrame) },
    { weight: 2, arbitrary: fc.tuple(id, bytes).map(([request, data]) => dataFrame(request, data)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(id, fc.constantFrom<'stdout' | 'stderr'>('stdout', 'stderr'), bytes)
        .map(([request, stream, data]) => outputFrame(request, stream, data)),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('ffffffff4a', '000000004a', '01000001', '000000024a5b', '0000000158')
        .map(hex => Buffer.from(hex, 'hex')),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('[', '{"id":')
        .map(piece => Buffer.from(piece.repeat(50_000)))
        .map(text => Buffer.concat([Buffer.from([0, 0, 0, 0, 0x4a]), text]))
        .map(withLength),
    },
  )

function withLength(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(bytes.length - 4)
  return bytes
}

const exchanges: fc.Arbitrary<Exchange> = fc
  .array(fc.constantFrom(...requestNames), { minLength: 1, maxLength: 4 })
  .chain(asks =>
    fc.record({
      asks: fc.constant(asks),
      says: fc
        .tuple(
          fc.array(frame(asks), { maxLength: 8 }),
          fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, byteEdits([], 2)),
        )
        .map(([frames, changes]) => edited(Buffer.concat(frames), changes).toString('base64')),
      cuts: fc.array(fc.nat(300), { maxLength: 6 }),
      end: fc.constantFrom('exits', 'dies', 'stays'),
    }),
  )

async function checkExchange({ asks, says, cuts, end }: Exchange): Promise<void> {
  const { channel, host } = loopbackChannel()
  host.input.resume()
  host.output.on('error', () => undefined)
  host.output.write(GREETING)
  const remote = await startRemoteEnd(channel, { bytes: Buffer.alloc(0) }, NONCE, {
    host: 'web1',
    heartbeatMs: 60_000,
    startTimeoutMs: PATIENCE_MS,
  })
  const asked = asks.map(name => ask(remote, name))
  for (const piece of inPieces(Buffer.from(says, 'base64'), cuts))
    if (host.output.writable) host.output.write(piece)
  await new Promise(resolve => setImmediate(resolve))
  if (end === 'stays') remote.kill()
  else host.end(end === 'exits' ? { kind: 'exited', code: 0 } : { kind: 'signalled', signal: 'SIGKILL' })
  const settled = await within(PATIENCE_MS, Promise.all([remote.lost, ...asked]))
  if (settled === undefined) throw new Error('not everything that was asked has come to an end')
  const [lost, ...results] = settled
  expect(printable(lost.reason)).toBe(lost.reason)
  for (const error of results) if (error !== undefined) checkError(error)
  await expect(remote.request('beat', {})).rejects.toMatchObject({ code: 'connection-lost' })
}

/** The error that it ended with. */
async function ask<N extends RequestName>(remote: RemoteEnd, name: N): Promise<unknown> {
  const body = v.parse(requests[name].body, bodies.get(name))
  try {
    await remote.request(name, body, { onOutput: () => undefined, onData: () => undefined })
    return undefined
  } catch (error) {
    return error
  }
}

function checkError(error: unknown): void {
  if (!(error instanceof StageError)) throw error
  expect(error.code).toBeOneOf(['refused', 'remote-end', 'connection-lost', 'interrupted', 'locked'])
  expect(printable(error.message)).toBe(error.message)
}

function* inPieces(all: Buffer, cuts: readonly number[]): Generator<Buffer> {
  let rest = all
  for (const cut of cuts) {
    yield rest.subarray(0, cut)
    rest = rest.subarray(cut)
  }
  yield rest
}

fuzz('client-answers', 'whatever a host answers, every request ends: answered, refused or lost', {
  inputs: exchanges,
  check: checkExchange,
  read: bytes => v.parse(Exchange, JSON.parse(bytes.toString('utf8'))),
  write: exchange => Buffer.from(JSON.stringify(exchange)),
  batch: 20,
})

/** What a login prints before the remote end speaks, in pieces, and whether that does begin. */
const Login = v.object({ noise: v.array(v.pipe(v.string(), v.base64())), begins: v.boolean() })
type Login = v.InferOutput<typeof Login>

const noise = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes)),
  fc
    .constantFrom(
      ...[
        'Welcome\n',
        '\u001b[31m',
        'stage-deploy ',
        `stage-deploy ${NONCE}`,
        `stage-deploy ${NONCE} `,
        ' listening\n',
        ' ready\n',
      ],
      ...[
        `stage-deploy ${NONCE} read\n`,
        `stage-deploy ${NONCE.replace('0', '1')} ready\n`,
        'x'.repeat(70_000),
        '\r',
      ],
    )
    .map(text => Buffer.from(text)),
)

async function checkLogin({ noise, begins }: Login): Promise<void> {
  const { channel, host } = loopbackChannel()
  host.input.resume()
  for (const piece of noise) host.output.write(Buffer.from(piece, 'base64'))
  if (begins) host.output.write(`\n${GREETING}`)
  else host.end({ kind: 'exited', code: 1 })
  const options = { host: 'web1', heartbeatMs: 60_000, startTimeoutMs: PATIENCE_MS }
  const started = await startRemoteEnd(channel, { bytes: Buffer.alloc(0) }, NONCE, options).catch(
    (error: unknown) => error,
  )
  if (!begins && started instanceof Error) {
    if (!(started instanceof StageError)) throw started
    expect(started.code).toBe('remote-end')
    for (const line of started.message.split('\n')) expect(printable(line)).toBe(line)
    return
  }
  if (started instanceof Error) throw started
  host.end({ kind: 'exited', code: 0 })
}

fuzz(
  'greeting',
  'whatever a login prints, the remote end is heard when it begins, and missed when it does not',
  {
    inputs: fc.record({
      noise: fc.array(
        noise.map(bytes => bytes.toString('base64')),
        { maxLength: 6 },
      ),
      begins: fc.boolean(),
    }),
    check: checkLogin,
    read: bytes => v.parse(Login, JSON.parse(bytes.toString('utf8'))),
    write: login => Buffer.from(JSON.stringify(login)),
    batch: 50,
  },
)
