import type { Observation } from '../model/facts.ts'
import type { HostName, Intent, RevisionName } from '../model/names.ts'
import type { ExitCode } from '../model/outcome.ts'
import type { RunIdentity } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { Host, Target } from '../model/target.ts'
import { closedProblems } from '../plan/fleet-problems.ts'
import { type Planned, planRun } from '../plan/plan-run.ts'
import type { PlanRequest, Wanted } from '../plan/request.ts'
import type { RunFlags } from './flags.ts'
import { notYetAsked } from './left-out.ts'
import { type Command, runOnStage } from './run-on-stage.ts'
import type { Session } from './session.ts'

/** The revision that a command is about, or why it cannot be decided. */
export type Decision =
  | { readonly kind: 'chosen'; readonly value: Wanted }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

/** What a command asks for: how it decides which revision, from what the hosts said. */
export interface RevisionRun {
  readonly target: Target
  readonly intent: Intent
  readonly flags: RunFlags
  /** Hosts outside the target that have to be asked too: those of the stage that is promoted. */
  readonly alsoAsk: readonly Host[]
  /** Hosts of the stage that the user left out: they are asked too, since a switch may have split them. */
  readonly leftOut: readonly Host[]
  /** Revisions that are looked at more closely, when they are known before the hosts are asked. */
  readonly check: readonly RevisionName[]
  readonly decide: (
    observations: ReadonlyMap<HostName, Observation>,
    session: Session,
  ) => Promise<Decision> | Decision
}

/** Ships, or switches to, one revision that is decided once for all hosts. */
export const runRevision = (command: Command, wanted: RevisionRun): Promise<ExitCode> =>
  runOnStage(command, {
    target: wanted.target,
    flags: wanted.flags,
    plan: (session, run) => decideAndPlan(wanted, session, run),
  })

async function decideAndPlan(wanted: RevisionRun, session: Session, run: RunIdentity): Promise<Planned> {
  const { target, intent, flags } = wanted
  const names = new Set(target.hosts.map(host => host.name))
  const hosts = [...target.hosts, ...wanted.alsoAsk.filter(host => !names.has(host.name))]
  const look = { stages: [...target.stages.keys()], check: wanted.check, recipes: target.recipes }
  const first = await session.observe(hosts, look)
  const missing = notYetAsked(wanted.leftOut, first)
  const others =
    missing.length === 0 ? noObservations : await session.observe(missing, { ...look, recipes: [] })
  const decision = await wanted.decide(new Map([...first, ...others]), session)
  if (decision.kind === 'refused') {
    const closed = closedProblems(target, new Map([...first, ...others]))
    const rest = decision.problems.filter(({ code }) => code !== 'split')
    return { kind: 'refused', problems: closed.length === 0 ? decision.problems : [...closed, ...rest] }
  }
  const { name } = decision.value
  // Whatever is about to be switched to has its interpreter started once, before anything is decided on it.
  const again = wanted.check.includes(name) ? first : await session.observe(hosts, { ...look, check: [name] })
  const observations = new Map([...again, ...others])
  const request: PlanRequest = {
    intent,
    wanted: decision.value,
    allowDowngrade: flags.allowDowngrade === true,
  }
  return planRun(target, observations, request, run)
}

const noObservations: ReadonlyMap<HostName, Observation> = new Map()
