import { momentOf } from '../model/moment.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** Writes a duration for people: `42 ms`, `0.3 s`, `41 s`, `1 min 05 s`, `2 h 03 min`. Never rounds up to a full unit. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, durationMs)
  if (ms < 100) return `${Math.floor(ms)} ms`
  if (ms < 10 * SECOND_MS) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ${twoDigits((ms % MINUTE_MS) / SECOND_MS)} s`
  return `${Math.floor(ms / HOUR_MS)} h ${twoDigits((ms % HOUR_MS) / MINUTE_MS)} min`
}

/** Writes a configured duration exactly, as a configuration would: `10 min`, `30 s`, `1500 ms`. */
export function formatLimit(limitMs: number): string {
  if (limitMs > 0 && limitMs % MINUTE_MS === 0) return `${limitMs / MINUTE_MS} min`
  if (limitMs % SECOND_MS === 0) return `${limitMs / SECOND_MS} s`
  return `${limitMs} ms`
}

/** Writes a moment in UTC to the second, as ISO 8601 reads it with a blank for the `T`: `2026-11-20 10:15:00Z`; or `unknown`. */
export function formatMoment(atMs: number): string {
  const moment = momentOf(atMs)
  return moment === undefined ? 'unknown' : `${moment.slice(0, 19).replace('T', ' ')}Z`
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, '0')
}
