import { resolveTarget } from '../config/resolve-target.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import type { Observation } from '../model/facts.ts'
import type { HostName } from '../model/names.ts'
import type { Host, Target } from '../model/target.ts'

/** The hosts of a stage that `--hosts` or `--except` left out of a target. */
export const leftOutHosts = (config: ResolvedConfig, target: Target): readonly Host[] =>
  resolveTarget(config, target.stage).hosts.filter(({ name }) => target.leftOut.includes(name))

/**
 * Those of them that nobody has asked yet. All are: a switch is judged by all its hosts, and one that split hosts that were
 * left out has left no trace on the others. To leave a host out is to leave its link alone, not to look away.
 */
export const notYetAsked = (
  leftOut: readonly Host[],
  observations: ReadonlyMap<HostName, Observation>,
): readonly Host[] => leftOut.filter(({ name }) => !observations.has(name))
