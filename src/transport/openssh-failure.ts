import { StageError } from '../model/stage-error.ts'
import type { Attempt } from './handshake-gate.ts'
import { createHostKeyGuard } from './host-key-guard.ts'
import { shedError, tooLate } from './login-errors.ts'
import type { OpensshCall } from './openssh-arguments.ts'
import { readReport } from './openssh-report.ts'
import { legError } from './ssh-legs.ts'

/** A call of ssh that did not log in. */
export interface FailedCall {
  /** In the order in which the servers are met; the destination is the last. */
  readonly calls: readonly OpensshCall[]
  /** All that stood on ssh's standard error. */
  readonly said: string
  /** Whether it was ended because time was up. */
  readonly late: boolean
}

/** Where ssh's own words begin like this, the server closed before it said who it is: the name of a function of ssh. */
const CLOSED_EARLY = /^kex_exchange_identification:/

/** What ssh says of a server that it has not heard for ServerAliveInterval times ServerAliveCountMax. */
const FELL_SILENT = /^Connection to .* timed out/

/**
 * Finds out why ssh did not log in. What decides is the key that a server presented, judged by the same rules as
 * everywhere: a key that is not trusted is the reason; a trusted one leaves the login; none means that nobody was
 * reached. ssh's words are passed on, and decide two things only: whether it is worth another attempt, and whether a
 * server refused a login or never answered it.
 *
 * @throws StageError `host-key-…`, `authentication`, `unreachable`
 */
export async function failedCall({ calls, said, late }: FailedCall): Promise<Attempt<never>> {
  const report = readReport(
    said,
    calls.map(call => call.marks),
  )
  for (const call of calls) {
    const blob = report.hostKeys.get(call.marks.hostKey)
    // By now ssh has recorded what it was to record.
    const leg = { ...call, destination: { ...call.destination, hostKeys: 'strict' as const } }
    const refusal = blob === undefined ? undefined : (await createHostKeyGuard(leg)).refuse(blob)
    if (refusal !== undefined) throw refusal
  }
  const last = calls.at(-1)
  if (last === undefined) throw new StageError('bug', 'ssh was called for no host')
  const wasMet = report.hostKeys.has(last.marks.hostKey)
  if (late) throw tooLate(last, wasMet ? 'login' : 'connecting', last.route.connectTimeoutMs)
  const words = report.words.join(' / ')
  if (wasMet && report.words.some(line => FELL_SILENT.test(line))) {
    throw legError(last, 'unreachable', `did not finish the login; ssh says: ${words}`, {
      hint: 'see that the host is up and its sshd answers',
    })
  }
  if (wasMet) {
    throw legError(last, 'authentication', `does not let ${last.route.user} in; ssh says: ${words}`, {
      hint: 'ssh asks no questions here: an encrypted key has to be in the agent (ssh-add), a password is no way',
    })
  }
  if (report.words.some(line => CLOSED_EARLY.test(line)))
    return { kind: 'shed', error: shedError(last, words) }
  throw legError(last, 'unreachable', `cannot be reached; ssh says: ${words}`)
}
