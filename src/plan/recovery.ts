import type { Observation, RevisionFacts, SwitchRecord } from '../model/facts.ts'
import type { HostName, RevisionName } from '../model/names.ts'
import type { RecoverWay } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { SplitStatus } from '../model/status.ts'
import type { Target } from '../model/target.ts'
import { printable } from '../shell/printable.ts'
import { hostsOfStage, unreadProblems } from './fleet-problems.ts'
import { type HostRead, hostsRead } from './hosts-read.ts'
import { movedLinks } from './moved-link.ts'
import { latestFirst, type OpenSwitches, openSwitches } from './open-switches.ts'
import { refusal, warning } from './problems.ts'
import { linkTextOf, stageOf, undecided } from './stage-history.ts'

/** A host on which a split switch still decides what is live. */
export interface Member {
  readonly read: HostRead
  /** The switch, as this host tells it. */
  readonly record: SwitchRecord
  /**
   * Another host kept the switch, and a later one that left this host out: nothing will be changed there, so only a kept switch
   * of its own closes the split here.
   */
  readonly keptElsewhere: boolean
}

/** A split, and what can be done about it. */
export interface Recovery {
  /** Also a switch that is left open and was kept nowhere, which the next run would put back. */
  readonly split: SplitStatus
  readonly members: readonly Member[]
  /** Hosts of the switch that are left as they are, each with the reason. */
  readonly warnings: readonly Problem[]
}

export type RecoverySought =
  | { readonly kind: 'split'; readonly recovery: Recovery }
  | { readonly kind: 'none'; readonly reason: string }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

/**
 * Finds the split that is to be mended, the latest if there are several. All its hosts have to be read, but those that
 * left the stage since; without a split nothing is said before every host of the stage was read.
 *
 * @param target all hosts of the stage
 */
export function findRecovery(
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
): RecoverySought {
  const { stage } = target
  const open = openSwitches(stage, observations, hostsOfStage(target))
  const [split, ...others] = [...latestFirst(open.splits), ...latestFirst(open.unkept)]
  if (split === undefined) return noSplit(target, observations, open)
  const hosts = target.hosts.filter(({ name }) => split.hosts.has(name))
  const unread = unreadProblems(hosts, observations)
  if (unread.length > 0) return { kind: 'refused', problems: unread.map(problem => needed(problem, split)) }
  const read = hostsRead({ ...target, hosts }, observations, without(open, split))
  const keptElsewhere = read.some(
    one => split.hosts.get(one.host.name) === 'kept' && !isMember(one, stage, split),
  )
  const members = read.flatMap(one =>
    memberOf(one, stage, split).map(member => ({ ...member, keptElsewhere })),
  )
  const warnings = [
    ...leftStage(target, observations, split),
    ...read.filter(one => !isMember(one, stage, split)).map(one => leftAlone(one, split)),
    ...others
      .filter(({ id }) => open.splits.some(other => other.id === id))
      .map(({ id }) => warning('split', stage, `the switch ${id} is split too: ${nextTime(stage)}`)),
  ]
  return { kind: 'split', recovery: { split, members, warnings } }
}

const nextTime = (stage: string): string => `when this one is mended, run \`deploy recover ${stage}\` again`

function noSplit(
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
  { inProgress }: OpenSwitches,
): RecoverySought {
  const { stage } = target
  const problems = [
    ...unreadProblems(target.hosts, observations),
    ...[...inProgress].map(([host, { by, from, command }]) =>
      refusal(
        'locked',
        host,
        `is being switched by ${by} from ${from}: ${command}`,
        'wait until that run has ended',
      ),
    ),
  ]
  if (problems.length > 0) return { kind: 'refused', problems }
  const moved = [...movedLinks(stage, observations)].map(
    ([host, { recorded, hint }]) =>
      `The link on ${host} was moved by hand, its journal has ${printable(recorded ?? 'no link')}: ${hint}.`,
  )
  return { kind: 'none', reason: [`There is no split of ${stage}: nothing to recover.`, ...moved].join('\n') }
}

/** What is put back before all else, but the switch that is decided about. */
function without(open: OpenSwitches, { id }: SplitStatus): OpenSwitches {
  const others = [...open.toPutBack].map(
    ([host, records]) => [host, records.filter(record => record.id !== id)] as const,
  )
  return { ...open, toPutBack: new Map(others) }
}

function needed(problem: Problem, { id }: SplitStatus): Problem {
  const hint = `every host of the switch ${id} is needed; one that is gone for good has to leave the configuration first`
  return { ...problem, hint: problem.hint === undefined ? hint : `${problem.hint}\n${hint}` }
}

/** None where the host knows nothing of the switch, or has kept a later one. */
function memberOf(
  read: HostRead,
  stage: string,
  { id }: SplitStatus,
): readonly Omit<Member, 'keptElsewhere'>[] {
  const record = undecided(stageOf(read.facts, stage), id)
  return record === undefined ? [] : [{ read, record }]
}

const isMember = (read: HostRead, stage: string, split: SplitStatus): boolean =>
  memberOf(read, stage, split).length > 0

function leftAlone({ host }: HostRead, { id, hosts }: SplitStatus): Problem {
  const why =
    hosts.get(host.name) === 'none' ? `knows nothing of the switch ${id}` : 'has kept a later switch'
  return warning('left-alone', host.name, `${why}: it is left as it is`)
}

function leftStage(
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
  { id }: SplitStatus,
): readonly Problem[] {
  const known = hostsOfStage(target)
  const records = [...observations.values()].flatMap(seen =>
    seen.kind === 'read' ? stageOf(seen.facts, target.stage).switches.filter(record => record.id === id) : [],
  )
  const left = [...new Set(records.flatMap(({ hosts }) => hosts))].filter(host => !known.has(host))
  if (left.length === 0) return []
  const message = `the switch ${id} is mended without ${left.join(', ')}: not in ${target.stage} any more`
  return [warning('left-stage', target.stage, message)]
}

/** The exact text that the link of a member gets; undefined: there is to be none. */
export const goalOf = ({ record }: Member, way: RecoverWay): string | undefined =>
  way === 'back' ? record.from : record.to

/** The verified revision that a member goes to; undefined where that is none, or nothing that was made here. */
export const goalRevision = (member: Member, way: RecoverWay): RevisionFacts | undefined =>
  member.read.facts.revisions.find(
    ({ name, verdict }) => name === goalOf(member, way) && verdict === 'verified',
  )

/** Is the link of a member what it should be already, so that it needs no switch? */
export function isThere(member: Member, way: RecoverWay, stage: string): boolean {
  if (way === 'back' && member.keptElsewhere) return false
  const history = stageOf(member.read.facts, stage)
  const goal = goalOf(member, way)
  return goal === undefined ? history.link.kind === 'absent' : linkTextOf(history) === goal
}

/** The revisions that a recovery may go to, either way: their interpreters are started before anything is decided. */
export function revisionsOf({ members }: Recovery): readonly RevisionName[] {
  const texts = members.flatMap(member => [goalOf(member, 'back'), goalOf(member, 'forward')])
  const isKnown = (text: string) =>
    members.some(({ read }) => read.facts.revisions.some(({ name }) => name === text))
  return [...new Set(texts)].filter(text => text !== undefined).filter(isKnown)
}

/** What each way comes to, for whoever has to choose: `--back: web1 to shop-1.3.0`. */
export function explainWays({ members }: Recovery): readonly string[] {
  return (['back', 'forward'] as const).map(way => {
    const goals = [...new Set(members.map(member => goalOf(member, way)))]
    const texts = goals.map(goal => {
      const hosts = members.filter(member => goalOf(member, way) === goal).map(({ read }) => read.host.name)
      return `${hosts.join(', ')} to ${goal ?? 'no link'}`
    })
    return `--${way}: ${texts.join('; ')}`
  })
}
