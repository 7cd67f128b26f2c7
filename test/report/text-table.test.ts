import { expect, test } from 'vitest'
import { counted, cut, fill, listed } from '../../src/report/cut.ts'
import { formatDuration, formatLimit, formatMoment } from '../../src/report/duration.ts'
import { createPaint, withoutColour } from '../../src/report/paint.ts'
import { cell, tableLines } from '../../src/report/text-table.ts'
import { noon } from './builders.ts'

const rows = [
  [cell('web1'), cell('shop-1.4.0'), cell('failed: exit 1 of a long command', 'red')],
  [cell('a-longer-name'), cell('none'), cell('ok', 'green')],
]
const table = (columns: number, paint = withoutColour) =>
  `\n${tableLines(['host', 'live', 'outcome'], rows, { columns, indent: '  ', paint }).join('\n')}\n`

test('columns are as wide as their widest cell', () => {
  expect(table(80)).toMatchInlineSnapshot(`
    "
      host           live        outcome
      web1           shop-1.4.0  failed: exit 1 of a long command
      a-longer-name  none        ok
    "
  `)
})

test('where there is no room, the widest column gives way first', () => {
  expect(table(40)).toMatchInlineSnapshot(`
    "
      host          live        outcome
      web1          shop-1.4.0  failed: exi…
      a-longer-na…  none        ok
    "
  `)
})

test('no line is longer than there is room', () => {
  for (const columns of [12, 20, 33, 40, 60]) {
    for (const line of table(columns).split('\n')) expect([...line].length).toBeLessThanOrEqual(columns)
  }
})

test('colours take no room', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is taken away
  const bare = table(80, createPaint({ colour: true })).replaceAll(/\x1b\[\d+m/g, '')
  expect(bare).toBe(table(80))
})

test.each([
  [0, '0 ms'],
  [42, '42 ms'],
  [100, '0.1 s'],
  [349, '0.3 s'],
  [9_999, '9.9 s'],
  [59_999, '59 s'],
  [65_000, '1 min 05 s'],
  [3_599_999, '59 min 59 s'],
  [7_380_000, '2 h 03 min'],
])('%i ms are %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test.each([
  [600_000, '10 min'],
  [30_000, '30 s'],
  [90_000, '90 s'],
  [1_500, '1500 ms'],
])('a limit of %i ms is written as %s', (ms, text) => {
  expect(formatLimit(ms)).toBe(text)
})

test('a moment is written in UTC', () => {
  expect(formatMoment(noon)).toBe('2026-11-20 12:00:00Z')
})

test('a text is cut between characters, never inside one', () => {
  expect(cut('naïve 🚀 launch', 8)).toBe('naïve 🚀…')
  expect(fill('ab', 4, 'right')).toBe('  ab')
  expect(cut('abc', 0)).toBe('')
})

test('names for which there is no room are counted', () => {
  expect(listed(['a', 'b', 'c'], 3)).toBe('a, b, c')
  expect(listed(['a', 'b', 'c', 'd'], 3)).toBe('a, b and 2 more')
  expect(counted(1, 'host')).toBe('1 host')
})
