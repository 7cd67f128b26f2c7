import { homedir } from 'node:os'
import { loadConfig } from '../config/load-config.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import { loadToolModules } from '../tool-modules.ts'
import type { CommonFlags } from './flags.ts'
import type { Surroundings } from './surroundings.ts'

/** The configuration that `--config` names, or the one found upward from the working directory. */
export async function readConfiguration(around: Surroundings, flags: CommonFlags): Promise<ResolvedConfig> {
  return loadConfig({
    cwd: around.cwd,
    home: homedir(),
    modules: await loadToolModules(),
    ...(flags.config === undefined ? {} : { file: flags.config }),
  })
}
