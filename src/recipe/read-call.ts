import type { CallFunction, CallStep } from '../model/step.ts'
import type { Place } from './place.ts'
import { type ReadUndo, readOptions } from './read-options.ts'
import { unexpected } from './readers.ts'
import { readTitle, type StepOptions } from './step-options.ts'

/** What a called function may say about itself. */
export type CallOptions = Omit<StepOptions, 'title' | 'cwd'>

export const callKeys = ['timeout', 'timeoutOption', 'env', 'once', 'undo'] as const
type Fields = Readonly<Partial<Record<(typeof callKeys)[number], unknown>>>

/** A function on the runner: once for all hosts, unless it says otherwise. */
export function readCall(
  title: unknown,
  run: unknown,
  options: Fields,
  place: Place,
  readUndo: ReadUndo,
): CallStep {
  const read = readTitle(title, place.at('title'))
  if (!isFunction(run))
    unexpected(run, place.at('run'), 'an async function', 'only TypeScript and JavaScript can write one')
  return {
    kind: 'call',
    run: isFunction(run) ? run : async () => undefined,
    ...readOptions(options, place, { title: read, once: true }, readUndo),
  }
}

const isFunction = (value: unknown): value is CallFunction => typeof value === 'function'
