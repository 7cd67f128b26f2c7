import { describe, expect, test } from 'vitest'
import { callFunction } from '../../src/apply/call-function.ts'
import type { CallContext, CallFunction } from '../../src/model/step.ts'

const context = (changes: Partial<CallContext> = {}): CallContext => ({
  host: 'web1',
  env: { DEPLOY_STAGE: 'production' },
  signal: new AbortController().signal,
  print: () => undefined,
  ...changes,
})

const called = (run: CallFunction, timeoutMs = 60_000, changes: Partial<CallContext> = {}) =>
  callFunction(run, context(changes), { timeoutMs, timeoutOption: '`timeout`' })

/** Ends when it is told to. */
const obedient: CallFunction = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('told to end'))))

describe('a function of the configuration', () => {
  test('is given its host, its variables and a way to say something', async () => {
    const lines: string[] = []
    const run: CallFunction = async ({ host, env, print }) => print(`${host} ${env['DEPLOY_STAGE']}`)
    expect(await called(run, 1_000, { print: line => lines.push(line) })).toEqual({ kind: 'ok' })
    expect(lines).toEqual(['web1 production'])
  })

  test('fails with what it throws, also before it was ever asynchronous', async () => {
    const rejects: CallFunction = async () => Promise.reject(new Error('the monitor is red'))
    const throws: CallFunction = () => {
      throw new Error('the monitor is red')
    }
    for (const run of [rejects, throws])
      expect(await called(run)).toEqual({ kind: 'failed', reason: 'the monitor is red' })
  })

  test('is told to end when its time is over, which is why it failed, whatever it says then', async () => {
    expect(await called(obedient, 20)).toEqual({
      kind: 'failed',
      reason: 'stopped after 0.02 s: time limit, which `timeout` lengthens',
    })
  })

  test('is told to end by an interrupt, and then was cancelled', async () => {
    const stop = new AbortController()
    const ended = called(obedient, 60_000, { signal: stop.signal })
    stop.abort()
    expect(await ended).toEqual({ kind: 'cancelled' })
  })

  test('that does not listen is left behind', async () => {
    const deaf: CallFunction = () => new Promise(() => undefined)
    expect((await called(deaf, 20)).kind).toBe('failed')
  }, 20_000)

  test('is not called any more once all is to end', async () => {
    const calls: string[] = []
    const outcome = await called(async () => void calls.push('called'), 1_000, {
      signal: AbortSignal.abort(),
    })
    expect({ outcome, calls }).toEqual({ outcome: { kind: 'cancelled' }, calls: [] })
  })
})
