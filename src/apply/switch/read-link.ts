import type { HostRun, Run } from '../run.ts'
import type { LinkReport } from './switch-messages.ts'

const absent: LinkReport = { kind: 'absent', text: null, revision: null, dangling: false }

/**
 * The stage's link as it is on the host now. Also finds out whether its journal has everything by now.
 *
 * @param keepsConnection where the host does not answer in time: by default whoever asks decides about the connection
 */
export async function readLink(
  { plan, limits }: Run,
  host: HostRun,
  { keepsConnection = true }: { readonly keepsConnection?: boolean } = {},
): Promise<LinkReport> {
  const { links, unrecorded } = await host.end.request(
    'read-back',
    { stages: [plan.stage] },
    { limitMs: limits.readBackMs, what: 'read back', keepsConnection },
  )
  host.unrecorded = unrecorded ?? undefined
  return links[plan.stage] ?? absent
}
