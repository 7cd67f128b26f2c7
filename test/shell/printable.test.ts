import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable } from '../../src/shell/printable.ts'

test.each([
  ['colour', '\x1b[1;31mERROR\x1b[0m: no', 'ERROR: no'],
  ['erasing and moving', '\x1b[2J\x1b[Hhello\x1b[K', 'hello'],
  ['a control sequence in one byte', '\x9b31mred', 'red'],
])('%s is left out', (_, text, shown) => {
  expect(printable(text)).toBe(shown)
})

test.each([
  ['a window title', '\x1b]0;owned\x07', '\\e]0;owned\\x07'],
  ['a sequence made by leaving one out', '\x1b\x1b[0m[31mred', '\\e[31mred'],
  ['an unfinished sequence', 'end\x1b[', 'end\\e['],
  ['a carriage return', 'ok\rrm', 'ok\\rrm'],
  ['a line break', 'a\nb', 'a\\nb'],
  ['a change of the writing direction', 'a\u202eb', 'a\\u202eb'],
  ['DEL and C1', '\x7f\x85', '\\x7f\\x85'],
  ['half of a surrogate pair', 'a\ud800', 'a\\ud800'],
  ['characters without width', 'a\u200b\u2060\ufeff', 'a\\u200b\\u2060\\ufeff'],
  ['marks of the writing direction', '\u061c\u200e\u200f\u2066\u2069', '\\u061c\\u200e\\u200f\\u2066\\u2069'],
  ['line and paragraph separators', '\u2028\u2029', '\\u2028\\u2029'],
  ['tags, which spell a text that nobody sees', 'a\u{e0041}', 'a\\u{e0041}'],
  ['fillers', '\u115f\u3164\uffa0', '\\u115f\\u3164\\uffa0'],
])('%s is shown as an escape', (_, text, shown) => {
  expect(printable(text)).toBe(shown)
})

test('tabs and text in any script stay as they are', () => {
  expect(printable('a\tgr\u00fc\u00dfe \u{1f600} \u26a0\ufe0f \u65e5\u672c e\u0301')).toBe(
    'a\tgr\u00fc\u00dfe \u{1f600} \u26a0\ufe0f \u65e5\u672c e\u0301',
  )
})

test('whatever comes in, nothing that comes out can control a terminal, and showing it twice changes nothing', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('\x1b', '[', '\x9b', ']', '0', ';', 'm', '\x07', '\n', 'a'))
      .map(parts => parts.join('')),
  )
  fc.assert(
    fc.property(anything, text => {
      const shown = printable(text)
      expect(shown).not.toMatch(/[^\P{Control}\t]/u)
      expect(printable(shown)).toBe(shown)
    }),
    { numRuns: 1_000 },
  )
})
