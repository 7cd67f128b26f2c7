import { type ExitCode, exitCodes } from '../model/outcome.ts'
import type { Problem } from '../model/problem.ts'
import type { Held, Locked } from './lock.ts'
import { problem } from './problem.ts'

/** Why nothing that was wanted is done. */
export interface NotReady {
  readonly exit: ExitCode
  readonly problems: readonly Problem[]
}

/** What it means that the locks were not taken; undefined: they were. */
export function notLocked(locked: Locked): NotReady | undefined {
  switch (locked.kind) {
    case 'held':
      return { exit: exitCodes.locked, problems: [heldProblem(locked)] }
    case 'failed':
      return { exit: exitCodes.notSwitched, problems: [problem('lock', locked.host, locked.reason)] }
    case 'interrupted':
      return { exit: exitCodes.interrupted, problems: [] }
    case 'locked':
      return undefined
  }
}

/** Names the holder, since when, and what for. */
export function heldProblem({ host, lock, holder }: Held): Problem {
  if (holder === undefined)
    return problem('locked', host, `${lock} is locked by a run that did not say who it is`)
  const since = new Date(holder.sinceMs).toISOString()
  const message = `${lock} is locked by ${holder.by} from ${holder.from} (process ${holder.pid}) since ${since}: ${holder.command}`
  return problem('locked', host, message, 'wait until that run has ended; the lock goes with it')
}
