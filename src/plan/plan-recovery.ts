import type { HostName, StageName } from '../model/names.ts'
import type { HostPlan, Plan, RecoverWay, RunIdentity } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { Target } from '../model/target.ts'
import { basisOf } from './basis.ts'
import { finishedWebhooks } from './finished-webhooks.ts'
import { frozenProblems, sameRootProblems } from './fleet-problems.ts'
import { putBackFirst } from './plan-run.ts'
import { linkedFrom, missingDirectories } from './preflight-shared.ts'
import { goalOf, goalRevision, isThere, type Member, type Recovery } from './recovery.ts'
import { recoveryPhases } from './recovery-phases.ts'
import { recoveryProblems } from './recovery-problems.ts'
import { mendingOf } from './recovery-steps.ts'
import { linkTextOf, liveOf, stageOf } from './stage-history.ts'
import { sudoProblems, sudoQuestions, templateProblems } from './task-problems.ts'
import { disagreement } from './testimony.ts'

export type PlannedRecovery =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

/**
 * Decides how a split is mended: a coordinated switch of the hosts whose link is not where it should be, the activation of
 * what is live on those that never got to it, and how the split switch is closed where no link moves. Pure.
 */
export function planRecovery(
  target: Target,
  recovery: Recovery,
  way: RecoverWay,
  run: RunIdentity,
): PlannedRecovery {
  const { members, split, warnings } = recovery
  const { stage } = target
  const { reads, mending, phases, hosts } = layOut(target, recovery, way)
  const problems = [
    ...frozenProblems(stage, reads),
    ...sameRootProblems(reads),
    ...members.flatMap(member => recoveryProblems(target, member, way)),
    ...warnings,
    ...(way === 'forward' ? otherBytesProblems(stage, members) : []),
    ...mending.flatMap(one => one.problems),
    ...phases.problems,
    ...templateProblems(hosts, phases),
    ...sudoProblems(hosts, phases, reads),
  ]
  if (problems.some(problem => problem.severity === 'error')) return { kind: 'refused', problems }
  const names = new Set<HostName>(reads.map(({ host }) => host.name))
  const plan: Plan = {
    v: 1,
    intent: 'recover',
    run,
    project: target.project,
    stage,
    revision: aboutOf(members),
    shared: [],
    sdist: undefined,
    hosts,
    leftOut: [...target.leftOut, ...target.hosts.map(({ name }) => name).filter(name => !names.has(name))],
    switchKind: 'recover',
    policy: undefined,
    recovers: { id: split.id, way },
    phases: phases.phases,
    failed: phases.failed,
    finished: finishedWebhooks(target),
    warnings: problems,
    heartbeatMs: target.heartbeatMs,
    fileTimeoutMs: target.fileTimeoutMs,
  }
  return { kind: 'plan', plan }
}

/** What has to be asked of the sudo of each host before this can be planned. */
export function sudoToRecover(
  target: Target,
  recovery: Recovery,
  way: RecoverWay,
): ReturnType<typeof sudoQuestions> {
  const { hosts, phases } = layOut(target, recovery, way)
  return sudoQuestions(hosts, phases)
}

function layOut(target: Target, { members }: Recovery, way: RecoverWay) {
  // What is live is activated where nobody saw that end well: that is all that could be done about a missing undo as well.
  const reads = members.map(({ read }) => ({ ...read, notUndone: undefined }))
  const mending = members.map(member => mendingOf(target, member, way, reads))
  const steps = mending.flatMap(({ steps: host }) => (host === undefined ? [] : [host]))
  const hosts = members.map(member => {
    const read = { ...member.read, notUndone: undefined }
    return hostPlan(member, way, target, putBackFirst(read, reads, steps))
  })
  return { reads, mending, phases: recoveryPhases(target, mending), hosts }
}

function hostPlan(
  member: Member,
  way: RecoverWay,
  { stage, shared }: Target,
  first: HostPlan['putBackFirst'],
): HostPlan {
  const { host, found, facts } = member.read
  const history = stageOf(facts, stage)
  const to = goalOf(member, way)
  const wanted = to !== undefined && isEntry(to) ? to : undefined
  const end = way === 'back' ? 'put-back' : 'kept'
  const goal = goalRevision(member, way)
  const closes = isThere(member, way, stage) && member.record.state !== end ? end : undefined
  return {
    host: host.name,
    root: host.root,
    stands: true,
    live: liveOf(history),
    wanted,
    to,
    closes,
    basis: basisOf(found, stage, wanted),
    from: linkTextOf(history),
    putBackFirst: first,
    makes: goal === undefined ? [] : missingDirectories(facts, linkedFrom(goal, shared)),
    prune: [],
    pruneInstead: [],
    pruneLater: 0,
  }
}

/** All hosts go forward to one revision, or none does: what each goes back to is its own. */
const otherBytesProblems = (stage: StageName, members: readonly Member[]): readonly Problem[] =>
  [...new Set(members.map(member => goalOf(member, 'forward')))].flatMap(goal =>
    goal === undefined
      ? []
      : disagreement(
          stage,
          goal,
          members.map(({ read }) => read.facts),
          name => name === goal,
        ),
  )

/** Does a link with this text name an entry of the root, as the remote end reads it (`is_revision_name` in `layout.py`)? */
const isEntry = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._+!-]*$/.test(text) && text !== 'shared'

/** What the split switch went to; where that was no link, what it came from. */
function aboutOf(members: readonly Member[]): Plan['revision'] {
  const name =
    members.map(({ record }) => record.to).find(to => to !== undefined) ??
    members.map(({ record }) => record.from).find(from => from !== undefined) ??
    ''
  const known = members
    .flatMap(({ read }) => read.facts.revisions)
    .find(revision => revision.name === name && revision.verdict === 'verified')
  const version = known?.version ?? name.slice(name.lastIndexOf('-') + 1)
  return { name, version, sha256: known?.sha256 ?? '' }
}
