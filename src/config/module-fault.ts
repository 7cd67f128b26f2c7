import { fileURLToPath } from 'node:url'
import type { SourceFault } from './source-fault.ts'

/** What jiti's Babel reports: a message, and on a second line file, line, and a column that counts from 0. */
const parseError = /^ParseError: (?<message>.*?)\s*\n\s*(?<file>.+):(?<line>\d+):(?<column>\d+)\s*$/s
const missingModule = /^Cannot find (?:module|package) '(?<specifier>[^']+)'/
const frame = /(?:\(|at (?:async )?)(?<file>(?:file:\/\/)?\/[^()]*):(?<line>\d+):(?<column>\d+)\)?$/

/**
 * Finds what to show of an error that a configuration in TypeScript or JavaScript ended with.
 *
 * @param file the configuration
 * @param isTheirs says whether a file was written by the user; the first such frame of a stack is where to look
 */
export function faultOfModule(
  error: unknown,
  file: string,
  isTheirs: (file: string) => boolean,
): SourceFault {
  const message = error instanceof Error ? error.message : `it threw ${JSON.stringify(error)}`
  const parsed = parseError.exec(message)?.groups
  if (parsed !== undefined)
    return {
      file: parsed['file'] ?? file,
      line: Number(parsed['line']),
      column: Number(parsed['column']) + 1,
      message: parsed['message'] ?? message,
    }
  const at = { file, line: undefined, column: undefined, ...theirFrame(error, isTheirs) }
  return missingModule.test(message)
    ? { ...at, column: undefined, message: message.replace(/\nRequire stack:.*$/s, '') }
    : { ...at, message }
}

function theirFrame(error: unknown, isTheirs: (file: string) => boolean) {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  for (const text of stack.split('\n')) {
    const { file, line, column } = frame.exec(text)?.groups ?? {}
    const path = file?.startsWith('file://') ? fileURLToPath(file) : file
    if (path !== undefined && isTheirs(path))
      return { file: path, line: Number(line), column: Number(column) }
  }
  return {}
}
