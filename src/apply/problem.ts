import type { Problem } from '../model/problem.ts'
import { printable } from '../shell/printable.ts'

/** A reason to stop, found while nothing of the plan was done yet; on one line, whatever a host has said in it. */
export const problem = (code: string, where: string, message: string, hint?: string): Problem => ({
  code,
  where,
  message: printable(message),
  hint,
  severity: 'error',
})
