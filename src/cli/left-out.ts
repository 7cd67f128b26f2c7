import { resolveTarget } from '../config/resolve-target.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import type { Observation } from '../model/facts.ts'
import type { HostName } from '../model/names.ts'
import type { Host, Target } from '../model/target.ts'
import { hostsOfStage } from '../plan/fleet-problems.ts'
import { needsMoreHosts } from '../plan/open-switches.ts'

/** The hosts of a stage that `--hosts` or `--except` left out of a target. */
export const leftOutHosts = (config: ResolvedConfig, target: Target): readonly Host[] =>
  resolveTarget(config, target.stage).hosts.filter(({ name }) => target.leftOut.includes(name))

/** Those of them that have to be asked all the same: a switch cannot be judged without what they say. */
export function neededHosts(
  target: Target,
  leftOut: readonly Host[],
  observations: ReadonlyMap<HostName, Observation>,
): readonly Host[] {
  if (!needsMoreHosts(target.stage, observations, hostsOfStage(target))) return []
  return leftOut.filter(({ name }) => !observations.has(name))
}
