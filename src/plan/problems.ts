import type { Problem } from '../model/problem.ts'

/** A reason not to start. `where` is the host, or the stage if it is about all of them. */
export const refusal = (code: string, where: string, message: string, hint?: string): Problem => ({
  code,
  where,
  message,
  hint,
  severity: 'error',
})

/** Something to be said that does not stop the run. */
export const warning = (code: string, where: string, message: string, hint?: string): Problem => ({
  ...refusal(code, where, message, hint),
  severity: 'warning',
})
