import pLimit from 'p-limit'
import type { HostAuthorization } from '../model/authorization.ts'
import type { HostName } from '../model/names.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import { describe, outcomeOfError } from './outcome-of.ts'

/** A public key that is put on hosts or taken away. */
export interface KeyChange {
  readonly type: string
  /** Base64. */
  readonly blob: string
  readonly comment: string
  readonly revoke: boolean
}

/**
 * Puts the key on every host, or takes it away. Each host runs to its own end; never rejects.
 *
 * @param prove logs in with the key and says why it could not; undefined where its private part is not here
 */
export async function authorize(
  change: KeyChange,
  ends: ReadonlyMap<HostName, RemoteEnd>,
  deps: {
    readonly parallel: number
    readonly signal: AbortSignal
    readonly prove: ((host: HostName) => Promise<string | undefined>) | undefined
  },
): Promise<readonly HostAuthorization[]> {
  const limit = pLimit(deps.parallel)
  const onHost = async (host: HostName, end: RemoteEnd): Promise<HostAuthorization> => {
    try {
      const key = await carryOut(change, end, AbortSignal.any([deps.signal]))
      if (change.revoke || deps.prove === undefined) return { host, key, login: undefined, error: undefined }
      const error = await deps.prove(host)
      return { host, key, login: error === undefined ? 'proven' : 'refused', error }
    } catch (error) {
      return { host, key: undefined, login: undefined, error: describe(outcomeOfError(error)) }
    }
  }
  return Promise.all([...ends].map(([host, end]) => limit(() => onHost(host, end))))
}

async function carryOut(
  { type, blob, comment, revoke }: KeyChange,
  end: RemoteEnd,
  signal: AbortSignal,
): Promise<HostAuthorization['key']> {
  const options = { signal, what: 'its list of keys' }
  if (revoke) {
    const { removed } = await end.request('remove-key', { type, blob }, options)
    return removed > 0 ? 'removed' : 'absent'
  }
  const { was } = await end.request('add-key', { type, blob, comment }, options)
  return was ? 'present' : 'added'
}
