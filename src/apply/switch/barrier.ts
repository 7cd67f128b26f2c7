import { setTimeout as sleep } from 'node:timers/promises'
import type { RemoteEnd } from '../../remote/remote-end.ts'

/** DESIGN 6: a heartbeat counts if it was sent in the last third of the time after which silence is loss. */
const FRESH_PARTS = 3

/** Milliseconds. The monotonic one is that by which heartbeats are told; of the other only its jumps count. */
export interface Clocks {
  readonly monotonicMs: () => number
  readonly wallMs: () => number
}

/** As much of a host as a barrier looks at. */
interface Heard {
  readonly end: Pick<RemoteEnd, 'isLost' | 'lastBeat' | 'beatNow'>
}

/**
 * What has to be known in the very turn of the event loop that writes `fire` or `keep`: that every host has answered a
 * heartbeat that was *sent* within the last third of the limit. A process that was frozen in between runs its due timers
 * before it sees closed sockets, and must not act on what it believed before.
 *
 * A machine that was suspended does not even know that by its monotonic clock, which stood still. Its wall clock then is
 * ahead of that by more than it was; whoever sets a clock forward only costs a round trip.
 */
export class Barrier<Host extends Heard> {
  readonly #hosts: readonly Host[]
  readonly #freshMs: number
  readonly #clocks: Clocks
  /** By how much the wall clock was ahead when the hosts were last believed. */
  #aheadMs: number
  /** Heartbeats that were sent before this are from before a suspension. */
  #sinceMs = Number.NEGATIVE_INFINITY

  constructor(hosts: readonly Host[], heartbeatMs: number, clocks: Clocks) {
    this.#hosts = hosts
    this.#freshMs = heartbeatMs / FRESH_PARTS
    this.#clocks = clocks
    this.#aheadMs = this.#ahead
  }

  /** Hosts that nobody knows to be there now. */
  silent(): readonly Host[] {
    if (this.#wasSuspended) return this.#hosts
    const since = Math.max(this.#clocks.monotonicMs() - this.#freshMs, this.#sinceMs)
    return this.#hosts.filter(
      ({ end }) => end.isLost || end.lastBeat === undefined || end.lastBeat.sentAtMs < since,
    )
  }

  /** Asks the hosts once more, and waits for their answers no longer than a third of the limit. */
  async askOnceMore(): Promise<void> {
    if (this.#wasSuspended) {
      this.#aheadMs = this.#ahead
      this.#sinceMs = this.#clocks.monotonicMs()
    }
    const beats = this.#hosts.map(({ end }) => end.beatNow().catch(() => undefined))
    const enough = new AbortController()
    const limit = sleep(this.#freshMs, undefined, { signal: enough.signal }).catch(() => undefined)
    await Promise.race([Promise.all(beats), limit])
    enough.abort()
  }

  get #ahead(): number {
    return this.#clocks.wallMs() - this.#clocks.monotonicMs()
  }

  get #wasSuspended(): boolean {
    return this.#ahead - this.#aheadMs > this.#freshMs
  }
}
