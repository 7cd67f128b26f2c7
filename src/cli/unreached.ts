import type { Problem } from '../model/problem.ts'
import type { Unread } from '../observe/unread.ts'

/** Why hosts were not reached, as what is wrong with each of them. */
export const unreachedProblems = (unreached: readonly Unread[]): readonly Problem[] =>
  unreached.map(({ host, code, reason, hint }) => ({
    ...{ code, where: host, message: reason, hint, severity: 'error' as const },
  }))
