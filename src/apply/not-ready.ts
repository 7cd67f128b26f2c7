import { lockedHint } from '../model/locked.ts'
import { type ExitCode, exitCodes } from '../model/outcome.ts'
import type { Problem } from '../model/problem.ts'
import type { Held, Locked } from './lock.ts'
import { lockedText } from './locked-text.ts'
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
      // Another project came first: since the plan was made something binds the root to it.
      if (locked.refusal === 'other-project')
        return { exit: exitCodes.refused, problems: [problem(locked.refusal, locked.host, locked.reason)] }
      return { exit: exitCodes.notSwitched, problems: [problem('lock', locked.host, locked.reason)] }
    case 'interrupted':
      return { exit: exitCodes.interrupted, problems: [] }
    case 'locked':
      return undefined
  }
}

/** Names the holder, since when, and what for. */
export function heldProblem({ host, lock, holder }: Held): Problem {
  return problem('locked', host, lockedText(lock, holder), lockedHint)
}
