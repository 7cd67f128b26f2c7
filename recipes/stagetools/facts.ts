import { type Fact, pythonFact } from 'stage-deploy'
import { saidIn } from '../facts/host-answer.ts'
import { hostProgram } from './host-program.ts'

/** What a host says, whatever an application says. */
export interface AccountFacts {
  /** The deploy account. */
  readonly user: string
  /** Its primary group. */
  readonly group: string
  /** The host's name for itself. */
  readonly host: string
}

/** Asks the system's own databases of users and groups. */
export const accountFact = (): Fact<AccountFacts> => pythonFact(hostProgram('account'), readAccount)

function readAccount(out: string): AccountFacts {
  const { text } = saidIn(out)
  return { user: text('user'), group: text('group'), host: text('host') }
}
