import type { HostRun, Run } from '../run.ts'
import type { LinkReport } from './switch-messages.ts'

const absent: LinkReport = { kind: 'absent', text: null, revision: null, dangling: false }

/** The stage's link as it is on the host now. Also finds out whether its journal has everything by now. */
export async function readLink({ plan }: Run, host: HostRun): Promise<LinkReport> {
  const { links, unrecorded } = await host.end.request('read-back', { stages: [plan.stage] })
  host.unrecorded = unrecorded ?? undefined
  return links[plan.stage] ?? absent
}
