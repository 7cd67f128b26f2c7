import type { CallFunction, CallStep } from '../model/step.ts'
import { type CallOptions, callKeys, readCall } from './read-call.ts'
import { readUndo } from './read-step.ts'
import { readFields } from './readers.ts'
import { valid } from './valid.ts'

/**
 * A function of the configuration, called on the runner: the way out, for what no other step does. A plan shows that it is
 * called and cannot tell what it does. It runs once for all hosts; with `once: false` once for each of them. What it
 * throws is why the step failed.
 *
 * @param title what it does, for those who read the plan
 * @throws StageError `config` with everything that is wrong with the options
 */
export function call(title: string, run: CallFunction, options: CallOptions = {}): CallStep {
  return valid('call', place => readCall(title, run, readFields(options, place, callKeys), place, readUndo))
}
