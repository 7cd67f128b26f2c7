import type { ExecStep } from '../model/step.ts'
import { readScript } from './read-step.ts'
import { isPlainObject, readFields, unexpected } from './readers.ts'
import type { ShellScript } from './sh.ts'
import { type ExecOptions, execOptionKeys } from './step-options.ts'
import { valid } from './valid.ts'

/**
 * A shell script on the host, written with the `sh` tag, so that values reach it as positional parameters. It ends
 * at the first command that fails, and at a variable that is not set.
 *
 * @throws StageError `config` with everything that is wrong with the script or the options
 */
export function script(written: ShellScript, options: ExecOptions = {}): ExecStep {
  return valid('script', place => {
    const { text, values }: Partial<ShellScript> = isPlainObject(written) ? written : {}
    if (text === undefined) unexpected(written, place, 'a script written as sh`…`')
    return readScript(text ?? 'true', values ?? [], readFields(options, place, execOptionKeys), place)
  })
}
