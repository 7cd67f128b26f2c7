import { PassThrough, type Readable, type Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ByteChannel, ByteChannelEnd } from '../../src/remote/byte-channel.ts'

/** A connection within this process: what one side writes the other reads. No host, no SSH. */
export interface LoopbackChannel {
  readonly channel: ByteChannel
  /** The host's side of it. */
  readonly host: {
    readonly input: Readable
    readonly output: Writable
    readonly errors: Writable
    /** The program at the host is over, or the connection broke. */
    end(end: ByteChannelEnd): void
    /** Resolves when either side has ended it. */
    readonly ended: Promise<ByteChannelEnd>
  }
}

export function loopbackChannel(): LoopbackChannel {
  const input = new PassThrough()
  const output = new PassThrough()
  const errors = new PassThrough()
  let settle: (end: ByteChannelEnd) => void = () => undefined
  const ended = new Promise<ByteChannelEnd>(resolve => {
    settle = resolve
  })
  // As with a real connection: writing to one that is gone is an error of the stream, which the writer must bear.
  const end = async (how: ByteChannelEnd) => {
    output.end()
    errors.end()
    input.destroy()
    await finished(output).catch(() => undefined)
    settle(how)
  }
  const close = () => {
    for (const stream of [input, output, errors]) stream.destroy()
    settle({ kind: 'lost', reason: 'closed by the runner' })
  }
  return {
    channel: { input, output, errors, ended, close },
    host: { input, output, errors, ended, end: how => void end(how) },
  }
}
