import type { Builder } from './builder.ts'
import type { HostName, RevisionName, StageName } from './names.ts'
import type { SplitStatus } from './status.ts'

/** What stands at one path; owner, group and mode are undefined where nothing does. */
export interface PathFacts {
  /** Below the root; empty: the root itself. */
  readonly path: string
  readonly kind: 'absent' | 'directory' | 'file' | 'link' | 'other'
  readonly owner: string | undefined
  readonly group: string | undefined
  /** Permission bits, those above 0777 included. */
  readonly mode: number | undefined
}

/** How one entry of a sealed tree differs from what was sealed. */
export interface TreeChange {
  readonly path: string
  readonly how:
    | 'changed'
    | 'added'
    | 'removed'
    | 'replaced'
    | 'relinked'
    | 'executable'
    | 'not-executable'
    | 'unread'
    | 'touched'
  /** Of a link that names something else: what it named. */
  readonly was: string | undefined
}

/** Who built what one shared step of the build made: `share` names that. */
export interface SharedBuilder extends Builder {
  readonly share: string
}

/** The live revision as it is on disk, beside what its own manifest says. Of long lists only the first are told. */
export interface SealedFacts {
  readonly sha256: string
  readonly treeDigest: string
  /** The full version that its environment was built with; undefined where it has none. */
  readonly python: string | undefined
  readonly executable: string | undefined
  /** Who built what was installed, by shared step. */
  readonly builders: readonly SharedBuilder[]
  /** Why its interpreter is not what it was built with. */
  readonly interpreter: string | undefined
  /** Of the stored sdist; undefined where it is not there. */
  readonly sdist: string | undefined
  /** Links into `shared` that name nothing that is there. */
  readonly dangling: readonly { readonly path: string; readonly target: string }[]
  readonly tree: {
    /** Undefined where not all of it could be read. */
    readonly digest: string | undefined
    readonly listed: boolean
    readonly changes: readonly TreeChange[]
    readonly changesTotal: number
    readonly writable: readonly { readonly path: string; readonly mode: number }[]
    readonly writableTotal: number
    readonly strange: readonly { readonly path: string; readonly owner: string }[]
    readonly strangeTotal: number
  }
}

/** Something that a dead run left in the root. */
export interface Leftover {
  readonly path: string
  readonly kind: 'incoming' | 'sdist' | 'tree' | 'unfinished'
  /** Seconds since it was last touched, by the host's own clock. */
  readonly ageS: number
}

/** The host's clock less the runner's, and how wrong that may be: half of the round trip in which it was read. */
export interface ClockFacts {
  readonly offsetMs: number
  readonly errorMs: number
}

/** The closer look at one host: what it is actually like. */
export interface Inspection {
  readonly group: string
  readonly groups: readonly string[]
  readonly paths: readonly PathFacts[]
  readonly sealed: SealedFacts | undefined
  /** Why the live revision could not be compared with its manifest. */
  readonly why: string | undefined
  readonly leftovers: readonly Leftover[]
  readonly leftoversTotal: number
  /** Somebody works in this root right now. */
  readonly busy: boolean
  readonly clock: ClockFacts
  /** What recipes expect, in their order: what was found, or why that could not be found out. */
  readonly answers: readonly ExpectationAnswer[]
}

export type ExpectationAnswer =
  | { readonly kind: 'answered'; readonly actual: string }
  | { readonly kind: 'unanswered'; readonly reason: string }

/** How a difference is mended: a command, and where to run it; or, where no command can, what a person has to do. */
export type Mend =
  | { readonly kind: 'command'; readonly on: 'runner' | 'host' | 'host as root'; readonly command: string }
  | { readonly kind: 'advice'; readonly text: string }

/** One field of a host that is not as expected. A warning is worth knowing and makes no check fail. */
export interface Drift {
  readonly field: string
  readonly expected: string
  readonly actual: string
  readonly severity: 'drift' | 'warning'
  /** The recipe that expects it; undefined: the tool itself. */
  readonly recipe: string | undefined
  readonly mend: Mend
}

/** Expected against actual on one host. */
export type HostCheck =
  | {
      readonly kind: 'unread'
      readonly code: string
      readonly reason: string
      readonly hint: string | undefined
    }
  | {
      readonly kind: 'read'
      readonly live: RevisionName | undefined
      /** Who built what is live; nothing of what the host built for itself alone. */
      readonly builders: readonly SharedBuilder[]
      readonly account: { readonly user: string; readonly group: string; readonly groups: readonly string[] }
      readonly clock: ClockFacts
      readonly drift: readonly Drift[]
    }

/** Expected against actual on all hosts of a stage that were asked. */
export interface StageCheck {
  readonly stage: StageName
  readonly split: SplitStatus | undefined
  readonly hosts: ReadonlyMap<HostName, HostCheck>
}
