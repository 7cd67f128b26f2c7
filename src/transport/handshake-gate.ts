import { setTimeout as sleep } from 'node:timers/promises'
import pLimit, { type LimitFunction } from 'p-limit'
import { unlessAborted } from './deadline.ts'

/** What became of one attempt to log in: `shed` means that the server closed before it said who it is. */
export type Attempt<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'shed'; readonly error: Error }

/** Bounds how many logins go on at once at each SSH server, and comes again where a server sheds load. */
export interface HandshakeGate {
  /**
   * @param peer names the server, `address:port`
   * @param budgetMs for all attempts and the pauses between them; waiting for one's turn does not count
   * @param attempt is given what is left of the budget, and ends when that is spent; a rejection is final
   * @throws what the server said last, when the budget is spent
   */
  enter<Result>(
    peer: string,
    budgetMs: number,
    signal: AbortSignal | undefined,
    attempt: (leftMs: number) => Promise<Attempt<Result>>,
  ): Promise<Result>
}

/** sshd starts to refuse at 10 unauthenticated connections (sshd_config(5), MaxStartups 10:30:100). */
const HANDSHAKES_PER_SERVER = 8
/** The pause before an attempt is repeated, random between half and all of it, doubled each time. */
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2_000
/** By so much a timer of Node may fire before its time. */
const TIMER_EARLY_MS = 2

export interface GateDeps {
  /** In [0, 1). */
  readonly random: () => number
}

export function createHandshakeGate({ random }: GateDeps): HandshakeGate {
  const limits = new Map<string, LimitFunction>()
  const limitOf = (peer: string): LimitFunction => {
    const known = limits.get(peer)
    if (known !== undefined) return known
    const made = pLimit(HANDSHAKES_PER_SERVER)
    limits.set(peer, made)
    return made
  }
  return {
    async enter(peer, budgetMs, signal, attempt) {
      const limit = limitOf(peer)
      let leftMs = budgetMs
      let shed: Error | undefined
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
        const turn = limit(async () => {
          // Its turn came after it had been called off: nobody listens any more.
          signal?.throwIfAborted()
          const startedAt = performance.now()
          try {
            return await attempt(leftMs)
          } catch (error) {
            // That there was no time left says less than why it was needed.
            const isLate = performance.now() - startedAt >= leftMs - TIMER_EARLY_MS
            throw isLate && shed !== undefined ? shed : error
          } finally {
            leftMs -= performance.now() - startedAt
          }
        })
        const outcome = await unlessAborted(signal, turn)
        if (outcome.kind === 'done') return outcome.result
        shed = outcome.error
        // A server that sheds load has a lower bound than the usual one.
        limit.concurrency = Math.max(1, Math.floor(limit.concurrency / 2))
        const waitMs = pauseMs * (0.5 + random() / 2)
        leftMs -= waitMs
        if (leftMs <= 0) throw shed
        await unlessAborted(signal, sleep(waitMs, undefined, { signal }))
      }
    },
  }
}
