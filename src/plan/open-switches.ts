import type { Holder, HostFacts, Observation, SwitchRecord } from '../model/facts.ts'
import type { HostName, StageName } from '../model/names.ts'
import type { SplitStatus } from '../model/status.ts'
import { openOn, stageOf, switchesOf } from './stage-history.ts'

/** Open switches of a stage, an intent that was neither kept nor put back, told apart by what all their hosts say. */
export interface OpenSwitches {
  readonly splits: readonly SplitStatus[]
  /** Switches that no host kept, newest first: the next run puts them back on these hosts before it does anything else. */
  readonly toPutBack: ReadonlyMap<HostName, readonly SwitchRecord[]>
  /** Hosts on which an open switch is in progress, and who holds their lock. */
  readonly inProgress: ReadonlyMap<HostName, Holder>
}

/**
 * Tells the open switches of a stage apart. Open with the lock held is in progress. Open with the lock free, when
 * all hosts of that switch were read: put back if none kept it, a split if one did; a split also when one of them
 * could not be read. A later kept switch closes earlier ones on its host.
 *
 * @param known hosts that the stage still has: one that left it is not asked and does not count
 */
export function openSwitches(
  stage: StageName,
  observations: ReadonlyMap<HostName, Observation>,
  known: ReadonlySet<HostName>,
): OpenSwitches {
  const read = factsByHost(observations, known)
  const splits = new Map<string, SplitStatus>()
  const toPutBack = new Map<HostName, SwitchRecord[]>()
  const inProgress = new Map<HostName, Holder>()
  for (const [host, facts] of read) {
    const history = stageOf(facts, stage)
    for (const record of openOn(history)) {
      if (history.lock !== undefined) {
        inProgress.set(host, history.lock)
        continue
      }
      const hosts = statesOf(record, stage, read, known)
      if ([...hosts.values()].some(state => state === 'kept' || state === 'unread')) {
        const { id, from, to, atMs } = record
        splits.set(id, { id, from, to, atMs, hosts })
      } else {
        toPutBack.set(host, [...(toPutBack.get(host) ?? []), record])
      }
    }
  }
  return { splits: [...splits.values()], toPutBack, inProgress }
}

function factsByHost(
  observations: ReadonlyMap<HostName, Observation>,
  known: ReadonlySet<HostName>,
): ReadonlyMap<HostName, HostFacts> {
  return new Map(
    [...observations].flatMap(([host, seen]) =>
      seen.kind === 'read' && known.has(host) ? [[host, seen.facts]] : [],
    ),
  )
}

function statesOf(
  { id, hosts }: SwitchRecord,
  stage: StageName,
  read: ReadonlyMap<HostName, HostFacts>,
  known: ReadonlySet<HostName>,
): SplitStatus['hosts'] {
  return new Map(
    hosts
      .filter(host => known.has(host))
      .map(host => {
        const facts = read.get(host)
        if (facts === undefined) return [host, 'unread']
        const there = switchesOf(stageOf(facts, stage)).find(record => record.id === id)
        return [host, there?.state ?? 'none']
      }),
  )
}
