import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { columnsOf, surroundingsOf, wantsColour } from '../../src/cli/surroundings.ts'

const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 93 })
const pipe = new PassThrough()

test.each([
  ['a terminal', terminal, {}, true, true],
  ['a pipe', pipe, {}, true, false],
  ['--no-color', terminal, {}, false, false],
  ['NO_COLOR', terminal, { NO_COLOR: '1' }, true, false],
  ['an empty NO_COLOR, which is none (no-color.org)', terminal, { NO_COLOR: '' }, true, true],
  ['FORCE_COLOR in a pipe', pipe, { FORCE_COLOR: '1' }, true, true],
  ['FORCE_COLOR against NO_COLOR', pipe, { FORCE_COLOR: '1', NO_COLOR: '1' }, true, true],
  ['FORCE_COLOR against --no-color', pipe, { FORCE_COLOR: '1' }, false, false],
  ['FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, true, false],
  ['an empty FORCE_COLOR, which is none (force-color.org)', pipe, { FORCE_COLOR: '' }, true, false],
  ['a terminal that has none', terminal, { TERM: 'dumb' }, true, false],
])('colour: %s', (_where, output, env, flag, wanted) => {
  expect(wantsColour(output, env, flag)).toBe(wanted)
})

test('a table is as wide as the terminal, and 120 columns where there is none', () => {
  expect(columnsOf(terminal)).toBe(93)
  expect(columnsOf(pipe)).toBe(120)
})

test('a terminal that does not know its width counts as none', () => {
  expect(columnsOf(Object.assign(new PassThrough(), { isTTY: true, columns: 0 }))).toBe(120)
})

test('the words of the command line are those after the program', () => {
  const { argv, cwd, pid } = surroundingsOf(process)
  expect({ argv, cwd, pid }).toEqual({ argv: process.argv.slice(2), cwd: process.cwd(), pid: process.pid })
})
