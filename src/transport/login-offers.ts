import type { AnyAuthMethod, AuthenticationType, NextAuthHandler } from 'ssh2'
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
 * Only before a password it comes first: which of its two methods the server has must be known before it is said.
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
      const offer = offers[tried.length]
      if (offer !== undefined && isWanted(offer, left)) {
        tried.push(offer.label)
        answer(asMethod(user, offer, left))
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

function isWanted({ kind }: Offer, left: readonly AuthenticationType[] | null): boolean {
  if (kind !== 'password') return left === null || left.includes('publickey')
  return left !== null && (left.includes('password') || left.includes('keyboard-interactive'))
}

function asMethod(username: string, offer: Offer, left: readonly AuthenticationType[] | null): AnyAuthMethod {
  switch (offer.kind) {
    case 'file':
      return { type: 'publickey', username, key: offer.key }
    case 'agent':
      return { type: 'agent', username, agent: offer.agent }
    case 'password':
      if (left?.includes('password')) return { type: 'password', username, password: offer.password }
      return { type: 'keyboard-interactive', username, prompt: answeredOnce(offer.password) }
  }
}

/** RFC 4256, 3.2: a password is asked for by one prompt without echo. Every other question is left unanswered. */
function answeredOnce(password: string) {
  let answered = false
  return (
    _name: string,
    _instructions: string,
    _language: string,
    prompts: readonly { readonly echo?: boolean | undefined }[],
    finish: (answers: string[]) => void,
  ): void => {
    const mayAnswer = !answered && prompts.length === 1 && prompts[0]?.echo === false
    if (mayAnswer) answered = true
    finish(mayAnswer ? [password] : [])
  }
}
