import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareVersions } from '../../src/version/compare.ts'
import { normaliseVersion, parseVersion } from '../../src/version/pep440.ts'
import { anyVersion } from './any-version.ts'

const ASCENDING = [
  '1.0.dev0',
  '1.0a0.dev1',
  '1.0a0',
  '1.0a1',
  '1.0b1',
  '1.0rc1.dev1',
  '1.0rc1',
  '1.0rc1.post1',
  '1.0',
  '1.0+abc',
  '1.0+abc.5',
  '1.0+1',
  '1.0.post0.dev1',
  '1.0.post1',
  '1.0.1',
  '1.1.dev1',
  '1.10',
  '2024.1',
  '1!0.1',
]

test('dev, pre-releases, the release, local labels, post-releases and epochs come in this order', () => {
  const shuffled = ASCENDING.toReversed()
  expect(shuffled.toSorted(compareVersions)).toEqual(ASCENDING)
})

test.each([
  ['1.0', '1.0.0'],
  ['1', '1.0'],
  ['1.0-1', '1.0.post1'],
  ['1.0c1', '1.0rc1'],
  ['1.0', '0!1.0'],
  ['v1.0', '1.0'],
  ['1.0+ubuntu-1', '1.0+ubuntu.1'],
])('%s equals %s', (a, b) => {
  expect(compareVersions(a, b)).toBe(0)
})

test('numbers that a double cannot tell apart are ordered', () => {
  expect(compareVersions('1.0.dev9007199254740993', '1.0.dev9007199254740992')).toBe(1)
})

test('a local label with an e in it is a word and not a number', () => {
  expect(compareVersions('1.0+1e5', '1.0+9')).toBe(-1)
})

test('what is not a version cannot be compared, and the error says which text it was', () => {
  expect(() => compareVersions('1.0', 'french toast')).toThrowErrorMatchingInlineSnapshot(
    `[StageError: "french toast" is not a PEP 440 version]`,
  )
})

describe('the order is total', () => {
  test('turning the arguments round turns the answer round', () => {
    fc.assert(
      fc.property(anyVersion, anyVersion, (a, b) => {
        expect(compareVersions(a, b) + compareVersions(b, a)).toBe(0)
      }),
    )
  })

  test('it is transitive', () => {
    fc.assert(
      fc.property(anyVersion, anyVersion, anyVersion, (...versions) => {
        const [low, middle, high] = versions.toSorted(compareVersions)
        expect(compareVersions(low ?? '', middle ?? '')).toBeLessThanOrEqual(0)
        expect(compareVersions(middle ?? '', high ?? '')).toBeLessThanOrEqual(0)
        expect(compareVersions(low ?? '', high ?? '')).toBeLessThanOrEqual(0)
      }),
    )
  })

  test('the normal form equals what it was made from', () => {
    fc.assert(
      fc.property(anyVersion, version => {
        expect(compareVersions(version, normaliseVersion(version) ?? '')).toBe(0)
      }),
    )
  })

  test('two versions are equal only when they differ in nothing but trailing zeros of the release', () => {
    fc.assert(
      fc.property(anyVersion, anyVersion, (a, b) => {
        expect(compareVersions(a, b) === 0).toBe(
          isDeepStrictEqual(withoutTrailingZeros(a), withoutTrailingZeros(b)),
        )
      }),
    )
  })
})

function withoutTrailingZeros(text: string) {
  const version = parseVersion(text)
  return { ...version, release: version?.release.join('.').replace(/(\.0)+$/, '') }
}
