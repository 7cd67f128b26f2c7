/** The largest time that a Date holds, in milliseconds (ECMA-262, "Time Values and Time Range"). */
const MAX_TIME_MS = 8.64e15

/**
 * A time that some machine wrote down, in milliseconds since the epoch, as ISO 8601 in UTC. Undefined where nobody knows it: 0
 * is what a host says whose record is damaged, and more than a Date holds was written by no clock.
 */
export const momentOf = (ms: number): string | undefined =>
  ms > 0 && ms <= MAX_TIME_MS ? new Date(ms).toISOString() : undefined

/** The same as a part of a sentence. */
export const momentText = (ms: number): string => momentOf(ms) ?? 'an unknown time'
