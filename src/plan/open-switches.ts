import type { Observation, SwitchRecord } from '../model/facts.ts'
import type { HostName, StageName } from '../model/names.ts'
import { openOn, stageOf } from './stage-history.ts'

/** A switch that some hosts kept and others did not, or that cannot be told apart from one. A person must decide. */
export interface Split {
  readonly id: string
  readonly from: string | undefined
  readonly to: string
  readonly atMs: number
  /** Every host of that switch and how it stands there; `unread`: it could not be asked. */
  readonly hosts: ReadonlyMap<HostName, SwitchRecord['state'] | 'unread' | 'none'>
}

/** Open switches of a stage, told apart by what all their hosts say (DESIGN: an intent with neither kept nor put back). */
export interface OpenSwitches {
  readonly splits: readonly Split[]
  /** Switches that no host kept: the next run puts these back on these hosts before it does anything else. */
  readonly toPutBack: ReadonlyMap<HostName, readonly string[]>
  /** Hosts whose open switch is in progress: somebody holds the lock. */
  readonly inProgress: ReadonlySet<HostName>
}

/**
 * Tells the open switches of a stage apart. Open with the lock held is in progress. Open with the lock free, when
 * all hosts of that switch were read: put back if none kept it, a split if one did; a split also when one of them
 * could not be read. A later kept switch closes earlier ones on its host. `known`: hosts that the configuration
 * still has; a host that left it cannot be asked and does not count.
 */
export function openSwitches(
  stage: StageName,
  observations: ReadonlyMap<HostName, Observation>,
  known: ReadonlySet<HostName>,
): OpenSwitches {
  const splits = new Map<string, Split>()
  const toPutBack = new Map<HostName, string[]>()
  const inProgress = new Set<HostName>()
  for (const [host, observation] of observations) {
    if (observation.kind === 'unread') continue
    const facts = stageOf(observation.facts, stage)
    for (const record of openOn(facts)) {
      if (facts.lock !== undefined) {
        inProgress.add(host)
        continue
      }
      const states = statesOf(record, stage, observations, known)
      if ([...states.values()].some(state => state === 'kept' || state === 'unread')) {
        const { id, from, to, atMs } = record
        splits.set(id, { id, from, to, atMs, hosts: states })
      } else {
        toPutBack.set(host, [...(toPutBack.get(host) ?? []), record.id])
      }
    }
  }
  return { splits: [...splits.values()], toPutBack, inProgress }
}

function statesOf(
  record: SwitchRecord,
  stage: StageName,
  observations: ReadonlyMap<HostName, Observation>,
  known: ReadonlySet<HostName>,
): Split['hosts'] {
  const states = new Map<HostName, SwitchRecord['state'] | 'unread' | 'none'>()
  for (const host of record.hosts) {
    if (!known.has(host)) continue
    const observation = observations.get(host)
    if (observation?.kind !== 'read') {
      states.set(host, 'unread')
      continue
    }
    const there = stageOf(observation.facts, stage).switches.find(candidate => candidate.id === record.id)
    states.set(host, there?.state ?? 'none')
  }
  return states
}
