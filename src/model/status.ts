import type { Freeze, Holder, Link, RevisionFacts, SwitchRecord, UndoResult } from './facts.ts'
import type { HostName, RevisionName, StageName } from './names.ts'

/**
 * A switch that did not come to one end: some hosts kept it and others did not, or a host could not put it back, or it
 * cannot be told apart from one of these. A person must decide.
 */
export interface SplitStatus {
  readonly id: string
  readonly from: string | undefined
  /** Undefined: to no link, which only a recovery that is split itself can be. */
  readonly to: string | undefined
  /** The runner's clock at its intent. */
  readonly atMs: number
  /** Every host of that switch and how it stands there. */
  readonly hosts: ReadonlyMap<HostName, SplitState>
}

/** `stuck`: open, and to put it back was tried and failed. `unread`: the host could not be asked. */
export type SplitState = SwitchRecord['state'] | 'stuck' | 'unread' | 'none'

/** A link that somebody moved without a switch. */
export interface MovedLink {
  /** The exact text that the host's journal has for it: what was kept last. Undefined: no link. */
  readonly recorded: string | undefined
  /** What puts it back. */
  readonly hint: string
}

/** How one stage stands on one host. */
export type HostStatus =
  | {
      readonly kind: 'unread'
      readonly code: string
      readonly reason: string
      readonly hint: string | undefined
    }
  | {
      readonly kind: 'read'
      /** What the link is; `live` is the revision it names, if it names one. */
      readonly link: Link
      readonly live: RevisionName | undefined
      /** The link is not what the journal has; undefined: it is. */
      readonly moved: MovedLink | undefined
      /** The revision that a rollback goes to. */
      readonly previous: RevisionName | undefined
      /** Ids of open switches of this stage, newest first. */
      readonly open: readonly string[]
      /** Why the latest of them could not be put back, if that was tried. */
      readonly putBackFailed: string | undefined
      /** What came of the undo steps of the latest switch, if it was put back, and of one that was never armed since. */
      readonly undo: readonly UndoResult[]
      readonly revisions: readonly RevisionFacts[]
      readonly lock: Holder | undefined
      readonly frozen: Freeze | undefined
    }

/** How one stage stands, made from what its hosts said. */
export interface StageStatus {
  readonly stage: StageName
  /** Every host was read, and all are live on one and the same revision. */
  readonly uniform: boolean
  /** Of several the one that was begun last, by the runner's clock: the first that `deploy recover` mends. */
  readonly split: SplitStatus | undefined
  /** The others, in the order in which they are mended after it. */
  readonly moreSplits: readonly SplitStatus[]
  /** By name, in the order of the stage. */
  readonly hosts: ReadonlyMap<HostName, HostStatus>
}

/** What one host listed, or why it could not be asked: revisions, switches. */
export type HostListing<Item> =
  | { readonly kind: 'unread'; readonly host: HostName; readonly reason: string }
  | { readonly kind: 'read'; readonly host: HostName; readonly items: readonly Item[] }
