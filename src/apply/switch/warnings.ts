import type { RequestOptions } from '../../remote/open-request.ts'
import type { HostRun, Run } from '../run.ts'

const SPEAKER = 'stage-deploy: '

/**
 * Says what a host warns of while it switches. A journal that took no line refuses nothing, and yet decides what the next
 * run does: it is never passed over.
 */
export const warnings = ({ deps }: Run, { plan }: HostRun): RequestOptions => ({
  onOutput: (_stream, line) => {
    const message = line.startsWith(SPEAKER) ? line.slice(SPEAKER.length) : line
    deps.emit({ type: 'notice', host: plan.host, message })
  },
})
