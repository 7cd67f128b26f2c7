import type { Emit } from '../model/event.ts'
import type { HostFacts } from '../model/facts.ts'
import type { HostName } from '../model/names.ts'
import { type Outcome, ok } from '../model/outcome.ts'
import type { Basis, HostPlan, Plan, PlannedStep, Task } from '../model/plan.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'

/** What `apply` needs from outside: everything that is not in the plan. */
export interface ApplyDeps {
  readonly emit: Emit
  /** Opens a new connection to a host whose old one was lost. */
  readonly connect: (host: HostName, signal: AbortSignal) => Promise<RemoteEnd>
  /** Asks a host about itself again. */
  readonly observe: (host: HostName, end: RemoteEnd) => Promise<HostFacts>
  /** Reads from new facts what the plan was made from: the planner's own reading. */
  readonly basisOf: (facts: HostFacts) => Basis
  /** Values of the secrets that the plan names. */
  readonly secrets: ReadonlyMap<string, string>
  /** The sdist as a stream, once for every host that receives it. */
  readonly readSdist: (path: string) => AsyncIterable<Uint8Array>
  /** Runs a program on the runner; resolves when it has ended, however it ended. */
  readonly runLocally: (
    task: Task,
    options: {
      readonly env: Readonly<Record<string, string>>
      readonly signal: AbortSignal
      readonly onOutput: OnOutput
    },
  ) => Promise<Outcome>
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly interrupted: AbortSignal
  /** Aborted by the second one: report what is known and leave. */
  readonly abandoned: AbortSignal
  readonly keepFailed: boolean
  /** Name and version of this tool, for the record. */
  readonly tool: string
  /** Milliseconds of a monotonic clock. */
  readonly monotonicMs: () => number
}

export type OnOutput = (stream: 'stdout' | 'stderr', line: string) => void

/** What one verification step came to, as it is written into the revision's record. */
export interface StepResult {
  readonly step: string
  readonly title: string
  readonly result: string
  readonly durationMs: number
}

/** One host during a run: its plan, its connection, and what has been done to it. Only `apply` changes it. */
export interface HostRun {
  readonly plan: HostPlan
  end: RemoteEnd
  /** The worst that happened here. Never gets better. */
  outcome: Outcome
  /** Was the revision begun here in this run, and has it no verdict yet? */
  begun: boolean
  /** Steps that were started and can be undone, oldest first. */
  readonly started: PlannedStep[]
  readonly verification: StepResult[]
  sourceDigest: string
}

/** A run under way. */
export interface Run {
  readonly plan: Plan
  readonly deps: ApplyDeps
  readonly hosts: ReadonlyMap<HostName, HostRun>
  /** Did a `fire` leave this process? From then on a run that is abandoned cannot say that nothing was switched. */
  readonly progress: { fireLeft: boolean }
}

export function createRun(plan: Plan, ends: ReadonlyMap<HostName, RemoteEnd>, deps: ApplyDeps): Run {
  const hosts = new Map<HostName, HostRun>()
  for (const hostPlan of plan.hosts) {
    const end = ends.get(hostPlan.host)
    if (end === undefined) throw new Error(`the plan has a host without a connection: ${hostPlan.host}`)
    hosts.set(hostPlan.host, {
      plan: hostPlan,
      end,
      outcome: ok,
      begun: false,
      started: [],
      verification: [],
      sourceDigest: '',
    })
  }
  return { plan, deps, hosts, progress: { fireLeft: false } }
}

/** The host of that name; a plan names no host that the run does not have. */
export function hostOf(run: Run, name: HostName): HostRun {
  const host = run.hosts.get(name)
  if (host === undefined) throw new Error(`no such host in this run: ${name}`)
  return host
}

const severity: Readonly<Record<Outcome['kind'], number>> = { ok: 0, cancelled: 1, failed: 2, unknown: 3 }

/** Remembers the worse of what is known and what came now. */
export function worsen(host: HostRun, outcome: Outcome): void {
  if (severity[outcome.kind] > severity[host.outcome.kind]) host.outcome = outcome
}

/** Outcome of a whole phase on many hosts: the worst of them. */
export function worstOf(outcomes: Iterable<Outcome>): Outcome {
  let worst: Outcome = ok
  for (const outcome of outcomes) if (severity[outcome.kind] > severity[worst.kind]) worst = outcome
  return worst
}
