import { homedir } from 'node:os'
import { trustedOwners } from '../artifact/whose-path.ts'
import { loadConfig } from '../config/load-config.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import { StageError } from '../model/stage-error.ts'
import { loadToolModules } from '../tool-modules.ts'
import type { CommonFlags } from './flags.ts'
import type { Command } from './run-on-stage.ts'

/**
 * The configuration that `--config` names, or the one found upward from the working directory. It is code of others,
 * which may never give back the processor: while it runs nothing is begun yet, and a signal ends the process as it
 * ends any other.
 */
export async function readConfiguration(
  { around, interrupts }: Command,
  flags: CommonFlags,
): Promise<ResolvedConfig> {
  const modules = await loadToolModules()
  const file = flags.config === undefined ? {} : { file: flags.config }
  const trusted = trustedOwners(process.geteuid?.(), around.env)
  return interrupts.unguarded(() =>
    orStandstill(loadConfig({ cwd: around.cwd, home: homedir(), modules, trusted, ...file })),
  )
}

/** Node ends a process in which nothing can happen any more, as if it were done: what is awaited then never comes. */
async function orStandstill(loading: Promise<ResolvedConfig>): Promise<ResolvedConfig> {
  let onStandstill = (): void => undefined
  const standstill = new Promise<never>((_, reject) => {
    onStandstill = () =>
      reject(
        new StageError('config', 'the configuration awaits something that never comes', {
          hint: 'look for an `await` in it, or in what it imports, that nothing ends',
        }),
      )
  })
  process.once('beforeExit', onStandstill)
  try {
    return await Promise.race([loading, standstill])
  } finally {
    process.off('beforeExit', onStandstill)
  }
}
