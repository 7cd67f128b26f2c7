import type { HostFacts, Observation, SwitchRecord } from '../model/facts.ts'
import type { HostName } from '../model/names.ts'
import type { Host, Target } from '../model/target.ts'
import { afterPutBack } from './after-put-back.ts'
import type { OpenSwitches } from './open-switches.ts'
import { notUndoneOn, stageOf } from './stage-history.ts'

/** One selected host with what it said. */
export interface HostRead {
  readonly host: Host
  /** As it was found. */
  readonly found: HostFacts
  /** Open switches that no host kept, newest first: put back before all else. */
  readonly toPutBack: readonly SwitchRecord[]
  /** The latest switch, if it was put back and its undo is still due. */
  readonly notUndone: SwitchRecord | undefined
  /** As it will be once those are put back: what everything is decided on. */
  readonly facts: HostFacts
}

/** The selected hosts that answered, in the order of the target. */
export function hostsRead(
  target: Target,
  observations: ReadonlyMap<HostName, Observation>,
  open: OpenSwitches,
): readonly HostRead[] {
  return target.hosts.flatMap(host => {
    const seen = observations.get(host.name)
    if (seen?.kind !== 'read') return []
    const toPutBack = open.toPutBack.get(host.name) ?? []
    const { facts: found } = seen
    const facts = afterPutBack(found, target.stage, toPutBack)
    return [{ host, found, toPutBack, notUndone: notUndoneOn(stageOf(found, target.stage)), facts }]
  })
}
