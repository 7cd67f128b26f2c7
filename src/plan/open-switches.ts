import type { Holder, HostFacts, Observation, SwitchRecord } from '../model/facts.ts'
import type { HostName, StageName } from '../model/names.ts'
import type { SplitState, SplitStatus } from '../model/status.ts'
import { keptAsFarAs, stageOf, switchesOf, unclosedOn } from './stage-history.ts'

/** Switches of a stage that did not come to one end on all their hosts, told apart by what all of these say. */
export interface OpenSwitches {
  readonly splits: readonly SplitStatus[]
  /** Switches that no host kept, newest first: the next run puts them back on these hosts before it does anything else. */
  readonly toPutBack: ReadonlyMap<HostName, readonly SwitchRecord[]>
  /** The same switches with all their hosts: a person may decide about them too, before there is a next run. */
  readonly unkept: readonly SplitStatus[]
  /** Hosts on which such a switch is in progress, and who holds the lock. */
  readonly inProgress: ReadonlyMap<HostName, Holder>
}

/**
 * Tells the unfinished switches of a stage apart. With the lock held one is in progress. With the lock free:
 *
 * - open (an intent that was neither kept nor put back), and all hosts of that switch were read: put back if none kept
 *   it, a split if one did; a split also when one of them could not be read, or could not be put back when it was tried;
 * - put back, while another host kept it: a split. So a runner that dies while its `keep`s leave is seen.
 *
 * A later kept switch closes earlier ones on its host, but towards hosts that it left out it says nothing: what was split with
 * one of those stays split.
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
  const unkept = new Map<string, SplitStatus>()
  const inProgress = new Map<HostName, Holder>()
  for (const [host, facts] of read) {
    const history = stageOf(facts, stage)
    for (const record of unclosedOn(history)) {
      const wasKept = record.hosts.some(other => hasKept(read.get(other), stage, record.id, host))
      if (record.state === 'put-back' && !wasKept) continue
      const holder = history.lock ?? holderOf(record, stage, read)
      const hosts = statesOf(record, stage, read, known)
      if (holder !== undefined) {
        inProgress.set(host, holder)
      } else if (wasKept || [...hosts.values()].some(makesSplit)) {
        const { id, from, to, atMs } = record
        splits.set(id, { id, from, to, atMs, hosts })
      } else {
        const { id, from, to, atMs } = record
        unkept.set(id, { id, from, to, atMs, hosts })
        toPutBack.set(host, [...(toPutBack.get(host) ?? []), record])
      }
    }
  }
  return { splits: [...splits.values()], toPutBack, unkept: [...unkept.values()], inProgress }
}

/** Does one host that stands so make a split of a switch that another has open, or put back while a third kept it? */
const makesSplit = (state: SplitState): boolean => state === 'kept' || state === 'unread' || state === 'stuck'

/** The order in which splits are mended: by the runner's clock at their intents. */
export const latestFirst = (switches: readonly SplitStatus[]): readonly SplitStatus[] =>
  switches.toSorted((a, b) => b.atMs - a.atMs)

/** Did a host keep this switch, and does that still count towards `towards`? */
const hasKept = (facts: HostFacts | undefined, stage: StageName, id: string, towards: HostName): boolean => {
  if (facts === undefined) return false
  return keptAsFarAs(stageOf(facts, stage), towards)?.id === id
}

/** Is the run that this switch belongs to still at any of its hosts? It may be about to come back to this one. */
function holderOf(
  { id, hosts }: SwitchRecord,
  stage: StageName,
  read: ReadonlyMap<HostName, HostFacts>,
): Holder | undefined {
  return hosts
    .map(host => read.get(host))
    .flatMap(facts => (facts === undefined ? [] : [stageOf(facts, stage).lock]))
    .find(holder => holder?.run === id)
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
        if (there === undefined) return [host, 'none']
        return [host, there.state === 'open' && there.putBackFailed !== undefined ? 'stuck' : there.state]
      }),
  )
}
