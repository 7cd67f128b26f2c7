import type { Writable } from 'node:stream'

/** Writes whole lines to a stream that may go away. */
export interface LineWriter {
  readonly write: (line: string) => void
  /** Resolves when everything written so far was taken by the stream, or when the stream is gone. */
  readonly flush: () => Promise<void>
}

/**
 * A writer that outlives its stream: once the stream has failed (a closed pipe: `deploy … | head`), lines are
 * dropped. Losing the reader of a report must never break the run that is reported.
 */
export function createLineWriter(stream: Writable): LineWriter {
  let gone = false
  stream.on('error', () => {
    gone = true
  })
  const usable = () => !gone && !stream.destroyed && !stream.writableEnded
  return {
    write: line => {
      if (usable()) stream.write(`${line}\n`)
    },
    flush: () =>
      new Promise(resolve => {
        if (!usable()) return resolve()
        stream.once('close', resolve)
        stream.write('', () => {
          stream.off('close', resolve)
          resolve()
        })
      }),
  }
}
