import type { Program } from './bundle.ts'
import { type ByteChannel, bytesOf } from './byte-channel.ts'
import { type Greeting, GreetingReader } from './greeting.ts'
import { Connection, type RemoteEnd, type RemoteEndOptions, SETTLE_MS } from './remote-end.ts'
import { type InputTaken, startFailure } from './start-failure.ts'
import { printableLines, Tail } from './tail.ts'
import { within } from './within.ts'

const MAX_ERROR_TEXT = 64 * 1024
const SHOWN_LINES = 5

/** A remote end of which nobody knows yet whether it begins. */
export interface StartingRemoteEnd {
  /** What is asked of it now travels right behind the program: one flight for all. */
  readonly end: RemoteEnd
  /**
   * Settles when it speaks. Rejects with StageError `remote-end` (no Python, too old, ended, no answer in time) or
   * `connection-lost`, and so does everything that was asked; the channel is closed then.
   */
  readonly begun: Promise<RemoteEnd>
}

/**
 * Waits until the Python that was started with `startCommand` says that it listens, feeds the program to it, and waits
 * until that speaks. Before, not one byte is sent: a login may have started another program in place of Python, and
 * a shell would execute whatever it reads. That costs no round trip, for Python says so unasked.
 */
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
  // An interpreter that goes before it has read all: that its input breaks tells nothing that its end does not.
  channel.input.on('error', () => undefined)
  const end = new Connection(channel, options, errors)
  return { end, begun: begun(end, { channel, program, nonce, options, errors, errorsRead }) }
}

interface Beginning {
  readonly channel: ByteChannel
  readonly program: Program
  readonly nonce: string
  readonly options: RemoteEndOptions
  readonly errors: Tail
  readonly errorsRead: Promise<void>
}

async function begun(connection: Connection, beginning: Beginning): Promise<RemoteEnd> {
  const { channel, program, nonce, options, errors, errorsRead } = beginning
  const { host, startTimeoutMs } = options
  const output = bytesOf(channel.output)
  const reader = new GreetingReader(nonce, output)
  let listens = false
  const listening = reader.read('listening')
  const ready = async (): Promise<Greeting> => {
    const first = await listening
    if (first.kind !== 'said') return first
    listens = true
    connection.feed(program.bytes)
    return reader.read('ready')
  }
  const greeting = await within(startTimeoutMs, ready())
  if (greeting?.kind === 'said') {
    if (reader.noise.length > 0) options.onNoise?.(reader.noise.toString('utf8'))
    return connection.begin({ rest: greeting.rest, output, errorsRead })
  }
  const taken = greeting === undefined && !listens ? await whoHasTheInput(channel, listening) : undefined
  const ends = Promise.all([channel.ended, errorsRead])
  const isOver = greeting?.kind === 'ended' || taken === 'by another program'
  const end = isOver ? (await within(SETTLE_MS, ends))?.[0] : undefined
  channel.close()
  const printed = [...printableLines(reader.noise).slice(-SHOWN_LINES), ...errors.lines(SHOWN_LINES)]
  const failure = startFailure({ host, startTimeoutMs, greeting, listens, taken, end, printed })
  connection.neverBegan(failure)
  throw failure
}

/**
 * Nothing has come of the login in time. To close its input, which has not had one byte, tells what sits there: a
 * program in place of Python ends, and what only wanted an answer gives up, so that Python is started after all.
 */
async function whoHasTheInput(
  channel: ByteChannel,
  listening: Promise<Greeting>,
): Promise<InputTaken | undefined> {
  // What was held back for the program stays held back.
  channel.input.end()
  const then = await within(SETTLE_MS, listening)
  if (then === undefined) return undefined
  return then.kind === 'ended' ? 'by another program' : 'by a question'
}

async function keep(channel: ByteChannel, tail: Tail): Promise<void> {
  for await (const chunk of bytesOf(channel.errors)) tail.push(chunk)
}
