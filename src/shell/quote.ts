import { StageError } from '../model/stage-error.ts'

/** Characters that no POSIX shell gives a meaning to. `=` is not among them (`A=b` would assign), nor `~`. */
const BARE_WORD = /^[A-Za-z0-9_@%+:,./-]+$/

/** Bare words that a shell takes for its grammar where a command may stand (POSIX 2.4, and what bash and ksh add). */
const RESERVED_WORDS: ReadonlySet<string> = new Set(
  'case coproc do done elif else esac fi for function if in select then time until while'.split(' '),
)

/**
 * Writes one word for a POSIX shell so that it arrives unchanged, whatever it holds: between single quotes only the
 * single quote itself has a meaning (POSIX 2.2.2). Words that need no quotes are left bare.
 *
 * @throws StageError `usage` for what no argument can carry: a NUL byte, or half of a surrogate pair
 */
export function quote(word: string): string {
  if (word.includes('\0')) throw unquotable(word, 'a NUL byte')
  if (/\p{Surrogate}/u.test(word)) throw unquotable(word, 'half of a surrogate pair')
  if (BARE_WORD.test(word) && !RESERVED_WORDS.has(word)) return word
  return `'${word.replaceAll("'", "'\\''")}'`
}

/** Writes a command and its arguments as one line for a POSIX shell. */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map(quote).join(' ')
}

function unquotable(word: string, what: string): StageError {
  return new StageError('usage', `${JSON.stringify(word)} contains ${what}, which no argument can carry`)
}
