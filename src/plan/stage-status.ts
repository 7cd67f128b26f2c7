import type { Observation } from '../model/facts.ts'
import type { HostName, StageName } from '../model/names.ts'
import type { HostStatus, MovedLink, StageStatus } from '../model/status.ts'
import { movedLinks } from './moved-link.ts'
import { latestFirst, openSwitches } from './open-switches.ts'
import { liveOf, openOn, previousOf, stageOf } from './stage-history.ts'

/**
 * How a stage stands, made from what its hosts said; shown by `deploy status`.
 *
 * @param observations of all hosts that were asked, in the order in which they are to be shown
 * @param known every host that the stage has: a switch is judged by all of them
 * @param shown the hosts that the status is about; others were asked only for what they say of a switch
 */
export function stageStatus(
  stage: StageName,
  observations: ReadonlyMap<HostName, Observation>,
  known: ReadonlySet<HostName>,
  shown: readonly HostName[] = [...observations.keys()],
): StageStatus {
  const [split, ...moreSplits] = latestFirst(openSwitches(stage, observations, known).splits)
  const moved = movedLinks(stage, observations)
  const hosts = new Map(
    [...observations]
      .filter(([host]) => shown.includes(host))
      .map(([host, seen]) => [host, hostStatus(stage, seen, moved.get(host))]),
  )
  return {
    stage,
    uniform: isUniform([...hosts.values()]),
    split,
    moreSplits,
    hosts,
  }
}

function hostStatus(stage: StageName, seen: Observation, moved: MovedLink | undefined): HostStatus {
  if (seen.kind === 'unread') {
    const { kind, code, reason, hint } = seen
    return { kind, code, reason, hint }
  }
  const history = stageOf(seen.facts, stage)
  const [latest] = history.switches
  return {
    kind: 'read',
    link: history.link,
    live: liveOf(history),
    moved,
    previous: previousOf(history),
    open: openOn(history).map(record => record.id),
    putBackFailed: openOn(history).find(record => record.putBackFailed !== undefined)?.putBackFailed,
    undo: [...(latest?.state === 'put-back' ? latest.undo : []), ...history.undone],
    revisions: seen.facts.revisions,
    lock: history.lock,
    frozen: history.frozen,
  }
}

/** All were read, and all are live on one and the same revision. */
function isUniform(hosts: readonly HostStatus[]): boolean {
  const lives = new Set(hosts.map(host => (host.kind === 'read' ? host.live : undefined)))
  return lives.size === 1 && !lives.has(undefined)
}
