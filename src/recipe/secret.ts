import type { Secret } from '../model/step.ts'
import { readVariableName } from './env.ts'
import { valid } from './valid.ts'

/**
 * A value that is taken from the runner's environment when a run starts. It can only be the value of a variable of
 * a step, and is never written to a plan, a log, an event or a process list.
 *
 * @param name the variable of the runner: `DATABASE_URL`
 * @throws StageError `config` when that cannot be the name of a variable
 */
export function secret(name: string): Secret {
  return { secret: valid('secret', place => readVariableName(name, place)) }
}
