import type { Secret } from '../model/step.ts'
import { readSecret } from './env.ts'
import { valid } from './valid.ts'

/** Where a secret is read, if not in the environment. */
export type SecretSource =
  /** A file of the runner: absolute, below `~/`, or relative to the configuration. */
  | { readonly file: string }
  /** A program of the runner and its arguments, run once in the configuration's directory; what it prints is the value. */
  | { readonly command: readonly string[] }
  /** The same on a host of the run, in its root, read-only like a fact: what that host knows and others are to be told. */
  | { readonly command: readonly string[]; readonly host: string }

/**
 * A value that is taken from the runner's environment, a file, a program or a host when a run starts. It can only be the value of
 * a variable of a step, and is never written to a plan, a log, an event or a process list.
 *
 * @param name what it is called, and the variable of the runner: `DATABASE_URL`
 * @throws StageError `config` when that cannot be the name of a variable, or the source is none
 */
export function secret(name: string, source?: SecretSource): Secret {
  return valid('secret', place => readSecret({ ...source, secret: name }, place))
}
