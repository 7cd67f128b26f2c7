import type { Writable } from 'node:stream'
import { onScreen } from './on-screen.ts'

/** Writes whole lines to a stream that may go away. */
export interface LineWriter {
  readonly write: (line: string) => void
  /**
   * The same for what may be left out: lines are, while more than a bound waits for a reader that is slower than we write.
   * How many were, is said in the place of the first that is not.
   */
  readonly offer: (line: string) => void
  /** Resolves when everything written so far was taken by the stream, or when the stream is gone. */
  readonly flush: () => Promise<void>
}

/**
 * As much as may wait in memory for whoever reads: seconds of everything that a busy fleet prints. Not reading what hosts print
 * would hold up their heartbeats.
 */
const WAITING_BYTES = 8 * 1024 * 1024

/**
 * What a line takes in memory while it waits, beside its characters: an entry in a list, a text, the objects around them. With
 * Node 20 an empty line was measured at 250 bytes in the buffer of a stream: what is short is bounded by its number.
 */
export const LINE_BYTES = 256

/** What is said of output of steps that was not shown. */
export function outputLeftOut(count: number): string {
  const what = count === 1 ? '1 line that a step printed is' : `${count} lines that steps printed are`
  return `${what} left out here: they came faster than this is read. The log has all of them.`
}

/** What is said of output that was not shown, and that no log has. */
export function outputLost(count: number): string {
  return `${count === 1 ? '1 line is' : `${count} lines are`} left out here: they came faster than this is read.`
}

/**
 * A writer that outlives its stream: once the stream has failed (a closed pipe: `deploy … | head`), lines are
 * dropped. Losing the reader of a report must never break the run that is reported.
 *
 * @param leftOutLine what to write in the place of lines that were offered and left out
 * @param waitingBytes how much memory what waits for the stream may take, above which what is offered is left out
 */
export function createLineWriter(
  stream: Writable,
  leftOutLine: (count: number) => string,
  waitingBytes: number = WAITING_BYTES,
): LineWriter {
  let gone = false
  let leftOut = 0
  let waitingLines = 0
  const taken = () => {
    waitingLines -= 1
  }
  stream.on('error', () => {
    gone = true
  })
  const usable = () => !gone && !stream.destroyed && !stream.writableEnded
  const write = (line: string) => {
    if (!usable()) return
    waitingLines += 1
    stream.write(`${onScreen(line)}\n`, taken)
  }
  const sayLeftOut = () => {
    if (leftOut > 0) write(leftOutLine(leftOut))
    leftOut = 0
  }
  return {
    write: line => {
      sayLeftOut()
      write(line)
    },
    offer: line => {
      if (stream.writableLength + waitingLines * LINE_BYTES > waitingBytes) leftOut += 1
      else {
        sayLeftOut()
        write(line)
      }
    },
    flush: () =>
      new Promise(resolve => {
        sayLeftOut()
        if (!usable()) return resolve()
        stream.once('close', resolve)
        stream.write('', () => {
          stream.off('close', resolve)
          resolve()
        })
      }),
  }
}
