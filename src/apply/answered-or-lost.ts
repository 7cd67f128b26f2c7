import type { HostName } from '../model/names.ts'
import { StageError } from '../model/stage-error.ts'
import { answeredWhileMoving } from '../remote/answered-within.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import { RemoteRefusal } from '../remote/remote-refusal.ts'

/** One host and the connection that is given up. */
interface Asked {
  readonly end: RemoteEnd
  readonly plan: { readonly host: HostName }
}

/**
 * Asks a host for something, and gives its connection up where the answer does not come in time: the host may still be at it,
 * and nothing that is asked for later may meet that. Its remote end sees the end of its input, and acts without us.
 *
 * @throws StageError `connection-lost` when the limit is over; what the request throws
 */
export function answeredOrLost<T>(
  limitMs: number,
  host: Asked,
  what: string,
  answer: Promise<T>,
): Promise<T> {
  return askedOrLost(limitMs, host, { what }, () => answer)
}

/** The option that lengthens all work on files. */
const FILE_TIMEOUT = '`fileTimeout`'

/** The same for work on files. */
export function filesOrLost<T>(limitMs: number, host: Asked, what: string, answer: Promise<T>): Promise<T> {
  return movingOrLost(limitMs, host, what, () => answer)
}

/** For files that may take as long as they like while they move: the limit begins anew with every call of `moved`. */
export function movingOrLost<T>(
  limitMs: number,
  host: Asked,
  what: string,
  ask: (moved: () => void) => Promise<T>,
): Promise<T> {
  return askedOrLost(limitMs, host, { what, option: FILE_TIMEOUT }, ask)
}

async function askedOrLost<T>(
  limitMs: number,
  { end, plan }: Asked,
  about: { readonly what: string; readonly option?: string },
  ask: (moved: () => void) => Promise<T>,
): Promise<T> {
  try {
    return await answeredWhileMoving(limitMs, { host: plan.host, ...about }, ask)
  } catch (error) {
    const isLate = error instanceof StageError && error.code === 'connection-lost'
    if (isLate && !(error instanceof RemoteRefusal)) end.kill(error.reason)
    throw error
  }
}
