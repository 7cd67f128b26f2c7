import type { Observation, SwitchKind } from '../model/facts.ts'
import type { HostName, Intent, Sha256 } from '../model/names.ts'
import type { HostPlan, Plan, PutBackFirst, RunIdentity } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import { sharedPaths } from '../model/shared.ts'
import type { Target } from '../model/target.ts'
import { basisOf } from './basis.ts'
import { usable } from './building-stages.ts'
import { finishedWebhooks } from './finished-webhooks.ts'
import {
  frozenProblems,
  hostsOfStage,
  inProgressProblems,
  leftStageWarnings,
  sameRootProblems,
  splitProblems,
  unreadProblems,
} from './fleet-problems.ts'
import { type HostRead, hostsRead } from './hosts-read.ts'
import { openSwitches } from './open-switches.ts'
import { planPhases } from './plan-phases.ts'
import { reactivation } from './plan-steps.ts'
import { judgePolicy, nothingAsked } from './policy.ts'
import { preflight } from './preflight.ts'
import { missingDirectories } from './preflight-shared.ts'
import { PRUNED_AT_ONCE, revisionsToPrune, TRIED_AT_ONCE } from './prune.ts'
import type { PlanRequest } from './request.ts'
import { linkTextOf, liveOf, stageOf, stepsNotUndone } from './stage-history.ts'
import { stands } from './stands.ts'
import type { StepHost } from './step-host.ts'
import { stepHosts } from './step-hosts.ts'
import { sudoProblems, sudoQuestions, templateProblems } from './task-problems.ts'

/** What planning came to. `nothing`: every host is as wanted already. */
export type Planned =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'nothing'; readonly reason: string; readonly warnings: readonly Problem[] }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

/**
 * Decides everything that a run will do, from what the hosts said; pure. All problems of all hosts are found
 * before it refuses.
 *
 * @param observations of the target's hosts; those of other hosts of the stage help to judge open switches, and those of
 *   the stage that this one comes after tell what was live there
 */
export function planRun(
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
  request: PlanRequest,
  run: RunIdentity,
): Planned {
  const { open, read, asked, hosts, laid } = layOut(target, observations, request)
  const { phases, failed } = laid
  const policy = phases.length === 0 ? nothingAsked : judgePolicy(target, observations, request)
  const problems = [
    ...splitProblems(target.stage, open.splits),
    ...unreadProblems(target.hosts, observations),
    ...policy.problems,
    ...inProgressProblems(read, open),
    ...frozenProblems(target.stage, read),
    ...sameRootProblems(read),
    ...read.flatMap(({ facts }) => preflight(facts, target, request)),
    ...leftStageWarnings(target, read),
    ...asked.problems,
    ...laid.problems,
    ...templateProblems(hosts, laid),
    ...sudoProblems(hosts, laid, read),
  ]
  if (problems.some(problem => problem.severity === 'error')) return { kind: 'refused', problems }
  if (phases.length === 0)
    return { kind: 'nothing', reason: nothingToDo(target, request), warnings: problems }
  const { wanted, intent } = request
  const plan: Plan = {
    v: 1,
    intent,
    run,
    project: wanted.project,
    stage: target.stage,
    revision: { name: wanted.name, version: wanted.version, sha256: wanted.sha256 },
    shared: sharedPaths(target.shared),
    sdist: sdistToSend(wanted, hosts),
    hosts,
    leftOut: target.leftOut,
    switchKind: switchKindOf(intent),
    recovers: undefined,
    policy: policy.result,
    phases,
    failed,
    finished: finishedWebhooks(target),
    warnings: problems,
    heartbeatMs: target.heartbeatMs,
    fileTimeoutMs: target.fileTimeoutMs,
  }
  return { kind: 'plan', plan }
}

/** What has to be asked of the sudo of each host before this can be planned: only the steps themselves tell. */
export function sudoToAsk(
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
  request: PlanRequest,
): ReturnType<typeof sudoQuestions> {
  const { hosts, laid } = layOut(target, observations, request)
  return sudoQuestions(hosts, laid)
}

/** The builds of which this machine may have kept what they make. */
export function buildsToFind(
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
  request: PlanRequest,
): readonly Sha256[] {
  const { laid } = layOut(target, observations, { ...request, kept: new Map() })
  const steps = laid.phases.flatMap(({ hosts }) => [...hosts.values()].flatMap(({ inside }) => inside))
  return [...new Set(steps.flatMap(({ action }) => (action.kind === 'build' ? [action.shared.id] : [])))]
}

/** Every step of every host, whatever else speaks against the run. */
function layOut(target: Target, observations: ReadonlyMap<HostName, Observation>, request: PlanRequest) {
  const open = openSwitches(target.stage, observations, hostsOfStage(target))
  const read = hostsRead(target, observations, open)
  const asked = stepHosts(target, read, request)
  const hosts = read.map(one => hostPlan(one, target, request, putBackFirst(one, read, asked.hosts)))
  const laid = planPhases(target, hosts, asked.hosts, {
    intent: request.intent,
    kept: usable(target, request),
  })
  return { open, read, asked, hosts, laid }
}

/** Undefined: the revision stands on every host, or nobody has the file. */
function sdistToSend({ sdist }: PlanRequest['wanted'], hosts: readonly HostPlan[]): Plan['sdist'] {
  if (sdist === undefined || hosts.every(host => host.stands)) return undefined
  return { path: sdist.path, bytes: sdist.bytes }
}

function hostPlan(
  { host, found, facts }: HostRead,
  target: Target,
  { wanted }: PlanRequest,
  first: PutBackFirst,
): HostPlan {
  const { stage, stages } = target
  const history = stageOf(facts, stage)
  const surplus = revisionsToPrune(facts, stage, wanted.name, stages)
  return {
    host: host.name,
    root: host.root,
    stands: stands(facts, wanted),
    live: liveOf(history),
    wanted: wanted.name,
    to: wanted.name,
    closes: undefined,
    basis: basisOf(found, stage, wanted.name),
    from: linkTextOf(history),
    putBackFirst: first,
    makes: missingDirectories(facts, target.shared),
    prune: surplus.slice(0, PRUNED_AT_ONCE),
    pruneInstead: surplus.slice(PRUNED_AT_ONCE, TRIED_AT_ONCE),
    pruneLater: Math.max(0, surplus.length - PRUNED_AT_ONCE),
  }
}

/** What is mended on a host before all else; a `once` task goes to one of the hosts that have anything to mend. */
export function putBackFirst(
  { host, toPutBack, notUndone }: HostRead,
  read: readonly HostRead[],
  steps: readonly StepHost[],
): PutBackFirst {
  const switches = toPutBack.map(({ id }) => id)
  const undoes = notUndone === undefined ? undefined : { id: notUndone.id, steps: stepsNotUndone(notUndone) }
  const latest = toPutBack[0] ?? notUndone
  const own = steps.find(candidate => candidate.name === host.name)
  if (latest === undefined || own === undefined) return { switches, undoes, tasks: [] }
  const isDue = (one: HostRead) => one.toPutBack.length > 0 || one.notUndone !== undefined
  const due = new Set(read.filter(isDue).map(one => one.host.name))
  const among = steps.filter(candidate => due.has(candidate.name))
  return { switches, undoes, tasks: reactivation(own, latest, among) }
}

function switchKindOf(intent: Intent): SwitchKind | undefined {
  return intent === 'prepare' ? undefined : intent
}

function nothingToDo({ hosts, stage }: Target, { intent, wanted }: PlanRequest): string {
  const where = hosts.length === 1 ? 'the host' : `all ${hosts.length} hosts`
  const how = intent === 'prepare' ? 'stands verified' : 'is live'
  return `${wanted.name} ${how} on ${where} of ${stage}: nothing to do.`
}
