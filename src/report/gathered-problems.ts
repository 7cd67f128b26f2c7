import type { Event } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'

/**
 * Holds problems back until something else happens, so that one fault of many hosts is shown as one paragraph and
 * not once for each.
 *
 * @returns what is to be shown before this event: the problems gathered so far, when it is not a further one
 */
export function createProblemGatherer(): (event: Event) => readonly Problem[] {
  let waiting: Problem[] = []
  return event => {
    if (event.type === 'problem') {
      waiting.push(event.problem)
      return []
    }
    const gathered = waiting
    waiting = []
    return gathered
  }
}
