import type { BootProbeStep } from '../model/step.ts'
import { type BootProbeOptions, bootProbeKeys, readBootProbe } from './boot-probe-options.ts'
import { readFields } from './readers.ts'
import { valid } from './valid.ts'

/**
 * Starts the new revision beside the live one, asks it until it answers as expected, and ends it, with every process of its
 * group, however that went. `{port}` in an argument or a variable becomes a free port of 127.0.0.1, `{socket}` the path of a
 * Unix socket in a directory of its own.
 *
 * @param argv a program that stays in the foreground
 * @throws StageError `config` with everything that is wrong with the arguments or the options
 */
export function bootProbe(argv: readonly string[], options: BootProbeOptions = {}): BootProbeStep {
  return valid('bootProbe', place =>
    readBootProbe(argv, place.at('argv'), readFields(options, place, bootProbeKeys), place),
  )
}
