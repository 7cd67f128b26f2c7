import type { Observation } from '../model/facts.ts'
import type { HostName } from '../model/names.ts'
import { StageError } from '../model/stage-error.ts'
import { RemoteRefusal } from '../remote/remote-refusal.ts'
import { printable } from '../shell/printable.ts'

/** A host that said nothing, and why. */
export type Unread = Extract<Observation, { readonly kind: 'unread' }>

/** What went wrong on one host is said about that host; what nobody expected is said whole. */
export function unread(host: HostName, error: unknown): Unread {
  if (error instanceof StageError) {
    // A refusal is in the words of the host: one line, whatever stands in it.
    const reason = error instanceof RemoteRefusal ? printable(error.reason) : error.reason
    return { kind: 'unread', host, code: error.code, reason, hint: error.hint }
  }
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { kind: 'unread', host, code: 'bug', reason, hint: undefined }
}
