import type { RemoteEnd } from '../../remote/remote-end.ts'

/** When a host is to rename its link, by its own monotonic clock, and how long it may wait for that in any case. */
export interface FireTime {
  readonly atUs: number | null
  readonly delayUs: number
}

export const AT_ONCE: FireTime = { atUs: null, delayUs: 0 }

/** As much of a host as its time is made from. */
interface Timed {
  readonly end: Pick<RemoteEnd, 'lastBeat'>
}

/**
 * Until one more host has been told, and has read it, also where all hosts are on one machine and share its cores: with 30 on two, 0.7,
 * 1 and 1.5 made no difference (`npm run bench -- skew`), and the 0 of a delay by round trips alone made them 20 ms apart instead of 9.
 */
const MS_PER_HOST = 1
const LONGEST_ALLOWANCE_MS = 100

/**
 * One moment for all hosts: when the message has surely reached the one that is farthest away, told to each by its own clock. A
 * host of which no clock is known renames at once.
 *
 * @param nowMs of the clock that heartbeats are told by
 */
export function fireTimes<Host extends Timed>(
  hosts: readonly Host[],
  nowMs: number,
): ReadonlyMap<Host, FireTime> {
  if (hosts.length === 1) return new Map(hosts.map(host => [host, AT_ONCE]))
  const beats = hosts.map(({ end }) => end.lastBeat)
  const farthestMs = Math.max(0, ...beats.map(beat => (beat === undefined ? 0 : beat.roundTripMs / 2)))
  const allowanceMs = Math.min(hosts.length * MS_PER_HOST, LONGEST_ALLOWANCE_MS)
  const delayMs = farthestMs + allowanceMs
  return new Map(
    hosts.map((host, index) => {
      const beat = beats[index]
      if (beat === undefined) return [host, AT_ONCE]
      const atUs = Math.max(0, Math.round((nowMs + delayMs + beat.aheadMs) * 1000))
      return [host, { atUs, delayUs: Math.ceil(delayMs * 1000) }]
    }),
  )
}
