import type { HostName } from '../../model/names.ts'

/** What a host was found to be on a new connection, when its old remote end was known to be gone. */
export interface Found {
  readonly link: 'old' | 'new' | 'other'
  readonly record: 'kept' | 'open' | 'put-back' | 'none'
  /** How it stands with the steps that were started: all undone, some left to undo, or an undo failed. */
  readonly undo: 'done' | 'due' | 'failed'
  /** Does this run hold the stage's lock again? If another run does, the host is that run's to mend. */
  readonly locked: boolean
}

/** What the machine is told. */
export type SwitchInput =
  | { readonly type: 'armed'; readonly host: HostName }
  /** It refused, or did not confirm in time: then it may be armed all the same. */
  | { readonly type: 'not-armed'; readonly host: HostName }
  /** The barrier is passed: every message leaves in this very turn of the event loop. */
  | { readonly type: 'fire-left' }
  | { readonly type: 'keep-left' }
  | { readonly type: 'fired'; readonly host: HostName }
  | { readonly type: 'not-fired'; readonly host: HostName }
  | { readonly type: 'steps-ended'; readonly ok: boolean }
  | { readonly type: 'kept'; readonly host: HostName }
  | { readonly type: 'not-kept'; readonly host: HostName }
  /** It answered. `clean`: its link reads old, and everything that was started is undone. */
  | { readonly type: 'put-back'; readonly host: HostName; readonly clean: boolean }
  | { readonly type: 'put-back-refused'; readonly host: HostName }
  /** The connection is gone, a message was not answered in time, or the host was silent at a barrier. */
  | { readonly type: 'lost'; readonly host: HostName }
  | { readonly type: 'found'; readonly host: HostName; readonly found: Found }
  | { readonly type: 'not-found'; readonly host: HostName }
  | {
      readonly type: 'forward-ended'
      readonly host: HostName
      readonly as: 'kept' | 'stuck' | 'unknown'
    }
  | { readonly type: 'interrupted' }

/** What the machine wants done. `fire` and `keep` pass a barrier before they leave; what became of it is an input. */
export type SwitchCommand =
  | { readonly type: 'arm'; readonly hosts: readonly HostName[] }
  | { readonly type: 'fire'; readonly hosts: readonly HostName[] }
  | { readonly type: 'run-steps' }
  | { readonly type: 'stop-steps' }
  | { readonly type: 'keep'; readonly hosts: readonly HostName[] }
  | { readonly type: 'put-back'; readonly host: HostName }
  | { readonly type: 'reconnect'; readonly host: HostName }
  | { readonly type: 'forward-again'; readonly host: HostName }
