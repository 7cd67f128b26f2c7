import type { EventEmitter } from 'node:events'
import { type ExitCode, exitCodes } from '../model/outcome.ts'

/** Signals that end a run: Ctrl-C, `kill`, and a terminal that was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The designed way out: the first signal asks a command to end well, the second one to leave at once. */
export interface Interrupts {
  readonly interrupted: AbortSignal
  readonly abandoned: AbortSignal
  /** The same as a signal: for a Ctrl-C that arrives as a key. */
  interrupt(): void
  /**
   * While this goes on hosts are changed: the work alone knows how to leave them, and ends the command also after a
   * second signal. What comes after it may be left out: a second signal then ends the process, with what the work
   * came to.
   */
  changingHosts(work: () => Promise<ExitCode>): Promise<ExitCode>
  /**
   * While this goes on signals have their default meaning: for code of others that may never give us back the
   * processor.
   */
  unguarded<Result>(work: () => Promise<Result>): Promise<Result>
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
 * Whatever a command waits for while no host was changed, nothing may make it outlive its first signal by more than
 * this: a program of the runner has 5 s to end, and 3 s to be gone.
 */
const END_MS = 10_000

/**
 * From here on the signals no longer kill the process, unless they have to.
 *
 * @param monotonicMs the time, to tell an echo from a second signal
 * @param leave ends the process at once
 */
export function catchInterrupts(
  process: EventEmitter,
  monotonicMs: () => number,
  leave: (exit: ExitCode) => void,
): Interrupts {
  const first = new AbortController()
  const second = new AbortController()
  let firstMs = 0
  let changing = 0
  let exit: ExitCode = exitCodes.interrupted
  let late: NodeJS.Timeout | undefined
  const abandon = (): void => {
    second.abort()
    if (changing === 0) leave(exit)
  }
  const onSignal = (): void => {
    if (!first.signal.aborted) {
      firstMs = monotonicMs()
      late = setTimeout(() => {
        if (changing === 0) abandon()
      }, END_MS)
      first.abort()
    } else if (monotonicMs() - firstMs >= ECHO_MS) abandon()
  }
  const listen = () => {
    for (const signal of SIGNALS) process.on(signal, onSignal)
  }
  const ignore = () => {
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
  listen()
  return {
    interrupted: first.signal,
    abandoned: second.signal,
    interrupt: onSignal,
    changingHosts: async work => {
      changing += 1
      try {
        exit = await work()
        return exit
      } finally {
        changing -= 1
      }
    },
    unguarded: async work => {
      ignore()
      try {
        return await work()
      } finally {
        listen()
      }
    },
    stop: () => {
      clearTimeout(late)
      ignore()
    },
  }
}
