import type { HostName, Intent, PhaseName, RevisionName, StageName } from './names.ts'
import type { ExitCode, Outcome } from './outcome.ts'
import type { Problem } from './problem.ts'

/** How one host ended, read back from the host. */
export interface HostResult {
  /** What the link names now; undefined: no link, or a link that names no revision. */
  readonly live: RevisionName | undefined
  /** `false`: the host could not be read at the end, `live` is what was last known. */
  readonly readBack: boolean
  readonly outcome: Outcome
}

/**
 * One fact about a run, in order. Everything that is shown derives from these; nothing else is output.
 * Every event carries `atMs`, the runner's clock. Types and payloads are stable: `docs/events.md`.
 */
export type Event = { readonly atMs: number } & (
  | {
      readonly type: 'run-started'
      readonly run: string
      readonly intent: Intent
      readonly project: string
      readonly stage: StageName
      readonly revision: RevisionName
      readonly hosts: readonly HostName[]
    }
  | { readonly type: 'host-connected'; readonly host: HostName; readonly durationMs: number }
  | { readonly type: 'phase-started'; readonly phase: PhaseName; readonly hosts: readonly HostName[] }
  | { readonly type: 'phase-finished'; readonly phase: PhaseName; readonly durationMs: number }
  | { readonly type: 'step-started'; readonly host: HostName; readonly step: string; readonly title: string }
  | {
      /** A step that was begun has nothing to do before another host has built; what it does then is `progress`. */
      readonly type: 'waiting'
      readonly host: HostName
      readonly step: string
      readonly for: HostName
    }
  | {
      readonly type: 'progress'
      readonly host: HostName
      readonly step: string
      readonly done: number
      readonly total: number
    }
  | {
      readonly type: 'output'
      readonly host: HostName
      readonly step: string
      readonly stream: 'stdout' | 'stderr'
      readonly line: string
    }
  | {
      readonly type: 'step-finished'
      readonly host: HostName
      readonly step: string
      readonly title: string
      readonly outcome: Outcome
      readonly durationMs: number
    }
  | {
      /** What `deploy run` ran came to its end on one host. */
      readonly type: 'command-finished'
      readonly host: HostName
      readonly outcome: Outcome
      /** Its exit status; undefined where it has none: it was killed, never started, or nobody knows. */
      readonly code: number | undefined
      readonly durationMs: number
    }
  | {
      readonly type: 'switched'
      readonly host: HostName
      readonly from: RevisionName | undefined
      readonly to: RevisionName | undefined
      /** The host's own clock at the rename, ISO 8601 with microseconds. */
      readonly at: string
    }
  | {
      readonly type: 'put-back'
      readonly host: HostName
      readonly to: RevisionName | undefined
      readonly outcome: Outcome
    }
  | { readonly type: 'kept'; readonly host: HostName; readonly live: RevisionName | undefined }
  /** The verdict is on the host's disk: this revision is not switched to there any more. */
  | {
      readonly type: 'rejected'
      readonly host: HostName
      readonly revision: RevisionName
      readonly reason: string
    }
  | { readonly type: 'notice'; readonly host: HostName | undefined; readonly message: string }
  | { readonly type: 'problem'; readonly problem: Problem }
  | {
      readonly type: 'run-finished'
      readonly exit: ExitCode
      /** What only whoever ended it knows; where it is empty, the events before it say how it went. */
      readonly summary: string
      readonly hosts: Readonly<Record<HostName, HostResult>>
      readonly durationMs: number
    }
)

type WithoutTime<E> = E extends unknown ? Omit<E, 'atMs'> : never
/** Says one fact; the clock is added by whoever was given to say it to. */
export type Emit = (event: WithoutTime<Event>) => void
