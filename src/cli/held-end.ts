import type { Emit } from '../model/event.ts'
import type { RunFinished } from '../report/run-recorder.ts'

/** Keeps back the last event of a run until it is released, so that what comes of telling others stands before it. */
export interface HeldEnd {
  readonly emit: Emit
  /** Undefined: the run did not come to its end. */
  readonly finished: () => RunFinished | undefined
  readonly release: () => void
}

/** @param clock milliseconds since the epoch */
export function holdEnd(emit: Emit, clock: () => number): HeldEnd {
  let finished: RunFinished | undefined
  return {
    emit: event => {
      if (event.type === 'run-finished') finished = { ...event, atMs: clock() }
      else emit(event)
    },
    finished: () => finished,
    release: () => {
      if (finished !== undefined) emit(finished)
    },
  }
}
