import type { Holder, Observation } from '../model/facts.ts'
import { frozenProblem } from '../model/frozen.ts'
import { lockedHint } from '../model/locked.ts'
import { momentOf, momentText } from '../model/moment.ts'
import type { HostName, StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import type { SplitStatus } from '../model/status.ts'
import type { Host, Target } from '../model/target.ts'
import { type HostRead, hostsRead } from './hosts-read.ts'
import { type OpenSwitches, openSwitches } from './open-switches.ts'
import { refusal, unreadProblem, warning } from './problems.ts'
import { stageOf } from './stage-history.ts'

/** Every host that the stage has, selected or not. */
export const hostsOfStage = ({ hosts, leftOut }: Target): ReadonlySet<HostName> =>
  new Set([...hosts.map(host => host.name), ...leftOut])

/** Selected hosts that could not be asked; nothing is decided without them. */
export function unreadProblems(
  hosts: readonly Host[],
  observations: ReadonlyMap<HostName, Observation>,
): readonly Problem[] {
  return hosts.flatMap(({ name }) => {
    const seen = observations.get(name)
    if (seen === undefined) return [refusal('unreachable', name, 'it was not asked')]
    return seen.kind === 'unread' ? [unreadProblem(name, seen)] : []
  })
}

/** The same root id on two hosts is one host under two names, or a shared file system. */
export function sameRootProblems(read: readonly HostRead[]): readonly Problem[] {
  return read.flatMap(({ host, facts: { root } }, index) => {
    const twin = read.slice(0, index).find(({ facts }) => root.id !== undefined && facts.root.id === root.id)
    if (twin === undefined) return []
    const message = `has the very root of ${twin.host.name} (${root.path}): one host under two names, or a shared file system`
    return [refusal('same-root', host.name, message, 'every root is one host: take one of the two out')]
  })
}

/** Splits, which a person has to look at; they come before any other decision about the stage. */
export function splitProblems(stage: StageName, splits: readonly SplitStatus[]): readonly Problem[] {
  return splits.map(({ id, from, to, atMs, hosts }) => {
    const states = [...hosts].map(([host, state]) => `${host} ${stateText[state]}`).join(', ')
    const message = `the switch ${id} of ${momentText(atMs)} from ${from ?? 'nothing'} to ${to ?? 'nothing'} is split: ${states}`
    const unread = [...hosts].filter(([, state]) => state === 'unread').map(([host]) => host)
    const all = unread.length === 0 ? '' : `; it can only be judged when ${unread.join(', ')} is asked too`
    const hint = `look at it with \`deploy status ${stage}\`${all}\n${recoverCommands(stage)}`
    return refusal('split', stage, message, hint)
  })
}

const recoverCommands = (stage: StageName): string =>
  `then decide for all of them: \`deploy recover ${stage} --back\` or \`deploy recover ${stage} --forward\``

/** Hosts on which somebody froze the stage. */
export function frozenProblems(stage: StageName, read: readonly HostRead[]): readonly Problem[] {
  return read.flatMap(({ host, facts }) => {
    const { frozen } = stageOf(facts, stage)
    return frozen === undefined ? [] : [frozenProblem(host.name, stage, frozen)]
  })
}

const stateText = {
  kept: 'kept it',
  open: 'has it open',
  stuck: 'could not put it back',
  'put-back': 'put it back',
  none: 'knows nothing of it',
  unread: 'was not read',
} as const

/** Hosts in the middle of somebody's switch: what they will be in a moment cannot be planned on. */
export function inProgressProblems(
  read: readonly HostRead[],
  { inProgress }: OpenSwitches,
): readonly Problem[] {
  return read.flatMap(({ host }) => {
    const holder = inProgress.get(host.name)
    if (holder === undefined) return []
    const message = `is being switched: its lock is held by ${holderText(holder)}`
    return [refusal('locked', host.name, message, lockedHint)]
  })
}

/**
 * Why nothing at all may be done with the stage now, whatever is wanted: split, being switched, frozen. This is said, and
 * decides how the command ends, before anything that is wrong with the revision.
 */
export function closedProblems(
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
): readonly Problem[] {
  const open = openSwitches(target.stage, observations, hostsOfStage(target))
  const read = hostsRead(target, observations, open)
  return [
    ...splitProblems(target.stage, open.splits),
    ...inProgressProblems(read, open),
    ...frozenProblems(target.stage, read),
  ]
}

/** Hosts of a switch to put back that are not in the stage any more: nobody asks them, nobody puts them back. */
export function leftStageWarnings(target: Target, read: readonly HostRead[]): readonly Problem[] {
  const known = hostsOfStage(target)
  const open = new Map(read.flatMap(({ toPutBack }) => toPutBack.map(record => [record.id, record])))
  return [...open.values()].flatMap(({ id, hosts }) => {
    const left = hosts.filter(host => !known.has(host))
    if (left.length === 0) return []
    const message = `the switch ${id} is put back without ${left.join(', ')}: not in ${target.stage} any more`
    return [warning('left-stage', target.stage, message)]
  })
}

const holderText = ({ by, from, pid, sinceMs, command }: Holder): string =>
  momentOf(sinceMs) === undefined
    ? 'a run that did not say who it is'
    : `${by} from ${from} (process ${pid}) since ${momentText(sinceMs)}: ${command}`
