import type { LocalStep } from '../model/step.ts'
import { readLocal } from './read-step.ts'
import { readFields } from './readers.ts'
import { type StepOptions, stepOptionKeys } from './step-options.ts'
import { valid } from './valid.ts'

/**
 * A program on the machine that runs `deploy`, started without a shell, in the directory of the configuration.
 * It runs once for all hosts; with `once: false` once for each of them.
 *
 * @throws StageError `config` with everything that is wrong with the arguments or the options
 */
export function local(argv: readonly string[], options: StepOptions = {}): LocalStep {
  return valid('local', place =>
    readLocal(argv, place.at('argv'), readFields(options, place, stepOptionKeys), place),
  )
}
