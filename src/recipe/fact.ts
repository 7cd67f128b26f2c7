import type { Fact } from '../model/recipe.ts'
import { readArgv } from './argv.ts'
import { type Duration, readDuration } from './duration.ts'
import { isPlainObject, readFields, readText, unexpected } from './readers.ts'
import { valid } from './valid.ts'

/** How long a host may think about a question. */
export interface FactOptions {
  /** Default: 30 seconds. */
  readonly timeout?: Duration
}

/**
 * A read-only question to every host: a program, and how to read what it prints.
 *
 * @param parse throws an Error whose message says what it did not understand; that becomes a problem of the host
 * @throws StageError `config` with everything that is wrong with the arguments or the options
 */
export function fact<Value>(
  argv: readonly string[],
  parse: (stdout: string) => Value,
  options: FactOptions = {},
): Fact<Value> {
  return valid('fact', place => {
    const { timeout = '30s' } = readFields(options, place, ['timeout'])
    if (typeof parse !== 'function') unexpected(parse, place.at('parse'), 'a function that reads the output')
    return {
      argv: readArgv(argv, place.at('argv')),
      timeoutMs: readDuration(timeout, place.at('timeout')),
      parse,
    }
  })
}

/** The word that stands for the Python that runs the remote end, wherever it is on a host. */
export const hostPython = '@python'

/**
 * A read-only question in Python, for what no program of the host answers. It runs isolated (`-I`: no user site, no
 * PYTHON* variables, no current directory on the path) under the Python that runs the remote end, 3.8 or newer.
 */
export function pythonFact<Value>(
  source: string,
  parse: (stdout: string) => Value,
  options: FactOptions = {},
): Fact<Value> {
  const text = valid('pythonFact', place => readText(source, place.at('source'), 'the source of a program'))
  return fact([hostPython, '-I', '-c', text], parse, options)
}

/** Was it made by `fact` or `pythonFact`? */
export function isFact(value: unknown): value is Fact<unknown> {
  return isPlainObject(value) && Array.isArray(value['argv']) && typeof value['parse'] === 'function'
}
