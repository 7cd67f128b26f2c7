import type { EventEmitter } from 'node:events'

/** Signals that end a run: Ctrl-C, `kill`, and a terminal that was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The designed way out: the first signal asks a run to end well, the second one to leave at once. */
export interface Interrupts {
  readonly interrupted: AbortSignal
  readonly abandoned: AbortSignal
  /** Gives the signals back their default meaning. */
  stop(): void
}

/**
 * One press of Ctrl-C reaches a command twice where npm or npx stands between (the terminal signals both, and they pass
 * it on), and so does a closed terminal (the kernel signals the foreground, the shell its jobs). What follows this soon
 * is the echo of a signal and no second one.
 */
const ECHO_MS = 200

/**
 * From here on the signals no longer kill the process.
 *
 * @param monotonicMs the time, to tell an echo from a second signal
 */
export function catchInterrupts(process: EventEmitter, monotonicMs: () => number): Interrupts {
  const first = new AbortController()
  const second = new AbortController()
  let firstMs = 0
  const onSignal = (): void => {
    if (!first.signal.aborted) {
      firstMs = monotonicMs()
      first.abort()
    } else if (monotonicMs() - firstMs >= ECHO_MS) second.abort()
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return {
    interrupted: first.signal,
    abandoned: second.signal,
    stop: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal)
    },
  }
}
