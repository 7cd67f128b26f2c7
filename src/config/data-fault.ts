import { isPlainObject } from '../recipe/readers.ts'
import { withoutSourceWords } from './said-of-source.ts'
import type { SourceFault } from './source-fault.ts'

/** What js-yaml reports: its reason, and a mark that counts from 0. */
export function faultOfYaml(error: unknown, file: string): SourceFault {
  const message = error instanceof Error ? error.message : String(error)
  const fields: Readonly<Record<string, unknown>> = error instanceof Error ? { ...error } : {}
  const mark = isPlainObject(fields['mark']) ? fields['mark'] : {}
  const { line, column } = mark
  return {
    file,
    line: typeof line === 'number' ? line + 1 : undefined,
    column: typeof column === 'number' ? column + 1 : undefined,
    message: saidOfYaml(typeof fields['reason'] === 'string' ? fields['reason'] : message),
  }
}

/** Without the tag, the alias or the name that it repeats. */
const saidOfYaml = (reason: string): string =>
  withoutSourceWords(reason.replace(/!?<[^>]*>/g, '<…>').replace(/: .*$/s, ''))

/** What `JSON.parse` reports. V8 names the position of some faults only; the others are found again. */
export function faultOfJson(error: unknown, file: string, text: string): SourceFault {
  const message = error instanceof Error ? error.message : String(error)
  const before = text.slice(0, jsonPosition(message) ?? firstBadCharacter(text))
  const lines = before.split('\n')
  return {
    file,
    line: lines.length,
    column: (lines.at(-1)?.length ?? 0) + 1,
    message: saidOfJson(message),
  }
}

/** Without the text that it repeats, and without the character, if that is more than a sign. */
const saidOfJson = (message: string): string =>
  message
    .replace(/ (?:in JSON )?at position \d+.*$|,\s(?:\.\.\.)?".*$/s, '')
    .replace(/^(Unexpected token) '?[\p{L}\p{N}].*$/su, '$1')

function jsonPosition(message: string): number | undefined {
  const position = / at position (\d+)/.exec(message)?.[1]
  return position === undefined ? undefined : Number(position)
}

/** A beginning of the text is good as long as what is wrong with it is only that it ends. */
function firstBadCharacter(text: string): number {
  let good = 0
  let bad = text.length + 1
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2)
    if (onlyEnds(text.slice(0, middle))) good = middle
    else bad = middle
  }
  return good
}

function onlyEnds(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    return /end of JSON input|Unterminated/.test(message) || jsonPosition(message) === text.length
  }
}
