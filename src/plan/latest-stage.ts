import type { Observation, SwitchRecord } from '../model/facts.ts'
import type { HostName } from '../model/names.ts'

/**
 * The kept switch that is the latest of all stages and hosts, by the runner's time in the journals: what a rollback
 * without a stage is about. Undefined: nothing was ever kept.
 */
export function latestStage(observations: ReadonlyMap<HostName, Observation>): SwitchRecord | undefined {
  const kept = [...observations.values()].flatMap(seen =>
    seen.kind === 'read'
      ? [...seen.facts.stages.values()].flatMap(stage =>
          stage.switches.filter(({ state }) => state === 'kept'),
        )
      : [],
  )
  return kept.toSorted((a, b) => b.atMs - a.atMs)[0]
}
