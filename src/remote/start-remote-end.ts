import type { Program } from './bundle.ts'
import { type ByteChannel, bytesOf } from './byte-channel.ts'
import { GreetingReader } from './greeting.ts'
import { Connection, type RemoteEnd, type RemoteEndOptions, SETTLE_MS } from './remote-end.ts'
import { startFailure } from './start-failure.ts'
import { printableLines, Tail } from './tail.ts'
import { within } from './within.ts'

const MAX_ERROR_TEXT = 64 * 1024
const SHOWN_LINES = 5

/** A remote end of which nobody knows yet whether it begins. */
export interface StartingRemoteEnd {
  /** What is asked of it now travels with the program: one round trip for all. */
  readonly end: RemoteEnd
  /**
   * Settles when it speaks. Rejects with StageError `remote-end` (no Python, too old, ended, no answer in time) or
   * `connection-lost`, and so does everything that was asked; the channel is closed then.
   */
  readonly begun: Promise<RemoteEnd>
}

/** Feeds the program to the Python that was started with `startCommand`, and waits until it speaks. */
export function startRemoteEnd(
  channel: ByteChannel,
  program: Program,
  nonce: string,
  options: RemoteEndOptions,
): Promise<RemoteEnd> {
  return feedRemoteEnd(channel, program, nonce, options).begun
}

/** The same for whoever has something to ask before it is known to speak. */
export function feedRemoteEnd(
  channel: ByteChannel,
  program: Program,
  nonce: string,
  options: RemoteEndOptions,
): StartingRemoteEnd {
  const errors = new Tail(MAX_ERROR_TEXT)
  const errorsRead = keep(channel, errors)
  // An interpreter that is too old goes without reading: that its input breaks tells nothing that its end does not.
  channel.input.on('error', () => undefined)
  channel.input.write(program.bytes)
  const end = new Connection(channel, options, errors)
  return { end, begun: greeted(end, { channel, nonce, options, errors, errorsRead }) }
}

async function greeted(
  connection: Connection,
  { channel, nonce, options, errors, errorsRead }: Beginning,
): Promise<RemoteEnd> {
  const { host, startTimeoutMs } = options
  const output = bytesOf(channel.output)
  const reader = new GreetingReader(nonce)
  const greeting = await within(startTimeoutMs, reader.read(output))
  if (greeting?.kind === 'ready') {
    if (reader.noise.length > 0) options.onNoise?.(reader.noise.toString('utf8'))
    return connection.begin({ rest: greeting.rest, output, errorsRead })
  }
  const ends = Promise.all([channel.ended, errorsRead])
  const end = greeting?.kind === 'ended' ? (await within(SETTLE_MS, ends))?.[0] : undefined
  channel.close()
  const printed = [...printableLines(reader.noise).slice(-SHOWN_LINES), ...errors.lines(SHOWN_LINES)]
  const failure = startFailure({ host, startTimeoutMs, greeting, end, printed })
  connection.neverBegan(failure)
  throw failure
}

interface Beginning {
  readonly channel: ByteChannel
  readonly nonce: string
  readonly options: RemoteEndOptions
  readonly errors: Tail
  readonly errorsRead: Promise<void>
}

async function keep(channel: ByteChannel, tail: Tail): Promise<void> {
  for await (const chunk of bytesOf(channel.errors)) tail.push(chunk)
}
