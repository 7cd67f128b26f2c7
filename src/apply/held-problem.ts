import type { Problem } from '../model/problem.ts'
import type { Locked } from './lock.ts'
import { problem } from './problem.ts'

/** A lock that another run has: names the holder, since when, and what for. */
export function heldProblem({ host, lock, holder }: Extract<Locked, { kind: 'held' }>): Problem {
  if (holder === undefined)
    return problem('locked', host, `${lock} is locked by a run that did not say who it is`)
  const since = new Date(holder.sinceMs).toISOString()
  const message = `${lock} is locked by ${holder.by} from ${holder.from} (process ${holder.pid}) since ${since}: ${holder.command}`
  return problem('locked', host, message, 'wait until that run has ended; the lock goes with it')
}
