/** What a step did to a host. `unknown` is said as unknown: the host was lost and nobody read what became of it. */
export type Outcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'unknown'; readonly reason: string }

export const ok: Outcome = { kind: 'ok' }
export const cancelled: Outcome = { kind: 'cancelled' }
export const failed = (reason: string): Outcome => ({ kind: 'failed', reason })
export const unknown = (reason: string): Outcome => ({ kind: 'unknown', reason })

/** Exit codes of the command. They are a contract: see `docs/cli.md`. */
export const exitCodes = {
  done: 0,
  bug: 1,
  usage: 2,
  refused: 3,
  notSwitched: 4,
  putBack: 5,
  splitOrUnknown: 6,
  locked: 7,
  drift: 8,
  /** EX_IOERR of sysexits.h: standard output could not be written, by a command that only tells. */
  unwritten: 74,
  interrupted: 130,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
