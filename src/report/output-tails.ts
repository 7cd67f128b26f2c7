import type { Event } from '../model/event.ts'
import type { HostName } from '../model/names.ts'

/** How much of a failed step's output is repeated; all of it is in the log. */
export const TAIL_LINES = 20
/** Of a longer line, in UTF-16 units, the beginning is kept. */
const LONGEST_LINE = 2_000

/** Keeps the end of the output of every step that is running: memory is bounded whatever a step prints. */
export interface OutputTails {
  readonly handle: (event: Event) => void
  /** The last lines of a step, oldest first; both streams, in the order in which they came. */
  readonly of: (host: HostName, step: string) => readonly string[]
}

/** Tails of the steps of a run. Those of a step that ended well are forgotten. */
export function createOutputTails(): OutputTails {
  const tails = new Map<string, string[]>()
  const keyOf = (host: HostName, step: string) => JSON.stringify([host, step])
  return {
    handle: event => {
      if (event.type === 'output') {
        const key = keyOf(event.host, event.step)
        const tail = tails.get(key) ?? []
        if (tail.push(event.line.slice(0, LONGEST_LINE)) > TAIL_LINES) tail.shift()
        tails.set(key, tail)
      }
      // A step that is started again, to undo what it did, begins with nothing.
      if (event.type === 'step-started') tails.delete(keyOf(event.host, event.step))
      if (event.type === 'step-finished' && event.outcome.kind === 'ok') {
        tails.delete(keyOf(event.host, event.step))
      }
    },
    of: (host, step) => [...(tails.get(keyOf(host, step)) ?? [])],
  }
}
