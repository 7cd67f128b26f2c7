import type { Answer, Body, RequestName } from '../remote/messages.ts'
import type { RequestOptions } from '../remote/open-request.ts'
import { filesOrLost } from './answered-or-lost.ts'
import type { HostRun, Run } from './run.ts'

/**
 * Asks a host for work on files. A disk that answers nobody (a dead network mount, a failing device) holds up the thread that
 * waits for it, while the host's heart beats on: such a host is given up after a limit of its own.
 *
 * @throws StageError `connection-lost` when the limit is over; RemoteRefusal when the host says no
 */
export function fileWork<N extends RequestName>(
  { limits }: Pick<Run, 'limits'>,
  host: HostRun,
  name: N,
  body: Body<N>,
  options?: RequestOptions,
): Promise<Answer<N>> {
  return filesOrLost(limits.filesMs, host, name, host.end.request(name, body, options))
}
