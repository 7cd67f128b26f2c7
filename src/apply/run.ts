import { setMaxListeners } from 'node:events'
import type { HostName, RevisionName } from '../model/names.ts'
import { type Outcome, ok } from '../model/outcome.ts'
import type { HostPlan, Plan, PlannedStep } from '../model/plan.ts'
import type { Answer, Body } from '../remote/messages.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import type { ApplyDeps } from './apply-deps.ts'
import { type ApplyLimits, limitsFor } from './limits.ts'
import { type SharedProducts, sharedProducts } from './shared-products.ts'
import type { SwitchVerdict } from './switch/machine.ts'

/** What one verification step came to, as it is written into the revision's record. */
export type StepResult = Readonly<Body<'seal'>['verification'][number]>
/** Who built what one shared step made, as it is written into the revision's record. */
export type BuilderRecord = Readonly<Body<'seal'>['builders'][number]>
/** How one undo ended, as it is written into the journal. */
export type UndoResult = Readonly<Body<'put-back-done'>['undo'][number]>

/** One host during a run: its plan, its connection, and what has been done to it. Only `apply` changes it. */
export interface HostRun {
  readonly plan: HostPlan
  end: RemoteEnd
  /** The worst that happened here. It gets better only where what was unknown is found out. */
  outcome: Outcome
  /** The revision that the link named when it was last read. */
  live: RevisionName | undefined
  /** Why the host's journal could not take every line of the switch so far; undefined: it has them all. */
  unrecorded: string | undefined
  /** The end of the switch that the host has on record, by its own word; undefined: it has not said so. */
  rests: 'new' | 'old' | undefined
  /** The link as it was read at the end of the run; undefined: it was not. */
  readBack: Answer<'fire'>['link'] | undefined
  /** Did an earlier run leave the revision half made here? Known once the locks are ours. */
  leftover: boolean
  /** Was the revision begun here in this run, and has it no verdict yet? */
  begun: boolean
  /** What a step of the verification said against the revision here. */
  rejection: string | undefined
  /** Settles, never rejects, when no step runs here any more. */
  idle: Promise<void>
  /** Steps that were started and are to be undone if the switch is put back, oldest first. */
  readonly started: PlannedStep[]
  /** How the undo of a step ended; a step that is here is not in `started` any more. */
  readonly undone: UndoResult[]
  readonly verification: StepResult[]
  /** Who built what was installed here and not built here alone, as it is written into the revision's record. */
  readonly builders: BuilderRecord[]
  sourceDigest: string
  /** Waits without holding one of the places of a phase that works on few hosts at once. */
  aside: <T>(wait: () => Promise<T>) => Promise<T>
}

/** A run under way. */
export interface Run {
  readonly plan: Plan
  readonly deps: ApplyDeps
  readonly limits: ApplyLimits
  readonly hosts: ReadonlyMap<HostName, HostRun>
  readonly shared: SharedProducts
  readonly progress: {
    /** Did a `fire` leave this process? From then on a run that is abandoned cannot say that nothing was switched. */
    fireLeft: boolean
    /** What the switch came to, once that is known. */
    verdict: SwitchVerdict | undefined
    /** Nothing is said after `run-finished`. */
    over: boolean
  }
}

export function createRun(plan: Plan, ends: ReadonlyMap<HostName, RemoteEnd>, deps: ApplyDeps): Run {
  const progress: Run['progress'] = { fireLeft: false, verdict: undefined, over: false }
  const hosts = new Map(plan.hosts.map(host => [host.host, hostRun(host, ends.get(host.host))]))
  // Every step under way on every host listens; more than ten listeners are no leak here.
  setMaxListeners(0, deps.interrupted, deps.abandoned)
  const emit: ApplyDeps['emit'] = event => {
    if (progress.over) return
    try {
      deps.emit(event)
    } catch {
      // Whoever fails to show an event must not decide what becomes of a fleet.
    }
  }
  return {
    plan,
    deps: { ...deps, emit },
    limits: { ...limitsFor(plan), ...deps.limits },
    hosts,
    shared: sharedProducts(),
    progress,
  }
}

function hostRun(plan: HostPlan, end: RemoteEnd | undefined): HostRun {
  if (end === undefined) throw new Error(`the plan has a host without a connection: ${plan.host}`)
  return {
    plan,
    end,
    outcome: ok,
    live: plan.live,
    unrecorded: undefined,
    rests: undefined,
    readBack: undefined,
    leftover: false,
    begun: false,
    rejection: undefined,
    idle: Promise.resolve(),
    started: [],
    undone: [],
    verification: [],
    builders: [],
    sourceDigest: '',
    aside: wait => wait(),
  }
}

/** The host of that name; a plan names no host that the run does not have. */
export function hostOf(run: Run, name: HostName): HostRun {
  const host = run.hosts.get(name)
  if (host === undefined) throw new Error(`no such host in this run: ${name}`)
  return host
}

const severity: Readonly<Record<Outcome['kind'], number>> = { ok: 0, cancelled: 1, failed: 2, unknown: 3 }

/** Remembers the worse of what is known and what came now. Of two failures neither hides the other. */
export function worsen(host: HostRun, outcome: Outcome): void {
  const before = host.outcome
  if (severity[outcome.kind] > severity[before.kind]) host.outcome = outcome
  else if (before.kind === 'failed' && outcome.kind === 'failed' && !before.reason.includes(outcome.reason))
    host.outcome = { kind: 'failed', reason: `${before.reason}; ${outcome.reason}` }
}

/** Outcome of a whole phase on many hosts: the worst of them. */
export function worstOf(outcomes: Iterable<Outcome>): Outcome {
  let worst: Outcome = ok
  for (const outcome of outcomes) if (severity[outcome.kind] > severity[worst.kind]) worst = outcome
  return worst
}
