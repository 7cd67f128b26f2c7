import type { HostResult } from '../model/event.ts'
import type { HostName } from '../model/names.ts'
import { cancelled, type ExitCode, exitCodes, type Outcome, unknown } from '../model/outcome.ts'
import type { HostRun, Run } from './run.ts'
import { readLink } from './switch/read-link.ts'
import { liveIn, readsNew } from './switch/switch-messages.ts'

/** Reads how every host ended, from what its link says now. A host that cannot be read keeps what was last known. */
export async function readBack(run: Run): Promise<void> {
  await Promise.all([...run.hosts.values()].map(host => readHost(run, host)))
}

async function readHost(run: Run, host: HostRun): Promise<void> {
  if (host.end.isLost) return
  try {
    const link = await readLink(run, host)
    host.live = liveIn(link)
    host.readBack = link
  } catch {
    // Then it is said to be unread.
  }
}

/** How every host ended, as far as it is known now, in a run that ends with `exit`. */
export function hostResults(run: Run, exit: ExitCode): Readonly<Record<HostName, HostResult>> {
  const entries = [...run.hosts.values()].map(host => {
    const { live, readBack: link } = host
    const outcome = exit === exitCodes.done ? knownOutcome(run, host) : outcomeInFailure(run, host)
    return [host.plan.host, { live, readBack: link !== undefined, outcome }] as const
  })
  return Object.fromEntries(entries)
}

/** A run that failed somewhere has done nothing on a host that finished its own part, unless the switch stands there. */
function outcomeInFailure(run: Run, host: HostRun): Outcome {
  const outcome = knownOutcome(run, host)
  const stands = host.readBack !== undefined && readsNew(host.readBack, host)
  return outcome.kind === 'ok' && !(stands && run.progress.fireLeft) ? cancelled : outcome
}

function knownOutcome(run: Run, host: HostRun): Outcome {
  return isMidSwitch(run) ? unknown('it was left in the middle of the switch') : host.outcome
}

/** May a link of the fleet still move, when this run lets go of its hosts? Then nothing that is read now will last. */
export const isMidSwitch = ({ progress }: Run): boolean => progress.fireLeft && progress.verdict === undefined
