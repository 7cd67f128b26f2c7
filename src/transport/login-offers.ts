import type { AuthenticationType, NextAuthHandler } from 'ssh2'
import type { Offer } from './identities.ts'

/** Offers keys one after the other, and keeps what came of it. */
export interface LoginOffers {
  /** ssh2 asks it for the next method; `false` ends the login. */
  readonly next: (
    methods: AuthenticationType[] | null,
    partial: boolean | null,
    answer: NextAuthHandler,
  ) => false | undefined
  /** Names of the keys that were offered. */
  readonly tried: readonly string[]
  /** What the server said last that it would go on with. */
  methods(): readonly string[]
  /** Whether everything was tried: only then is a failed login final. */
  exhausted(): boolean
}

/**
 * Keys are offered at once, without the usual question for the methods first: one round trip less. That question,
 * the method `none`, comes last: it tells what the server wants instead, and a server that wants nothing lets us in.
 */
export function loginOffers(user: string, offers: readonly Offer[]): LoginOffers {
  const tried: string[] = []
  let methods: readonly string[] = []
  let asked = false
  let exhausted = false
  return {
    tried,
    methods: () => methods,
    exhausted: () => exhausted,
    next(left, _partial, answer) {
      if (left !== null) methods = left
      const wanted = left === null || left.includes('publickey')
      const offer = wanted ? offers[tried.length] : undefined
      if (offer !== undefined) {
        tried.push(offer.label)
        if (offer.kind === 'file') answer({ type: 'publickey', username: user, key: offer.key })
        else answer({ type: 'agent', username: user, agent: offer.agent })
        return undefined
      }
      exhausted = asked || !wanted
      if (exhausted) return false
      asked = true
      answer({ type: 'none', username: user })
      return undefined
    },
  }
}
