import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareSemVer, formatSemVer, parsedSemVer, parseSemVer } from '../../src/version/semver.ts'
import { anySemVer } from './any-semver.ts'

test.each([
  [
    [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
    ],
  ],
  [['1.2.3-1', '1.2.3-1.1', '1.2.3']],
  [['1.2.3-0.dev.4', '1.2.3-alpha.0']],
])('%j is ascending', ascending => {
  expect(ascending.toReversed().toSorted(compareSemVer)).toEqual(ascending)
})

test('two builds of one version are of equal precedence', () => {
  expect(compareSemVer('1.2.3+a', '1.2.3+b')).toBe(0)
})

test.each([
  '2.0',
  '1.2.3.4',
  '01.2.3',
  '1',
  'v1.2.3',
  '1.0.whatever',
  '1.0~dev1',
  '',
  ' 1.2.3',
  '1.2.3-',
  '1.2.3-01',
])('%j is no version', text => {
  expect(parseSemVer(text)).toBeUndefined()
})

test('a number that a double does not hold exactly is refused, as it could not be compared', () => {
  expect(parseSemVer('1.2.3-rc.9007199254740993')).toBeUndefined()
  expect(compareSemVer('1.2.3-rc.9007199254740991', '1.2.3-rc.9007199254740990')).toBe(1)
})

test('of what is nearly a version it is said what to leave out', () => {
  expect(() => parsedSemVer('v1.2.3')).toThrowError(
    expect.objectContaining({
      message: '"v1.2.3" is not a SemVer version',
      hint: 'without anything before it: 1.2.3',
    }),
  )
})

describe('the order is total', () => {
  test('turning the arguments round turns the answer round', () => {
    fc.assert(
      fc.property(anySemVer, anySemVer, (a, b) => {
        expect(compareSemVer(a, b) + compareSemVer(b, a)).toBe(0)
      }),
    )
  })

  test('it is transitive', () => {
    fc.assert(
      fc.property(anySemVer, anySemVer, anySemVer, (...versions) => {
        const [low = '', middle = '', high = ''] = versions.toSorted(compareSemVer)
        expect(compareSemVer(low, middle)).toBeLessThanOrEqual(0)
        expect(compareSemVer(middle, high)).toBeLessThanOrEqual(0)
        expect(compareSemVer(low, high)).toBeLessThanOrEqual(0)
      }),
    )
  })
})

test('taken apart and put together a version is what it was', () => {
  fc.assert(
    fc.property(anySemVer, version => {
      expect(formatSemVer(parsedSemVer(version))).toBe(version)
    }),
  )
})
