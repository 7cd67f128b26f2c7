import type { RecoverWay } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { Target } from '../model/target.ts'
import type { HostRead } from './hosts-read.ts'
import { goalOf, isThere, type Member } from './recovery.ts'
import type { Wanted } from './request.ts'
import { liveOf, previousOf, stageOf } from './stage-history.ts'
import { revisionBehind, type StepHost } from './step-host.ts'
import { askForSteps } from './step-hosts.ts'

/** What a recovery does on one host. */
export interface Mending {
  readonly host: string
  /** `switched`: its link moves. `activated`: its link is right, and nobody saw what came after it end. `left`: neither. */
  readonly part: 'switched' | 'activated' | 'left'
  /** Undefined: there is to be no link, so there is nothing to activate. */
  readonly steps: StepHost | undefined
  /** Ids of steps that were undone here and belong to what is live in the end. */
  readonly undone: readonly string[]
  readonly problems: readonly Problem[]
}

export function mendingOf(
  target: Target,
  member: Member,
  way: RecoverWay,
  read: readonly HostRead[],
): Mending {
  const { host } = member.read
  const there = isThere(member, way, target.stage)
  const part = !there ? 'switched' : isUnfinished(member) ? 'activated' : 'left'
  const goal = goalOf(member, way)
  if (goal === undefined) return { host: host.name, part, steps: undefined, undone: [], problems: [] }
  const wanted = wantedOf(goal, member, target)
  // A recipe is asked about revisions; what was not made here has none to ask about.
  const asking = wanted.sha256 === '' ? { ...target, recipes: [] } : target
  // What is brought forward has the steps that it had then: in `before:switch` they are found again by their numbers.
  const intent = way === 'forward' && member.record.kind === 'rollback' ? 'rollback' : 'recover'
  const asked = askForSteps(asking, member.read, read, { intent, wanted })
  const history = stageOf(member.read.facts, target.stage)
  const before = way === 'forward' ? member.record.from : previousOf(history)
  const change = {
    revision: revisionBehind(goal, host, member.read.facts, target.project),
    previous: there ? before : liveOf(history),
  }
  const { state, undo } = member.record
  const undone = way === 'forward' && state === 'put-back' ? undo.map(({ of }) => of) : []
  return { host: host.name, part, steps: { ...asked.host, change }, undone, problems: asked.problems }
}

/** Did nobody see the activation of what is live here end well? */
const isUnfinished = ({ record: { state, undo } }: Member): boolean =>
  state === 'open' || (state === 'put-back' && undo.some(({ ok }) => !ok))

function wantedOf(goal: string, { read: { facts } }: Member, { project }: Target): Wanted {
  const known = facts.revisions.find(({ name, verdict }) => name === goal && verdict === 'verified')
  const { version, sha256 } = known ?? { version: '', sha256: '' }
  return {
    name: goal,
    project: known?.project ?? project,
    version,
    sha256,
    requiresPython: undefined,
    sdist: undefined,
  }
}
