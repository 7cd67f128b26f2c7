import type { HostFacts, Observation, SwitchKind } from '../model/facts.ts'
import type { HostName, Intent } from '../model/names.ts'
import type { HostPlan, Plan, RunIdentity } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { Host, Target } from '../model/target.ts'
import { afterPutBack } from './after-put-back.ts'
import { basisOf } from './basis.ts'
import { type OpenSwitches, openSwitches } from './open-switches.ts'
import { planPhases } from './plan-phases.ts'
import { reactivation, type StepHost } from './plan-steps.ts'
import { preflight, stands } from './preflight.ts'
import { refusal } from './problems.ts'
import { revisionsToPrune } from './prune.ts'
import type { PlanRequest } from './request.ts'
import { linkTextOf, liveOf, stageOf } from './stage-history.ts'
import { stepHosts } from './step-hosts.ts'

/** What planning came to. `nothing`: every host is as wanted already. */
export type Planned =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'nothing'; readonly reason: string; readonly warnings: readonly Problem[] }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

/** One host with what it said. */
export interface FactsOfHost {
  readonly host: Host
  /** As it was found. */
  readonly found: HostFacts
  /** As it will be once its open switches are put back: what everything is decided on. */
  readonly facts: HostFacts
}

/**
 * Decides everything that a run will do, from what the hosts said; pure. All problems of all hosts are found
 * before it refuses.
 */
export function planRun(
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
  request: PlanRequest,
  run: RunIdentity,
): Planned {
  const open = openSwitches(target.stage, observations, hostNames(target))
  const read = target.hosts.flatMap(host => {
    const seen = observations.get(host.name)
    if (seen?.kind !== 'read') return []
    const ids = open.toPutBack.get(host.name) ?? []
    return [{ host, found: seen.facts, facts: afterPutBack(seen.facts, target.stage, ids) }]
  })
  const hosts = stepHosts(target, read, request)
  const problems = [
    ...unreadProblems(target, observations),
    ...read.flatMap(({ facts }) => preflight(facts, target.stage, request, target.recipes)),
    ...sameRootTwice(read),
    ...splitProblems(target, open),
    ...hosts.problems,
  ]
  if (problems.some(problem => problem.severity === 'error')) return { kind: 'refused', problems }

  const hostPlans = read.map(one => hostPlan(one, target, request, open, hosts.hosts))
  const phases = planPhases(target, hostPlans, hosts.hosts, request.intent)
  if (phases.problems.length > 0) return { kind: 'refused', problems: [...problems, ...phases.problems] }
  if (phases.phases.length === 0)
    return { kind: 'nothing', reason: nothingToDo(target, request), warnings: problems }
  const { wanted, intent } = request
  const plan: Plan = {
    v: 1,
    intent,
    run,
    project: target.project,
    stage: target.stage,
    revision: { name: wanted.name, version: wanted.version, sha256: wanted.sha256 },
    sdist: wanted.sdist === undefined ? undefined : { path: wanted.sdist.path, bytes: wanted.sdist.bytes },
    hosts: hostPlans,
    leftOut: target.leftOut,
    switchKind: switchKindOf(intent),
    phases: phases.phases,
    failed: phases.failed,
    warnings: problems,
    heartbeatMs: target.heartbeatMs,
  }
  return { kind: 'plan', plan }
}

function hostPlan(
  { host, found, facts }: FactsOfHost,
  target: Target,
  { wanted }: PlanRequest,
  open: OpenSwitches,
  steps: readonly StepHost[],
): HostPlan {
  const history = stageOf(facts, target.stage)
  const switches = open.toPutBack.get(host.name) ?? []
  const own = steps.find(candidate => candidate.name === host.name)
  return {
    host: host.name,
    root: host.root,
    stands: stands(facts, wanted),
    live: liveOf(history),
    wanted: wanted.name,
    basis: basisOf(found, target.stage, wanted.name),
    from: linkTextOf(history),
    putBackFirst: {
      switches,
      tasks: switches.length === 0 || own === undefined ? [] : reactivation(own, steps),
    },
    prune: revisionsToPrune(facts, target.stage, wanted.name, target.stages),
  }
}

function unreadProblems(
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
): readonly Problem[] {
  return target.hosts.flatMap(host => {
    const seen = observations.get(host.name)
    if (seen === undefined) return [refusal('unreachable', host.name, 'was not observed')]
    return seen.kind === 'unread' ? [refusal(seen.code, host.name, seen.reason, seen.hint)] : []
  })
}

/** The same root id on two hosts is one host under two names, or a shared file system. */
function sameRootTwice(read: readonly FactsOfHost[]): readonly Problem[] {
  return read.flatMap(({ facts }, index) => {
    const twin = read
      .slice(0, index)
      .find(other => facts.root.id !== undefined && other.facts.root.id === facts.root.id)
    if (twin === undefined) return []
    const message = `has the very root of ${twin.host.name} (${facts.root.path}): one host under two names, or a shared file system`
    return [refusal('same-root', facts.host, message, 'every root is one host: take one of the two out')]
  })
}

function splitProblems(target: Target, { splits }: OpenSwitches): readonly Problem[] {
  return splits.map(split => {
    const hosts = [...split.hosts].map(([host, state]) => `${host} ${state}`).join(', ')
    const at = new Date(split.atMs).toISOString()
    const message = `the switch ${split.id} of ${at} from ${split.from ?? 'nothing'} to ${split.to} is split: ${hosts}`
    const hint = `look at it with \`deploy status ${target.stage}\`; all hosts of that switch must be reachable`
    return refusal('split', target.stage, message, hint)
  })
}

const hostNames = (target: Target): ReadonlySet<HostName> =>
  new Set([...target.hosts.map(host => host.name), ...target.leftOut])

function switchKindOf(intent: Intent): SwitchKind | undefined {
  return intent === 'prepare' ? undefined : intent
}

function nothingToDo(target: Target, { intent, wanted }: PlanRequest): string {
  const hosts = target.hosts.length === 1 ? 'the host' : `all ${target.hosts.length} hosts`
  return intent === 'prepare'
    ? `${wanted.name} stands verified on ${hosts} of ${target.stage}: nothing to do.`
    : `${wanted.name} is live on ${hosts} of ${target.stage}: nothing to do.`
}
