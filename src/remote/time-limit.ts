/** The longest that a timer of Node can wait (a signed number of 32 bits); a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Calls back once, unless it is ended before: when nothing has moved for so long. */
export class TimeLimit {
  readonly #over: () => void
  #timer: NodeJS.Timeout | undefined
  #grace: NodeJS.Immediate | undefined

  constructor(limitMs: number, over: () => void) {
    this.#over = over
    this.#start(limitMs)
  }

  /** The time begins anew. */
  moved(): void {
    this.#timer?.refresh()
  }

  /** From now on it is this time. */
  replace(limitMs: number): void {
    this.end()
    this.#start(limitMs)
  }

  end(): void {
    clearTimeout(this.#timer)
    if (this.#grace !== undefined) clearImmediate(this.#grace)
    this.#timer = undefined
  }

  #start(limitMs: number): void {
    const timer = setTimeout(
      () => {
        // A process that was stopped runs its timers before it reads what has arrived meanwhile.
        this.#grace = setImmediate(() => {
          if (this.#timer === timer) this.#over()
        })
      },
      Math.min(limitMs, MAX_TIMER_MS),
    )
    this.#timer = timer
  }
}
