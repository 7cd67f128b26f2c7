import type { Attempt } from './handshake-gate.ts'
import { shedError, tooLate } from './login-errors.ts'
import type { OpensshCalls, OpensshLogin } from './openssh-login.ts'
import { readReport } from './openssh-report.ts'
import { legError } from './ssh-legs.ts'

/** Where ssh's own words begin like this, the server closed before it said who it is: the name of a function of ssh. */
const CLOSED_EARLY = /^kex_exchange_identification:/

/** What ssh says of a server that it has not heard for ServerAliveInterval times ServerAliveCountMax. */
const FELL_SILENT = /^Connection to .* timed out/

/**
 * Finds out why ssh did not log in, once no key of a server was the reason: a key that it presented leaves the login;
 * none means that nobody was reached. ssh's words are passed on, and decide two things only: whether it is worth another
 * attempt, and whether a server refused a login or never answered it.
 *
 * @throws StageError `authentication`, `unreachable`
 */
export async function failedCall(
  calls: OpensshCalls,
  { said, late }: Extract<OpensshLogin, { kind: 'out' }>,
): Promise<Attempt<never>> {
  const report = readReport(
    said,
    calls.map(call => call.marks),
  )
  const last = calls.at(-1) ?? calls[0]
  const { hostKey: mark } = last.marks
  const wasMet = report.hostKeys.has(mark) || report.certified.has(mark)
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
