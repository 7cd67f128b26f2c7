import type { Drift, Mend } from '../../model/check.ts'
import { printable } from '../../shell/printable.ts'
import { quote } from '../../shell/quote.ts'

/** A field of the tool's own that is not as expected. */
export const drift = (field: string, expected: string, actual: string, mend: Mend): Drift => ({
  field,
  expected,
  actual,
  severity: 'drift',
  recipe: undefined,
  mend,
})

/** One that is worth knowing and makes no check fail. */
export const warned = (field: string, expected: string, actual: string, mend: Mend): Drift => ({
  ...drift(field, expected, actual, mend),
  severity: 'warning',
})

/** Only fields that differ are told. */
export const differing = (field: string, expected: string, actual: string, mend: Mend): readonly Drift[] =>
  expected === actual ? [] : [drift(field, expected, actual, mend)]

export const advice = (text: string): Mend => ({ kind: 'advice', text })

/** A command of the tool itself, on the machine where it runs. */
export const onRunner = (command: string): Mend => ({ kind: 'command', on: 'runner', command })

/**
 * A shell command for a host, made of words and paths. A path that a person could not copy from a terminal is named, and left
 * to him.
 *
 * @param pieces what stands between the paths, as `` sh` ` `` has it: plain text
 */
export function onHost(pieces: readonly string[], ...paths: readonly string[]): Mend {
  return command('host', pieces, paths)
}

/** The same for what only root can do. */
export function onHostAsRoot(pieces: readonly string[], ...paths: readonly string[]): Mend {
  return command('host as root', pieces, paths)
}

function command(on: 'host' | 'host as root', pieces: readonly string[], paths: readonly string[]): Mend {
  const strange = paths.find(path => printable(path) !== path || /\p{Surrogate}|\t/u.test(path))
  if (strange !== undefined) return advice(`by hand, for the sake of its name: ${printable(strange)}`)
  return { kind: 'command', on, command: joined(pieces, paths.map(quote)) }
}

const joined = (pieces: readonly string[], words: readonly string[]): string =>
  pieces.map((piece, index) => piece + (words[index] ?? '')).join('')
