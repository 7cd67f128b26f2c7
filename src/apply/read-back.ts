import type { HostResult } from '../model/event.ts'
import type { HostName } from '../model/names.ts'
import type { HostRun, Run } from './run.ts'
import { liveIn } from './switch/switch-messages.ts'
import { within } from './within.ts'

const READ_BACK_LIMIT_MS = 10_000

/** How every host ended, from what its link says now. A host that cannot be read is said to be unread. */
export async function readBack(run: Run): Promise<Readonly<Record<HostName, HostResult>>> {
  const results = await Promise.all(
    [...run.hosts.values()].map(async host => [host.plan.host, await readHost(run, host)] as const),
  )
  return Object.fromEntries(results)
}

async function readHost(run: Run, host: HostRun): Promise<HostResult> {
  const { stage } = run.plan
  const unread = { live: host.plan.live, readBack: false, outcome: host.outcome }
  if (host.end.isLost) return unread
  try {
    const { links } = await within(
      READ_BACK_LIMIT_MS,
      'read back',
      host.end.request('read-back', { stages: [stage] }),
    )
    const link = links[stage]
    return { live: link === undefined ? undefined : liveIn(link), readBack: true, outcome: host.outcome }
  } catch {
    return unread
  }
}
