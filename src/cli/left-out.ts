import { resolveTarget } from '../config/resolve-target.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import type { Host, Target } from '../model/target.ts'

/** The hosts of a stage that `--hosts` or `--except` left out of a target. */
export const leftOutHosts = (config: ResolvedConfig, target: Target): readonly Host[] =>
  resolveTarget(config, target.stage).hosts.filter(({ name }) => target.leftOut.includes(name))
