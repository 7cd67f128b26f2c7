import type { HostName } from '../model/names.ts'
import { StageError } from '../model/stage-error.ts'
import { answeredWithin, OBSERVE_MS } from '../remote/answered-within.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import { RemoteRefusal } from '../remote/remote-refusal.ts'

/** What ends the wait for an answer. */
export interface Patience {
  /** Stops the host's programs; the answer is then an answer or a refusal. */
  readonly signal?: AbortSignal
  /** Does not wait for an answer any more. */
  readonly abandoned?: AbortSignal
  /** A disk that answers nobody holds up whoever looks at it, while the host's heart beats on. */
  readonly limitMs?: number
}

/** Resolves like the answer. Rejects with StageError; where it was waited for no longer, the connection is given up. */
export function patiently<T>(
  end: RemoteEnd,
  asked: { readonly host: HostName; readonly what: string; readonly option?: string },
  answer: Promise<T>,
  { abandoned, limitMs = OBSERVE_MS }: Patience = {},
): Promise<T> {
  return givingUp(end, answeredWithin(limitMs, asked, unlessAbandoned(answer, abandoned)))
}

/** A host that did not answer is still at it, and would answer what nobody waits for: it is not asked again on this connection. */
async function givingUp<T>(end: RemoteEnd, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof StageError && !(error instanceof RemoteRefusal)) end.kill()
    throw error
  }
}

async function unlessAbandoned<T>(answer: Promise<T>, abandoned: AbortSignal | undefined): Promise<T> {
  if (abandoned === undefined) return answer
  let leave: () => void = () => undefined
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(new StageError('interrupted', 'its answer was not waited for'))
    abandoned.addEventListener('abort', leave, { once: true })
    if (abandoned.aborted) leave()
  })
  try {
    return await Promise.race([answer, left])
  } finally {
    abandoned.removeEventListener('abort', leave)
  }
}
