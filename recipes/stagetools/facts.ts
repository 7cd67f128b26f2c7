import { type Fact, pythonFact } from 'stage-deploy'
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
  const found: unknown = JSON.parse(out)
  const said = new Map(Object.entries(typeof found === 'object' && found !== null ? found : {}))
  const text = (key: string): string => {
    const value = said.get(key)
    if (typeof value !== 'string') throw new Error(`the host did not say its ${key}`)
    return value
  }
  return { user: text('user'), group: text('group'), host: text('host') }
}
