import type { Observation } from '../model/facts.ts'
import type { HostName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import { printable } from '../shell/printable.ts'

/**
 * A reason not to start. `where` is the host, or the stage if it is about all of them. The message is one line, whatever
 * a host has said in it.
 */
export const refusal = (code: string, where: string, message: string, hint?: string): Problem => ({
  code,
  where,
  message: printable(message),
  hint,
  severity: 'error',
})

/** Something to be said that does not stop the run. */
export const warning = (code: string, where: string, message: string, hint?: string): Problem => ({
  ...refusal(code, where, message, hint),
  severity: 'warning',
})

/** Why a host could not be read. What a login printed in place of Python stands below it, each line behind a mark. */
export const unreadProblem = (
  host: HostName,
  { code, reason, hint }: Extract<Observation, { kind: 'unread' }>,
): Problem => ({ ...refusal(code, host, '', hint), message: reason })
