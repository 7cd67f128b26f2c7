import type { Builder } from './builder.ts'
import type { SwitchKind } from './facts.ts'
import type { HostName, Intent, PhaseName, RevisionName, Sha256, Slot, StageName } from './names.ts'
import type { Problem } from './problem.ts'
import type { CallFunction, EnvValue, ExpectedAnswer } from './step.ts'
import type { PolicyResult } from './version-policy.ts'
import type { Webhook } from './webhook.ts'

/** How a split is mended: each host to where it came from, or all to what was switched to. */
export type RecoverWay = 'back' | 'forward'

/** Who runs this, from where, since when. `id` sorts by time: of two runs the greater one gives way. */
export interface RunIdentity {
  readonly id: string
  readonly by: string
  readonly from: string
  readonly pid: number
  readonly command: string
  readonly atMs: number
}

/** One run of a build step whose products are for several hosts. */
export interface SharedBuild {
  /** By which its products are kept and found: sdist, key and inputs. The same on all hosts that share it. */
  readonly id: Sha256
  readonly key: string
  /** Names the directory in DEPLOY_PRODUCTS. */
  readonly name: string
  /** The host, or the label of the hosts, that was asked to build; undefined: the first by name. */
  readonly builder: string | undefined
  /** The option by which whoever configures this names the builder. */
  readonly builderOption: string
}

/** What a planned step does, with every path and variable of its host filled in. */
export type Action =
  | { readonly kind: 'exec'; readonly argv: readonly string[]; readonly sudo: boolean }
  | { readonly kind: 'local'; readonly argv: readonly string[] }
  /** A program on the host that builds for `hosts`, this one included. */
  | {
      readonly kind: 'build'
      readonly argv: readonly string[]
      readonly sudo: boolean
      readonly shared: SharedBuild
      readonly hosts: readonly HostName[]
    }
  /** A file of the runner, by its absolute path there, for DEPLOY_PRODUCTS/{name}. */
  | { readonly kind: 'send-file'; readonly file: string; readonly name: string }
  /** Receives what another host builds. */
  | { readonly kind: 'take'; readonly from: HostName; readonly shared: SharedBuild }
  /** Receives what this machine kept of an earlier run. */
  | { readonly kind: 'reuse'; readonly shared: SharedBuild; readonly builder: Builder }
  | (ExpectedAnswer & {
      readonly kind: 'http-probe'
      readonly url: string
      readonly socket: string | undefined
      readonly headers: Readonly<Record<string, string>>
      readonly intervalMs: number
      readonly attemptMs: number
    })
  | {
      readonly kind: 'write-file'
      /** Absolute. */
      readonly path: string
      /** Its parts in order; secrets are filled in when it is written. */
      readonly content: readonly EnvValue[]
      readonly mode: number
      readonly sudo: boolean
      /** What its template asks for and the step does not have. A plan with any is refused. */
      readonly unknown: readonly string[]
    }
  | (ExpectedAnswer & {
      readonly kind: 'boot-probe'
      readonly argv: readonly string[]
      readonly listen: 'port' | 'socket'
      readonly path: string
      readonly headers: Readonly<Record<string, string>>
      readonly intervalMs: number
      readonly attemptMs: number
    })
  /** A function of the configuration, on the runner. */
  | { readonly kind: 'call'; readonly run: CallFunction }

/** An action with what it needs to run. */
export interface Task {
  readonly title: string
  readonly action: Action
  readonly env: Readonly<Record<string, EnvValue>>
  /** Absolute, on the host (of a local action: on the runner). */
  readonly cwd: string
  readonly timeoutMs: number
  /** The option that lengthens this. */
  readonly timeoutOption: string
}

export interface PlannedStep extends Task {
  /** Unique on its host: `verify/2`. */
  readonly id: string
  readonly slot: Slot
  /** Who put it there: `python` (a recipe's name), `verify`, `hooks`, or `hooks of production`. */
  readonly origin: string
  readonly undo: Task | undefined
}

export interface PlannedWebhook extends Webhook {
  /** The recipe that wants it. */
  readonly origin: string
}

/** The steps of a phase on one host, in order. The phase's own work stands between `before` and `inside`. */
export interface HostSteps {
  readonly before: readonly PlannedStep[]
  readonly inside: readonly PlannedStep[]
  readonly after: readonly PlannedStep[]
}

export interface PlannedPhase {
  readonly name: PhaseName
  /** The hosts that take part, by name. A host that is missing has nothing to do here. */
  readonly hosts: ReadonlyMap<HostName, HostSteps>
  /** How many hosts at once; undefined: all. */
  readonly parallel: number | undefined
  /** The hosts with steps, some after the others; undefined: all at once. */
  readonly batches: Batches | undefined
}

/** Hosts that are worked on together, and how long to wait before the next ones. Never empty. */
export interface Batches {
  readonly hosts: readonly (readonly HostName[])[]
  readonly pauseMs: number
}

/** What a plan was made from. `apply` observes again and refuses the plan when any of this differs. */
export interface Basis {
  readonly linkText: string | undefined
  readonly previous: RevisionName | undefined
  readonly verdict: 'verified' | 'rejected' | undefined
  readonly sha256: Sha256 | undefined
  /** Ids of open switches of this stage. */
  readonly open: readonly string[]
}

/** What an earlier run left on a host that died under it: mended before all else. */
export interface PutBackFirst {
  /** Open switches that no host kept, newest first: put back. */
  readonly switches: readonly string[]
  /** The latest switch, which is put back, and ids of its steps whose undo nobody came to; undefined: there are none. */
  readonly undoes: { readonly id: string; readonly steps: readonly string[] } | undefined
  /** What makes processes use the old revision again, after that. */
  readonly tasks: readonly Task[]
}

export interface HostPlan {
  readonly host: HostName
  readonly root: string
  /** The revision stands here: nothing is uploaded, built or verified. */
  readonly stands: boolean
  /** The revision that is live, if the link names one. */
  readonly live: RevisionName | undefined
  /** The revision that is to be live; undefined: a recovery goes back to no link, or to what was not made here. */
  readonly wanted: RevisionName | undefined
  readonly basis: Basis
  /** The exact text of the link when it is armed; undefined where there is none. */
  readonly from: string | undefined
  /** The exact text of the link when it is kept; undefined: there is to be none. */
  readonly to: string | undefined
  /** How a recovery closes the switch that it mends where the link is right already; undefined: nothing to close. */
  readonly closes: 'kept' | 'put-back' | undefined
  readonly putBackFirst: PutBackFirst
  /** Directories of `{root}/shared` that are missing here, and are made. */
  readonly makes: readonly string[]
  /** What this run removes, the oldest first. */
  readonly prune: readonly RevisionName[]
  /** What is removed in the place of those that cannot go, the oldest first; no more than these are removed all together. */
  readonly pruneInstead: readonly RevisionName[]
  /** How many more revisions retention does not cover: later runs remove them. */
  readonly pruneLater: number
}

/** Everything that will happen, as data, decided before anything happens. */
export interface Plan {
  readonly v: 1
  readonly intent: Intent
  readonly run: RunIdentity
  readonly project: string
  readonly stage: StageName
  /** What the run is about. A recovery is about the revision of the switch that it mends, whichever way it goes. */
  readonly revision: { readonly name: RevisionName; readonly version: string; readonly sha256: Sha256 }
  /** Where a revision that is built gets a link to the same path in `{root}/shared`; in order. */
  readonly shared: readonly string[]
  /** What is uploaded: a file of the runner. Undefined: the revision stands everywhere. */
  readonly sdist: { readonly path: string; readonly bytes: number } | undefined
  readonly hosts: readonly HostPlan[]
  /** Hosts of the stage that were left out by `--hosts` or `--except`; recorded in the journal. */
  readonly leftOut: readonly HostName[]
  readonly switchKind: SwitchKind | undefined
  /** The split switch that this plan mends, and which way. */
  readonly recovers: { readonly id: string; readonly way: RecoverWay } | undefined
  /** Why the stage takes this revision. Undefined: a way back, of which nothing is asked. */
  readonly policy: PolicyResult | undefined
  readonly phases: readonly PlannedPhase[]
  /** Run when the run failed, after the read-back, on hosts still connected. */
  readonly failed: ReadonlyMap<HostName, readonly PlannedStep[]>
  /** Sent when the run is over. */
  readonly finished: readonly PlannedWebhook[]
  readonly warnings: readonly Problem[]
  readonly heartbeatMs: number
  /** For work on the files of a revision: unpacking, hashing, sealing, removing. */
  readonly fileTimeoutMs: number
}
