import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { exitCodeOf } from '../../src/cli/exit-code.ts'
import { exitCodes } from '../../src/model/outcome.ts'
import { StageError, type StageErrorCode } from '../../src/model/stage-error.ts'

const of = (code: StageErrorCode) => exitCodeOf(new StageError(code, 'something'))

test.each(['usage', 'config', 'artifact', 'version'] as const)('%s: 2, no host was asked', code => {
  expect(of(code)).toBe(2)
})

test.each([
  'host-key-unknown',
  'host-key-changed',
  'host-key-revoked',
  'authentication',
  'unreachable',
  'connection-lost',
  'remote-end',
  'refused',
] as const)('%s: 3, refused before anything was touched', code => {
  expect(of(code)).toBe(3)
})

test.each([
  ['split', 6],
  ['locked', 7],
  ['interrupted', 130],
  ['bug', 1],
] as const)('%s: %d', (code, exit) => {
  expect(of(code)).toBe(exit)
})

test('an error that nobody expected is a bug', () => {
  expect(exitCodeOf(new TypeError('x is not a function'))).toBe(1)
  expect(exitCodeOf('a text that was thrown')).toBe(1)
})

test('docs/cli.md has every exit code', () => {
  const document = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')
  const documented = [...document.matchAll(/^\| (\d+) \|/gm)].map(([, exit]) => Number(exit))
  expect(documented.toSorted()).toEqual(Object.values(exitCodes).toSorted())
})
