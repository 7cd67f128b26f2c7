import type { Fact } from 'stage-deploy'
import { saidIn } from '../facts/host-answer.ts'
import { hostFact } from './host-program.ts'
import type { ServiceSettings } from './settings.ts'

/** What one host says of itself and of its managers. */
export interface ServiceFacts {
  /** The deploy account. */
  readonly user: string
  readonly home: string
  /** Was it booted with systemd? */
  readonly systemd: boolean
  /** Do the account's services outlive its last session, and start at boot? */
  readonly linger: boolean
  /** Does a manager of the account's units run? */
  readonly userManager: boolean
  /** Does supervisord answer? Undefined: it takes root to ask, or nobody asked. */
  readonly supervisor: boolean | undefined
  /** The first line of each definition that is there, by its path. */
  readonly definitions: ReadonlyMap<string, string>
  /** Why they could not be listed; undefined: they could. */
  readonly unlisted: string | undefined
  /** By stage the only account that can read its variables, but for root. Not in it: there are none, or others can read them. */
  readonly readers: ReadonlyMap<string, string>
}

/** Asks for everything that a check or a path depends on. */
export function serviceFacts({ name, manager, supervisor }: ServiceSettings): Fact<ServiceFacts> {
  return hostFact('facts', { name, manager, ...supervisor }, readFacts)
}

function readFacts(out: string): ServiceFacts {
  const { value, text } = saidIn(out)
  const texts = (key: string): ReadonlyMap<string, string> =>
    new Map(Object.entries(value(key) ?? {}).map(([name, entry]) => [name, String(entry)]))
  const supervisor = value('supervisor')
  const unlisted = value('unlisted')
  return {
    user: text('user'),
    home: text('home'),
    systemd: value('systemd') === true,
    linger: value('linger') === true,
    userManager: value('userManager') === true,
    supervisor: typeof supervisor === 'boolean' ? supervisor : undefined,
    definitions: texts('definitions'),
    unlisted: typeof unlisted === 'string' ? unlisted : undefined,
    readers: texts('readers'),
  }
}
