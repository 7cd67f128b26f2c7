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

/** From here on the signals no longer kill the process. */
export function catchInterrupts(process: EventEmitter): Interrupts {
  const first = new AbortController()
  const second = new AbortController()
  const onSignal = (): void => {
    if (first.signal.aborted) second.abort()
    else first.abort()
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
