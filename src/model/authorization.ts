import type { HostName } from './names.ts'

/** What became of a public key on one host. */
export interface HostAuthorization {
  readonly host: HostName
  /** `present`, `absent`: it was so before. Undefined: nothing was changed there, `error` says why. */
  readonly key: 'added' | 'present' | 'removed' | 'absent' | undefined
  /** Whether the key opens the host now; undefined where that was not tried: its private part is not here. */
  readonly login: 'proven' | 'refused' | undefined
  readonly error: string | undefined
}
