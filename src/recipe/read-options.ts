import type { UndoStep } from '../model/step.ts'
import { readDuration } from './duration.ts'
import { readEnv } from './env.ts'
import type { Place } from './place.ts'
import { readDirectory, readOnce, readOneLine, readTitle, type StepOptionKey } from './step-options.ts'

type Options = Readonly<Partial<Record<StepOptionKey, unknown>>>

/** Reads what undoes a step: handed in, because that is a step of any kind itself. */
export type ReadUndo = (value: unknown, place: Place) => UndoStep | false | undefined

/** What every step may say about itself, with its defaults filled in. */
export function readOptions(
  options: Options,
  place: Place,
  defaults: { readonly title: string; readonly once?: boolean; readonly timeout?: string },
  readUndo: ReadUndo,
) {
  const { title, timeoutOption = '`timeout` of the step', env = {}, cwd, undo } = options
  const { timeout = defaults.timeout ?? '10m', once = defaults.once ?? false } = options
  return {
    title: title === undefined ? defaults.title : readTitle(title, place.at('title')),
    timeoutMs: readDuration(timeout, place.at('timeout')),
    timeoutOption: readOneLine(timeoutOption, place.at('timeoutOption')),
    env: readEnv(env, place.at('env')),
    cwd: cwd === undefined ? undefined : readDirectory(cwd, place.at('cwd')),
    once: readOnce(once, place.at('once')),
    undo: readUndo(undo, place.at('undo')),
  }
}
