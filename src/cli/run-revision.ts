import type { Observation } from '../model/facts.ts'
import type { HostName, Intent, RevisionName, StageName } from '../model/names.ts'
import type { ExitCode } from '../model/outcome.ts'
import type { RunIdentity } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { Host, Target } from '../model/target.ts'
import type { PolicyException } from '../model/version-policy.ts'
import { buildingStages } from '../plan/building-stages.ts'
import { closedProblems } from '../plan/fleet-problems.ts'
import { buildsToFind, type Planned, planRun, sudoToAsk } from '../plan/plan-run.ts'
import { witnesses } from '../plan/policy.ts'
import { sharedToLookAt } from '../plan/preflight-shared.ts'
import type { PlanRequest, Wanted } from '../plan/request.ts'
import { asItStands } from '../plan/spelling.ts'
import { exceptionOf, type RunFlags } from './flags.ts'
import type { KeptBuilds } from './kept-builds.ts'
import { notYetAsked } from './left-out.ts'
import { type Command, runOnStage, type StageRun } from './run-on-stage.ts'
import type { Session } from './session.ts'

/** The revision that a command is about, or why it cannot be decided. */
export type Decision =
  | { readonly kind: 'chosen'; readonly value: Wanted; readonly warnings?: readonly Problem[] }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

/** What a command asks for: how it decides which revision, from what the hosts said. */
export interface RevisionRun {
  readonly target: Target
  readonly intent: Intent
  /** The stage whose live revision is promoted. */
  readonly promotes?: StageName
  readonly flags: RunFlags
  /** Hosts outside the target that have to be asked too: those of the stage that is promoted. */
  readonly alsoAsk: readonly Host[]
  /** Hosts of the stage that the user left out: they are asked too, since a switch may have split them. */
  readonly leftOut: readonly Host[]
  /** Revisions that are looked at more closely, as far as they are known before the hosts are asked. */
  readonly check: readonly RevisionName[] | 'previous'
  /** What is wrong before any host is asked. */
  readonly problems: readonly Problem[]
  readonly decide: (
    observations: ReadonlyMap<HostName, Observation>,
    session: Session,
  ) => Promise<Decision> | Decision
}

/** Ships, or switches to, one revision that is decided once for all hosts. */
export async function runRevision(command: Command, wanted: RevisionRun): Promise<ExitCode> {
  const { target, flags, problems } = wanted
  const exception = exceptionOf(flags)
  const plan: StageRun['plan'] = (session, run, kept) =>
    decideAndPlan(wanted, exception, { session, run, kept })
  return runOnStage(command, { target, flags, builds: wanted.intent !== 'rollback', problems, plan })
}

async function decideAndPlan(
  wanted: RevisionRun,
  exception: PolicyException | undefined,
  { session, run, kept }: { readonly session: Session; readonly run: RunIdentity; readonly kept: KeptBuilds },
): Promise<Planned> {
  const { target, intent, flags } = wanted
  const names = new Set(target.hosts.map(host => host.name))
  const hosts = [...target.hosts, ...wanted.alsoAsk.filter(host => !names.has(host.name))]
  const look = {
    stages: [...target.stages.keys()],
    check: wanted.check === 'previous' ? [] : wanted.check,
    previous: wanted.check === 'previous',
    recipes: target.recipes,
    shared: sharedToLookAt(target),
  }
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
  const decided = asItStands(decision.value, target.hosts, first)
  const { name } = decided
  // Whatever is about to be switched to has its interpreter started once, before anything is decided on it.
  const again = isChecked(first, name) ? first : await session.observe(hosts, { ...look, check: [name] })
  const seen = new Map([...again, ...others])
  const allowDowngrade = flags.allowDowngrade === true
  const { promotes } = wanted
  const asked = { intent, wanted: decided, allowDowngrade, exception, promotes, kept: new Map() }
  // Of other stages' hosts only their journals are asked.
  const absent = witnesses(target, seen, asked)
  const more =
    absent.length === 0 ? noObservations : await session.observe(absent, { ...look, check: [], recipes: [] })
  const known = new Map([...seen, ...more])
  const built = await kept.find(buildsToFind(target, known, asked), buildingStages(target, asked))
  const request: PlanRequest = { ...asked, kept: built }
  const sudo = sudoToAsk(target, known, request)
  const able =
    sudo.size === 0
      ? noObservations
      : await session.observe(
          target.hosts.filter(host => sudo.has(host.name)),
          { ...look, check: [name], sudo },
        )
  const planned = planRun(target, new Map([...known, ...able]), request, run)
  return withWarnings(planned, decision.warnings ?? [])
}

/** What was found on the way to the decision is said with the plan. */
function withWarnings(planned: Planned, warnings: readonly Problem[]): Planned {
  switch (planned.kind) {
    case 'plan':
      return { ...planned, plan: { ...planned.plan, warnings: [...warnings, ...planned.plan.warnings] } }
    case 'nothing':
      return { ...planned, warnings: [...warnings, ...planned.warnings] }
    case 'refused':
      return { ...planned, problems: [...warnings, ...planned.problems] }
  }
}

/** A host that could not be read does not ask for another try. */
const isChecked = (observations: ReadonlyMap<HostName, Observation>, name: RevisionName): boolean =>
  [...observations.values()].every(seen => seen.kind === 'unread' || seen.facts.checked.includes(name))

const noObservations: ReadonlyMap<HostName, Observation> = new Map()
