import { fileURLToPath } from 'node:url'
import { closest } from '../recipe/closest.ts'
import { described } from '../recipe/readers.ts'
import { type CodePlace, originOf } from './compiled-code.ts'
import { withoutSourceWords, withoutTexts } from './said-of-source.ts'
import type { SourceFault } from './source-fault.ts'

/** What jiti's Babel reports: a message, and on a second line file, line, and a column that counts from 0. */
const parseError = /^ParseError: (?<message>.*?)\s*\n\s*(?<file>.+):(?<line>\d+):(?<column>\d+)\s*$/s
const missingModule = /^Cannot find (?:module|package) '(?<specifier>[^']+)'/
const frame = /(?:\(|at (?:async )?)(?<file>(?:file:\/\/)?\/[^()]*):(?<line>\d+):(?<column>\d+)\)?$/

/** What is compiled calls an import by the name of its module: `(0 , _stageDeploy.defineConfig)`. */
const importedName = /\(0 ?, _\w+\.(?<name>\w+)\)/g

/** What is known of the code that ran. */
export interface LoadedCode {
  /** What it may import of the tool, to say which was meant. */
  readonly names: readonly string[]
  /** Was a file written by the user? The first such frame of a stack is where to look. */
  readonly isTheirs: (file: string) => boolean
  /** What was made of each file that was compiled, with its source map; any other ran as it is. */
  readonly compiled: ReadonlyMap<string, string>
}

/**
 * Finds what to show of an error that a configuration in TypeScript or JavaScript ended with. Where it is not known for
 * certain, no line is named rather than a wrong one.
 *
 * @param file the configuration
 */
export function faultOfModule(error: unknown, file: string, loaded: LoadedCode): SourceFault {
  const message = error instanceof Error ? error.message.replace(importedName, '$<name>') : ''
  const parsed = parseError.exec(message)?.groups
  if (parsed !== undefined)
    return {
      file: parsed['file'] ?? file,
      line: Number(parsed['line']),
      column: Number(parsed['column']) + 1,
      message: withoutSourceWords(parsed['message'] ?? ''),
    }
  const at = theirPlace(error, loaded) ?? { file, line: undefined, column: undefined }
  if (!(error instanceof Error)) return { ...at, ...thrown(error) }
  if (missingModule.test(message))
    return { ...at, column: undefined, message: message.replace(/\nRequire stack:.*$/s, '') }
  return { ...at, ...said(error, message, loaded.names) }
}

type Said = Pick<SourceFault, 'message' | 'hint'>

/** What is thrown is somebody's value, and nobody wrote it for people to read. */
const thrown = (value: unknown): Said => ({
  message: `it threw ${described(value)}, which is no Error`,
  hint: "throw new Error('…') to say why",
})

/** What V8 says of code repeats the code. What is thrown on purpose is a sentence for people. */
function said(error: Error, message: string, names: readonly string[]): Said {
  if (!engineErrors.has(error.name)) return { message }
  const unknown = /^(?<name>\S+) is not defined$/.exec(message)?.groups?.['name']
  if (unknown === undefined) return { message: withoutTexts(message) }
  // A text without its quotes is such a name, and may be a password.
  const meant = closest(unknown, names)
  return {
    message: 'a name stands here that is not defined',
    hint: meant === undefined ? 'a text stands in quotes' : `did you mean '${meant}'? it has to be imported`,
  }
}

const engineErrors: ReadonlySet<string> = new Set([
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
])

function theirPlace(error: unknown, { isTheirs, compiled }: LoadedCode) {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  for (const text of stack.split('\n')) {
    const { file, line, column } = frame.exec(text)?.groups ?? {}
    const path = file?.startsWith('file://') ? fileURLToPath(file) : file
    if (path === undefined || !isTheirs(path)) continue
    const at = { line: Number(line), column: Number(column) }
    const code = compiled.get(path)
    const origin: CodePlace | undefined = code === undefined ? at : originOf(code, at)
    if (origin !== undefined) return { file: path, ...origin }
  }
  return undefined
}
