import type { HostName, RevisionName, Sha256, StageName } from './names.ts'

/** A stage's link as it is on disk. `revision`: it names a directory entry of the root and nothing else. */
export type Link =
  | { readonly kind: 'absent' }
  | { readonly kind: 'directory' }
  | { readonly kind: 'other' }
  | {
      readonly kind: 'link'
      /** The exact text of the symlink. */
      readonly text: string
      readonly revision: RevisionName | undefined
      readonly dangling: boolean
    }

/** Who holds a lock, as that runner said of itself. */
export interface Holder {
  readonly run: string
  readonly by: string
  readonly from: string
  readonly pid: number
  readonly command: string
  readonly sinceMs: number
}

/** Who froze a stage, from where, why. Nothing may change it until somebody takes that back. */
export interface Freeze {
  readonly run: string
  readonly by: string
  readonly from: string
  readonly command: string
  readonly reason: string
  /** The runner's clock. */
  readonly sinceMs: number
}

export type SwitchKind = 'deploy' | 'promote' | 'rollback' | 'recover'

/** The `reason` of an undo that a remote end had not come to when it wrote that down (`src/remote/end/undo.py`). */
export const notUndoneYet = 'not undone yet'

export interface UndoResult {
  readonly of: string
  readonly ok: boolean
  readonly reason: string | undefined
}

/** One switch as one host's journal tells it. */
export interface SwitchRecord {
  readonly id: string
  readonly kind: SwitchKind
  readonly stage: StageName
  readonly from: string | undefined
  /** The exact text of the link: a revision, but where a recovery went back to something else; undefined: to no link. */
  readonly to: string | undefined
  /** The switch that this one mends; only of kind `recover`. */
  readonly recovers: string | undefined
  readonly hosts: readonly HostName[]
  readonly except: readonly HostName[]
  /** The channel that was let in by `--accept`, and why; as that tool wrote it. */
  readonly exception: { readonly channel: string; readonly reason: string } | undefined
  /** The runner's clock. Times of different hosts are never compared. */
  readonly atMs: number
  readonly by: string
  readonly state: 'open' | 'kept' | 'put-back'
  /** Why it could not be put back, of one that is open since; undefined where nobody tried. */
  readonly putBackFailed: string | undefined
  readonly undo: readonly UndoResult[]
}

export interface StageFacts {
  readonly link: Link
  /** The replay of kept switches, live first. */
  readonly stack: readonly RevisionName[]
  /** Everything that was live after a kept switch, latest first. */
  readonly wasLive: readonly {
    readonly revision: RevisionName
    readonly sha256: Sha256 | undefined
    /** Was every switch to it that was kept taken back by a recovery since? */
    readonly takenBack: boolean
  }[]
  /** Newest first. */
  readonly switches: readonly SwitchRecord[]
  /** What came of undo steps that were run, since the latest intent, for a switch that was never armed. */
  readonly undone: readonly UndoResult[]
  readonly lock: Holder | undefined
  readonly frozen: Freeze | undefined
}

export interface RevisionFacts {
  readonly name: RevisionName
  readonly project: string
  readonly version: string
  readonly sha256: Sha256
  readonly verdict: 'verified' | 'rejected'
  readonly stands: boolean
  /** Why it does not stand, or why it was rejected. */
  readonly why: string | undefined
  readonly python: string | undefined
  /** The paths at which it was sealed with links into `{root}/shared`. */
  readonly shared: readonly string[]
  readonly atMs: number
}

/** Whether sudo(8) lets the account run a command without a password. */
export interface SudoAnswer {
  readonly argv: readonly string[]
  /** Why it does not; undefined: it does. */
  readonly refusal: string | undefined
}

/** What stands at a path of `{root}/shared`, through links; its content is never read. */
export interface SharedFacts {
  readonly kind: 'absent' | 'directory' | 'file' | 'other'
  /** The permission bits. */
  readonly mode: number | undefined
  readonly owner: string | undefined
  /** What is wrong with it; of what is absent, why no directory could be made there. */
  readonly why: string | undefined
}

/** What one host told us about itself, read-only. */
export interface HostFacts {
  readonly host: HostName
  readonly user: string
  readonly uid: number
  readonly hostname: string
  readonly python: string
  readonly root: {
    readonly path: string
    readonly kind: 'absent' | 'directory' | 'other'
    readonly writable: boolean
    readonly why: string | undefined
    readonly owner: string | undefined
    readonly id: string | undefined
    readonly project: string | undefined
    /** Why it can be no other project's; undefined where nothing in it would be missed. */
    readonly boundBy: string | undefined
    readonly freeBytes: number
    readonly freeInodes: number
  }
  readonly stages: ReadonlyMap<StageName, StageFacts>
  readonly revisions: readonly RevisionFacts[]
  /** The revisions that were looked at closely: whether they stand was found by starting their interpreter. */
  readonly checked: readonly RevisionName[]
  readonly unfinished: readonly RevisionName[]
  /** Entries of the root that were not made here. */
  readonly foreign: readonly string[]
  /** What was asked for of `{root}/shared`, by path. */
  readonly shared: ReadonlyMap<string, SharedFacts>
  readonly programs: ReadonlyMap<string, string | undefined>
  /** By recipe name, then by fact name: what the recipe's parser returned. */
  readonly answers: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  /** Facts that could not be had, with the reason. */
  readonly unanswered: readonly { readonly recipe: string; readonly fact: string; readonly reason: string }[]
  /** What was asked of sudo; nothing where no step needs it. */
  readonly sudo: readonly SudoAnswer[]
}

/** What observing one host came to. A host that was not reached has a reason and nothing else. */
export type Observation =
  | { readonly kind: 'read'; readonly facts: HostFacts }
  | {
      readonly kind: 'unread'
      readonly host: HostName
      readonly code: string
      readonly reason: string
      readonly hint: string | undefined
    }
