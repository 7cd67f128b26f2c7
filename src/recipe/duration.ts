import type { Place } from './place.ts'
import { unexpected } from './readers.ts'
import { valid } from './valid.ts'

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const
const written = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/

/** A length of time as it is written: `'500ms'`, `'30s'`, `'1.5m'`, `'2h'`. */
export type Duration = `${number}${keyof typeof unitMs}`

/**
 * A timer of Node holds a signed 32-bit number of milliseconds and fires at once beyond it (node:timers,
 * `setTimeout`): a little under 25 days.
 */
const longestMs = 2 ** 31 - 1

/** A duration of so many seconds. */
export const seconds = (count: number): Duration => checked(`${count}s`)
/** A duration of so many minutes. */
export const minutes = (count: number): Duration => checked(`${count}m`)

/**
 * The duration in whole milliseconds.
 *
 * @throws StageError `config` when it is not a number with a unit, not longer than nothing, or beyond 24 days
 */
export function milliseconds(duration: Duration): number {
  return valid('duration', place => readDuration(duration, place))
}

/** A duration from outside, in whole milliseconds. The stand-in is one second. */
export function readDuration(
  value: unknown,
  place: Place,
  shortest: { readonly from: number; readonly spelled: Duration } = { from: 1, spelled: '1ms' },
): number {
  const [, count, unit] = (typeof value === 'string' ? written.exec(value) : undefined) ?? []
  if (count === undefined || unit === undefined || !isUnit(unit)) {
    unexpected(value, place, "a duration such as '500ms', '30s', '5m' or '2h'", unitHint(value))
    return unitMs.s
  }
  const ms = Math.round(Number(count) * unitMs[unit])
  if (ms >= shortest.from && ms <= longestMs) return ms
  // Spelled as a duration is, it is one.
  place.wrong(
    'unexpected-value',
    `expected a duration from ${shortest.spelled} to 24 days, found '${count}${unit}'`,
  )
  return unitMs.s
}

function isUnit(unit: string): unit is keyof typeof unitMs {
  return Object.hasOwn(unitMs, unit)
}

function unitHint(value: unknown): string | undefined {
  return typeof value === 'number' ? "name the unit: '30s' is seconds, '30ms' milliseconds" : undefined
}

function checked(duration: Duration): Duration {
  milliseconds(duration)
  return duration
}
