import { PassThrough, type Readable, type Writable } from 'node:stream'
import type { Channel, ChannelEnd } from './channel.ts'
import { guardedInput } from './guarded-input.ts'

/** A program that has been started somewhere, by whatever means. */
export interface RunningProgram {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Settles, and never rejects, once the program is over and both outputs have ended. */
  readonly over: Promise<ChannelEnd>
  /** Lets go of the program and of the way to it, at once. */
  cut(): void
}

/** Makes a channel of a running program: the same behaviour at every end, whatever carries it. */
export function programChannel(program: RunningProgram): Channel {
  const input = guardedInput(program.stdin)
  const output = relay(program.stdout)
  const errors = relay(program.stderr)
  let closed = false
  let settle: (end: ChannelEnd) => void = () => {}
  const ended = new Promise<ChannelEnd>(resolve => {
    settle = resolve
  })
  void program.over.then(async end => {
    await Promise.all([delivered(output), delivered(errors)])
    input.destroy()
    settle(end)
  })
  return {
    input,
    output,
    errors,
    ended,
    close() {
      if (closed) return
      closed = true
      program.cut()
      // A program that had ended already keeps its end: `over` came first, and this is then too late.
      void program.over.then(settle)
      for (const stream of [input, output, errors]) stream.destroy()
      setImmediate(() => settle({ kind: 'lost', reason: 'the channel was closed on this side' }))
    },
  }
}

/** A stream of our own, for those of a child process are emptied on its exit whether anybody reads them or not. */
function relay(source: Readable): PassThrough {
  const copy = new PassThrough()
  copy.on('error', () => undefined)
  // A broken source ends the copy: what arrived is delivered, and the program's end says that it broke.
  source.on('error', () => copy.end())
  // ssh2 may close without an end when the connection is lost.
  source.on('close', () => copy.end())
  source.pipe(copy)
  return copy
}

/** Settles when whoever reads the stream has had all of it; at once where nobody does. */
function delivered(stream: Readable): Promise<void> {
  if (stream.readableEnded || stream.destroyed || stream.readableFlowing === null) return Promise.resolve()
  return new Promise(resolve => stream.once('end', resolve).once('close', resolve))
}
