import type { Event } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'

/** Problems that are held back until something else happens. */
export interface ProblemGatherer {
  /** @returns what is to be shown before this event: the problems gathered so far, when it is not a further one */
  readonly before: (event: Event) => readonly Problem[]
  /** @returns what is still to be shown when no event follows */
  readonly rest: () => readonly Problem[]
}

/** Gathers problems, so that one fault of many hosts is shown as one paragraph and not once for each. */
export function createProblemGatherer(): ProblemGatherer {
  let waiting: Problem[] = []
  const rest = (): readonly Problem[] => {
    const gathered = waiting
    waiting = []
    return gathered
  }
  return {
    before: event => {
      if (event.type !== 'problem') return rest()
      waiting.push(event.problem)
      return []
    },
    rest,
  }
}
