import { StageError } from '../model/stage-error.ts'
import type { VersionSource } from '../model/version-policy.ts'
import { readPlainText } from './plain-file.ts'

/**
 * Runs a program on the runner, in a directory, and gives what it printed on standard output.
 *
 * @throws StageError `config` when it fails, `interrupted` when it was called off
 */
export type PrintedBy = (argv: readonly string[], directory: string) => Promise<string>

/** What stands in a source. `git`: what `git describe --long` printed, the commit in full. */
export type SourceText =
  | { readonly kind: 'text'; readonly text: string; readonly place: string }
  | { readonly kind: 'described'; readonly line: string; readonly tagPrefix: string }

/**
 * Reads a version where it is written down besides the sdist. Undefined: nowhere, the sdist alone says it.
 *
 * @param directory of the configuration: where programs run
 * @throws StageError `config` when the source does not say exactly one
 */
export async function readVersionSource(
  source: VersionSource,
  directory: string,
  printedBy: PrintedBy,
): Promise<SourceText | undefined> {
  switch (source.kind) {
    case 'sdist':
      return undefined
    case 'file':
      return fromFile(source.path, source.pattern)
    case 'command': {
      const text = (await printedBy(source.argv, directory)).trim()
      return { kind: 'text', text, place: 'what `version.command` prints' }
    }
    case 'git': {
      const { tagPrefix } = source
      // Lightweight tags too; the commit in full, because a label may name it with any number of digits.
      const options = ['--tags', '--long', '--abbrev=40', '--match', `${tagPrefix}[0-9]*`]
      const line = (await printedBy(['git', 'describe', ...options], directory)).trim()
      return { kind: 'described', line, tagPrefix }
    }
  }
}

/** A source file, or a changelog of many years. */
const VERSION_FILE_BYTES = 4 * 1024 ** 2

async function fromFile(path: string, pattern: RegExp): Promise<SourceText> {
  const content = await readPlainText(path, VERSION_FILE_BYTES).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StageError('config', `version.file cannot be read: ${reason}`, { cause: error })
  })
  const flags = [...new Set([...pattern.flags, 'g', 'd'])].join('')
  const matches = [...content.matchAll(new RegExp(pattern.source, flags))]
  const lines = matches.map(({ index }) => lineOf(content, index))
  const [match] = matches
  if (match === undefined || matches.length > 1) {
    const found = match === undefined ? 'nowhere' : `on the lines ${lines.join(', ')}`
    throw new StageError('config', `version.pattern matches ${found} in ${path}`, {
      hint: 'it has to match exactly once, the version in its first group',
    })
  }
  return {
    kind: 'text',
    text: match[1] ?? '',
    place: `${path}:${lineOf(content, match.indices?.[1]?.[0] ?? 0)}`,
  }
}

const lineOf = (content: string, index: number): number => content.slice(0, index).split('\n').length
