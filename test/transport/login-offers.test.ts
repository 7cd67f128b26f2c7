import type { AnyAuthMethod, AuthenticationType, NextAuthHandler } from 'ssh2'
import { describe, expect, test } from 'vitest'
import { loginOffers } from '../../src/transport/login-offers.ts'

/** Plays a server that goes on with these methods and lets nobody in; what it was offered, in order. */
function offered(methods: readonly AuthenticationType[]): readonly AnyAuthMethod[] {
  const offers = loginOffers('deploy', [{ kind: 'password', label: 'the password', password: 'secret' }])
  const made: AnyAuthMethod[] = []
  let left: AuthenticationType[] | null = null
  const answer: NextAuthHandler = method => {
    if (typeof method === 'object') made.push(method)
  }
  while (offers.next(left, null, answer) !== false) left = [...methods]
  return made
}

describe('a password', () => {
  test('is said once, after the server has told how it wants it', () => {
    expect(offered(['publickey', 'password', 'keyboard-interactive'])).toEqual([
      { type: 'none', username: 'deploy' },
      { type: 'password', username: 'deploy', password: 'secret' },
    ])
  })

  test('is not said to a server that wants none', () => {
    expect(offered(['publickey'])).toEqual([{ type: 'none', username: 'deploy' }])
  })

  test('answers one hidden question, once, and no other', () => {
    const method = offered(['keyboard-interactive']).at(-1)
    const answers: (readonly string[])[] = []
    const ask = (...prompts: { prompt: string; echo: boolean }[]) => {
      if (method?.type === 'keyboard-interactive' && typeof method.prompt === 'function')
        method.prompt('', '', '', prompts, given => void answers.push(given))
    }
    ask()
    ask({ prompt: 'Name:', echo: true })
    ask({ prompt: 'Old:', echo: false }, { prompt: 'New:', echo: false })
    ask({ prompt: 'Password:', echo: false })
    ask({ prompt: 'Password:', echo: false })
    expect(answers).toEqual([[], [], [], ['secret'], []])
  })
})
