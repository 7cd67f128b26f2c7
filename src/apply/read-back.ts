import type { HostResult } from '../model/event.ts'
import type { HostName } from '../model/names.ts'
import { type Outcome, unknown } from '../model/outcome.ts'
import type { HostRun, Run } from './run.ts'
import { readLink } from './switch/read-link.ts'
import { liveIn } from './switch/switch-messages.ts'

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

/** How every host ended, as far as it is known now. */
export function hostResults(run: Run): Readonly<Record<HostName, HostResult>> {
  const entries = [...run.hosts.values()].map(host => {
    const { live, readBack: link } = host
    return [host.plan.host, { live, readBack: link !== undefined, outcome: knownOutcome(run, host) }] as const
  })
  return Object.fromEntries(entries)
}

function knownOutcome(run: Run, host: HostRun): Outcome {
  return isMidSwitch(run) ? unknown('it was left in the middle of the switch') : host.outcome
}

/** May a link of the fleet still move, when this run lets go of its hosts? Then nothing that is read now will last. */
export const isMidSwitch = ({ progress }: Run): boolean => progress.fireLeft && progress.verdict === undefined
