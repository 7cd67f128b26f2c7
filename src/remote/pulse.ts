/** One answered heartbeat. */
export interface Beat {
  /** `performance.now()` when the latest answered heartbeat was sent. */
  readonly sentAtMs: number
  /** The shortest of the latest round trips: what the connection takes when nothing is in its way. */
  readonly roundTripMs: number
  /** By how much the host's monotonic clock is ahead of `performance.now()`, as well as that is known. */
  readonly aheadMs: number
}

/** A heartbeat, by the clocks of both sides. */
interface Sample {
  readonly sentAtMs: number
  readonly receivedAtMs: number
  readonly hostAtMs: number
}

/** DESIGN.md 6: heartbeats go out every sixth of the time after which silence is loss. */
const BEATS_PER_HEARTBEAT = 6

const REMEMBERED_BEATS = 8

/** Sends heartbeats and judges silence. */
export class Pulse {
  readonly #heartbeatMs: number
  readonly #now: () => number
  readonly #beat: () => void
  readonly #silent: () => void
  #timer: NodeJS.Timeout | undefined
  #heardAtMs = 0
  #tickedAtMs = 0
  #deaf = false
  #samples: readonly Sample[] = []
  #last: Beat | undefined

  constructor(settings: {
    readonly heartbeatMs: number
    readonly now: () => number
    readonly beat: () => void
    readonly silent: () => void
  }) {
    this.#heartbeatMs = settings.heartbeatMs
    this.#now = settings.now
    this.#beat = settings.beat
    this.#silent = settings.silent
  }

  get last(): Beat | undefined {
    return this.#last
  }

  start(): void {
    if (this.#timer !== undefined) return
    this.heard()
    this.#tickedAtMs = this.#now()
    this.#timer = setInterval(() => this.#tick(), this.#intervalMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Any byte is a sign of life. */
  heard(): void {
    this.#heardAtMs = this.#now()
  }

  /** While the runner itself does not read (somebody is busy with the last piece of data), silence means nothing. */
  async deafDuring(work: Promise<void>): Promise<void> {
    this.#deaf = true
    try {
      await work
    } finally {
      this.#deaf = false
      this.heard()
    }
  }

  /** @param hostAtMs the host's monotonic clock when it answered */
  answered(sentAtMs: number, hostAtMs: number): void {
    const sample = { sentAtMs, receivedAtMs: this.#now(), hostAtMs }
    this.#samples = [...this.#samples, sample].slice(-REMEMBERED_BEATS)
    this.#last = {
      sentAtMs: Math.max(sentAtMs, this.#last?.sentAtMs ?? sentAtMs),
      roundTripMs: Math.min(...this.#samples.map(roundTrip)),
      aheadMs: aheadBy(this.#samples),
    }
  }

  get #intervalMs(): number {
    return this.#heartbeatMs / BEATS_PER_HEARTBEAT
  }

  #tick(): void {
    const now = this.#now()
    const overslept = now - this.#tickedAtMs > 2 * this.#intervalMs
    this.#tickedAtMs = now
    this.#beat()
    // A process that was stopped itself runs its timers before it reads what arrived meanwhile, and an `ssh` that was
    // stopped with it passes that on later still: the next tick will know.
    if (!overslept) this.#judge(() => setImmediate(() => this.#judge(this.#silent)))
  }

  /** `setImmediate` comes after the event loop has read what was waiting: only then is silence silence. */
  #judge(verdict: () => void): void {
    if (!this.#deaf && this.#now() - this.#heardAtMs >= this.#heartbeatMs) verdict()
  }
}

const roundTrip = ({ sentAtMs, receivedAtMs }: Sample): number => receivedAtMs - sentAtMs

/**
 * A host answers between the sending and the receiving of a heartbeat, so each of them bounds the difference of the two clocks
 * on both sides; what all of them allow is taken in its middle (Marzullo's algorithm, as in RFC 5905, appendix A.5.5.1, for
 * sources of which none lies). Clocks that drift apart may leave nothing: then the shortest round trip knows best.
 */
function aheadBy(samples: readonly Sample[]): number {
  const least = Math.max(...samples.map(({ hostAtMs, receivedAtMs }) => hostAtMs - receivedAtMs))
  const most = Math.min(...samples.map(({ hostAtMs, sentAtMs }) => hostAtMs - sentAtMs))
  if (least <= most) return (least + most) / 2
  const [best] = samples.toSorted((one, other) => roundTrip(one) - roundTrip(other))
  return best === undefined ? 0 : best.hostAtMs - (best.sentAtMs + best.receivedAtMs) / 2
}
