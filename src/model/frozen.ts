import type { Freeze } from './facts.ts'
import { momentText } from './moment.ts'
import type { HostName, StageName } from './names.ts'
import type { Problem } from './problem.ts'

/** Why nothing may change a stage on this host: who froze it, since when, why, and the command that ends it. */
export function frozenProblem(host: HostName, stage: StageName, freeze: Freeze): Problem {
  const { by, from, sinceMs, reason } = freeze
  return {
    code: 'frozen',
    where: host,
    message: `${stage} is frozen by ${by} from ${from} since ${momentText(sinceMs)}: ${reason}`,
    hint: `\`deploy unlock ${stage}\` ends that`,
    severity: 'error',
  }
}
