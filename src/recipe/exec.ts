import type { ExecStep } from '../model/step.ts'
import { readExec } from './read-step.ts'
import { readFields } from './readers.ts'
import { type ExecOptions, execOptionKeys } from './step-options.ts'
import { valid } from './valid.ts'

/**
 * A program on the host, started without a shell, in the directory of the revision: every character of every
 * argument arrives as it is.
 *
 * @throws StageError `config` with everything that is wrong with the arguments or the options
 */
export function exec(argv: readonly string[], options: ExecOptions = {}): ExecStep {
  return valid('exec', place =>
    readExec(argv, place.at('argv'), readFields(options, place, execOptionKeys), place),
  )
}
