import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { quote, quoteArgv } from '../../src/shell/quote.ts'

test.each([
  ['shop', 'shop'],
  ['/var/webcode/shop-1.0', '/var/webcode/shop-1.0'],
  ['-n', '-n'],
  ['deploy@web1:22', 'deploy@web1:22'],
  ['', "''"],
  ['two words', "'two words'"],
  ["it's", "'it'\\''s'"],
  ['$(id)', "'$(id)'"],
  ['~', "'~'"],
  ['A=b', "'A=b'"],
  ['line\nbreak', "'line\nbreak'"],
  ['gr\u00fc\u00dfe', "'gr\u00fc\u00dfe'"],
])('%j is written as %s', (word, quoted) => {
  expect(quote(word)).toBe(quoted)
})

test("a word of the shell's own grammar is quoted, so that a command may be called that", () => {
  expect(quoteArgv(['time', 'if', 'timeout'])).toBe("'time' 'if' timeout")
})

test.each(['a\0b', '\ud800'])('%j cannot be an argument and is refused', word => {
  expect(() => quote(word)).toThrow(expect.objectContaining({ code: 'usage' }))
})

const HOSTILE = fc.oneof(
  fc.string({ unit: 'binary' }).map(text => text.replaceAll('\0', '')),
  fc
    .array(
      fc.constantFrom(
        "'",
        '"',
        '\\',
        '$',
        '`',
        '(',
        ')',
        '\n',
        '\r',
        '*',
        '?',
        '[',
        '!',
        '#',
        '~',
        '-n',
        ' ',
        'a',
        '\u00e9',
        '\u{1f600}',
        '\x1b',
        ';',
        '&',
        '|',
        '<',
        '{',
        '=',
      ),
    )
    .map(parts => parts.join('')),
)

describe.each([
  { shell: 'sh', argv: ['sh'] },
  { shell: 'dash', argv: ['dash'] },
  { shell: 'bash', argv: ['bash', '--posix'] },
  { shell: 'busybox ash', argv: ['busybox', 'ash'] },
])('$shell', ({ argv: [program = '', ...options] }) => {
  const installed = spawnSync(program, [...options, '-c', 'true']).status === 0

  // In CI every shell must be there: a test that is left out proves nothing.
  test.skipIf(!installed && process.env['CI'] === undefined)(
    'every word arrives unchanged',
    () => {
      fc.assert(
        fc.property(fc.array(HOSTILE, { maxLength: 5 }), words => {
          const line = quoteArgv(['printf', '%s\\0', 'first', ...words])
          const { status, stdout } = spawnSync(program, [...options, '-c', line])
          expect({ status, words: stdout.toString().split('\0') }).toEqual({
            status: 0,
            words: ['first', ...words, ''],
          })
        }),
        { numRuns: 150 },
      )
      // Hundreds of shells, one after the other, beside whatever else runs.
    },
    60_000,
  )
})
