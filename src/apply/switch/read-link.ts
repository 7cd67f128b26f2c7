import type { HostRun, Run } from '../run.ts'
import type { LinkReport } from './switch-messages.ts'

const absent: LinkReport = { kind: 'absent', text: null, revision: null, dangling: false }

/** The stage's link as it is on the host now. */
export async function readLink({ plan }: Run, { end }: HostRun): Promise<LinkReport> {
  const { links } = await end.request('read-back', { stages: [plan.stage] })
  return links[plan.stage] ?? absent
}
