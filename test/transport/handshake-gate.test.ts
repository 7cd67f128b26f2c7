import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createHandshakeGate } from '../../src/transport/handshake-gate.ts'

const gate = () => createHandshakeGate({ random: () => 0 })

/** Counts how many run at once. */
function meter() {
  let now = 0
  let most = 0
  return {
    most: () => most,
    async run() {
      most = Math.max(most, ++now)
      await new Promise(resolve => setTimeout(resolve, 5))
      now -= 1
      return { kind: 'done', result: 'in' } as const
    },
  }
}

test('at most 8 logins go on at once at one server', async () => {
  const { enter } = gate()
  const logins = meter()
  await Promise.all(Array.from({ length: 30 }, () => enter('a:22', 1_000, undefined, logins.run)))
  expect(logins.most()).toBe(8)
})

test('servers do not wait for each other', async () => {
  const { enter } = gate()
  const logins = meter()
  await Promise.all(
    Array.from({ length: 30 }, (_, index) => enter(`${index}:22`, 1_000, undefined, logins.run)),
  )
  expect(logins.most()).toBe(30)
})

test('a login that is shed is tried again, and its result is the last one', async () => {
  const answers = [
    { kind: 'shed', error: new Error('full') },
    { kind: 'shed', error: new Error('full') },
    { kind: 'done', result: 'in' },
  ] as const
  let attempts = 0
  const result = await gate().enter('a:22', 1_000, undefined, async () => answers[attempts++] ?? answers[2])
  expect([result, attempts]).toEqual(['in', 3])
})

test('a server that sheds load is asked by fewer at once', async () => {
  const { enter } = gate()
  await enter('a:22', 60, undefined, async () => ({ kind: 'shed', error: new Error('full') })).catch(
    () => undefined,
  )
  const logins = meter()
  await Promise.all(Array.from({ length: 10 }, () => enter('a:22', 1_000, undefined, logins.run)))
  expect(logins.most()).toBeLessThan(8)
})

test('when the budget is spent, what the last attempt said is the error', async () => {
  const error = new Error('full')
  await expect(gate().enter('a:22', 10, undefined, async () => ({ kind: 'shed', error }))).rejects.toBe(error)
})

test('and when it is spent within an attempt, what the server said before that', async () => {
  const full = new Error('full')
  let attempts = 0
  const entered = gate().enter('a:22', 300, undefined, async leftMs => {
    attempts += 1
    if (attempts === 1) return { kind: 'shed', error: full }
    await sleep(leftMs)
    throw new Error('too late')
  })
  await expect(entered).rejects.toBe(full)
  expect(attempts).toBe(2)
})

test('a failure is not tried again: a refused key does not become right', async () => {
  let attempts = 0
  const denied = gate().enter('a:22', 1_000, undefined, async () => {
    attempts += 1
    throw new Error('denied')
  })
  await expect(denied).rejects.toThrow('denied')
  expect(attempts).toBe(1)
})

test('who waits for his turn can be called off', async () => {
  const { enter } = gate()
  const busy = Array.from({ length: 8 }, () => enter('a:22', 1_000, undefined, meter().run))
  const controller = new AbortController()
  const waiting = enter('a:22', 1_000, controller.signal, meter().run)
  controller.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'interrupted' })
  await Promise.all(busy)
})
