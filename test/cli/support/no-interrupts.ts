import type { Interrupts } from '../../../src/cli/interrupts.ts'

/** What a command is called off with; nobody does, unless a test aborts `first` or `second`. */
export function noInterrupts(first = new AbortController(), second = new AbortController()): Interrupts {
  return {
    interrupted: first.signal,
    abandoned: second.signal,
    interrupt: () => (first.signal.aborted ? second.abort() : first.abort()),
    changingHosts: work => work(),
    unguarded: work => work(),
    stop: () => undefined,
  }
}
