import { StageError } from 'stage-deploy'
import type { Limit } from '../options/limits.ts'
import { refusedOptions } from '../options/refused-options.ts'
import type { AttributeValue, ClassLetter, StageOptions, StageSystem, StagetoolsOptions } from './options.ts'
import { faultsOf } from './rules.ts'

/** One stage, with nothing left out but what the host itself says. */
export interface StageSettings {
  readonly stage: string
  readonly class: ClassLetter
  /** The second half of the system's name. */
  readonly name: string
  readonly user: string | undefined
  readonly group: string | undefined
  readonly host: string | undefined
  readonly expect: Readonly<Record<string, AttributeValue>>
}

/** The options with their defaults. */
export interface StagetoolsSettings {
  /** In the order in which they were written. */
  readonly stages: readonly StageSettings[]
  readonly configuration: string | undefined
  readonly coreRepo: string | undefined
  readonly coreApp: string | undefined
  readonly environment: string
  readonly system: string
  readonly imports: boolean
  readonly limit: Limit
}

/**
 * Fills in the defaults. A configuration in JSON or YAML has no compiler, so everything is looked at once more.
 *
 * @throws StageError `config` with everything that is wrong
 */
export function readSettings(options: StagetoolsOptions): StagetoolsSettings {
  const faults = faultsOf(options)
  if (faults.length > 0) throw refusedOptions('stagetools', faults)
  return {
    stages: Object.entries(options.stages).map(([stage, written]) => stageSettings(stage, written)),
    configuration: options.configuration,
    coreRepo: options.coreRepo,
    coreApp: options.coreApp,
    environment: options.environment ?? '.env',
    system: options.system ?? 'stagetools.utils:get_actual_system_from_name',
    imports: options.imports ?? true,
    limit: { timeout: options.timeout ?? '10m', timeoutOption: 'stagetools({ timeout })' },
  }
}

function stageSettings(stage: string, written: StageSystem): StageSettings {
  const given: StageOptions = typeof written === 'string' ? { class: written } : written
  const { name = given.class, user, group, host, expect = {} } = given
  return { stage, class: given.class, name, user, group, host, expect }
}

/** What is said of one stage. @throws StageError `config` where nothing is */
export function stageOf({ stages }: StagetoolsSettings, stage: string): StageSettings {
  const found = stages.find(settings => settings.stage === stage)
  if (found !== undefined) return found
  const known = stages.map(settings => `'${settings.stage}'`).join(', ')
  throw new StageError(
    'config',
    `stagetools: the class of the stage '${stage}' is missing: there are ${known}`,
    {
      hint: `write it: stages: { '${stage}': 'p' }, or 'q', 'i', 'd'; it is never guessed from the name`,
    },
  )
}
