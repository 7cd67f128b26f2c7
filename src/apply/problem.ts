import type { Problem } from '../model/problem.ts'

/** A reason to stop, found while nothing of the plan was done yet. */
export const problem = (code: string, where: string, message: string, hint?: string): Problem => ({
  code,
  where,
  message,
  hint,
  severity: 'error',
})
