import { expect, test } from 'vitest'
import { isSpecifier, satisfies } from '../../src/version/specifier.ts'

const allowed = (version: string, specifier: string) => satisfies(version, specifier, { prereleases: true })

// Checked against packaging 26.2.
test.each([
  ['3.11.2', '>=3.9'],
  ['3.11.2', '>=3.9, <4'],
  ['3.11.2', '>= 3.9,<3.12,'],
  ['3.11.2', ''],
  ['3.11.2', '==3.11.*'],
  ['3.11.2', '!=3.10.*'],
  ['3.11.2', '~=3.9'],
  ['3.11.2', '~=3.11.1'],
  ['1', '==1.0.*'],
  ['1.0', '==1.0.0'],
  ['1.0+local', '==1.0'],
  ['1.0+a', '==1.0+a'],
  ['1.0.post2', '>1.0.post1'],
  ['1.0a1', '<1.0rc1'],
  ['1.0', '===1.0'],
  ['1!2.1', '==1!2.*'],
])('%s is allowed by %j', (version, specifier) => {
  expect(allowed(version, specifier)).toBe(true)
})

test.each([
  ['3.8.18', '>=3.9'],
  ['4.0', '~=3.9'],
  ['3.12', '~=3.11.1'],
  ['3.10.1', '!=3.10.*'],
  ['1.0+b', '==1.0+a'],
  ['1.0+local', '>1.0'],
  ['1.0.post1', '>1.0'],
  ['1.0rc1', '<1.0'],
  ['1.0', '===1.0.0'],
  ['2.1', '==1!2.*'],
])('%s is not allowed by %j', (version, specifier) => {
  expect(allowed(version, specifier)).toBe(false)
})

test('a pre-release is left out unless the specifier names one', () => {
  expect(satisfies('3.13.0rc1', '>=3.9', { prereleases: false })).toBe(false)
  expect(satisfies('3.13.0rc1', '>=3.13.0b1', { prereleases: false })).toBe(true)
  expect(satisfies('3.13.0rc1', '>=3.9', { prereleases: true })).toBe(true)
})

test.each(['>=3.9', '>=3.9,<4', '', '==3.*', '===anything', '~=1.0', '>=3.6,'])('%j is a specifier', text => {
  expect(isSpecifier(text)).toBe(true)
})

test.each(['3.9', '=>3.9', '>=3.*', '~=1', '>=1.0+local', '==1.0a1.*', '>=french', '>=1 <2', '==', '^1.0'])(
  '%j is not a specifier',
  text => {
    expect(isSpecifier(text)).toBe(false)
  },
)

test('a text that is no specifier allows nothing: it is an error that shows the text', () => {
  expect(() => allowed('1.0', '=>3.9')).toThrowErrorMatchingInlineSnapshot(
    `[StageError: "=>3.9" is not a PEP 440 version specifier]`,
  )
})
