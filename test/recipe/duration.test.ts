import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Duration, milliseconds, minutes, seconds } from '../../src/recipe/duration.ts'
import { refusal } from './refusal.ts'

describe('a duration', () => {
  test.each<[Duration, number]>([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['2h', 7_200_000],
  ])('%s is %d milliseconds', (written, ms) => {
    expect(milliseconds(written)).toBe(ms)
  })

  test('of whole seconds or minutes is what was counted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30_000 }), count => {
        expect(milliseconds(seconds(count))).toBe(count * 1_000)
        expect(milliseconds(minutes(count))).toBe(count * 60_000)
      }),
    )
  })

  test.each<Duration>(['0s', '-1s', '1e3s', ' 5s' as Duration, '0.1ms', '25h25m' as Duration])(
    '%s is none',
    written => {
      expect(refusal(() => milliseconds(written))).not.toBe('accepted')
    },
  )

  test('longer than a timer can count is refused, since it would end at once', () => {
    expect(refusal(() => milliseconds('597h'))).toBe("expected a duration from 1ms to 24 days, found '597h'")
  })

  test('without a unit is refused with the spelling that was probably meant', () => {
    const thirty: unknown = 30
    expect(refusal(() => milliseconds(thirty as Duration))).toMatchInlineSnapshot(
      `"expected a duration such as '500ms', '30s', '5m' or '2h', found a number -> name the unit: '30s' is seconds, '30ms' milliseconds"`,
    )
  })

  test('of no whole number is refused where it is made', () => {
    expect(refusal(() => minutes(Number.NaN))).not.toBe('accepted')
  })
})
