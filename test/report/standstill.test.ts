import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStandstillNotice } from '../../src/report/standstill.ts'
import { at } from './builders.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A runner whose clock can go on without it. */
function aRunner() {
  const said: unknown[] = []
  let asleepMs = 0
  const notice = createStandstillNotice(
    event => void said.push(event),
    () => Date.now() + asleepMs,
  )
  return {
    said,
    notice,
    standsStill: (ms: number) => {
      asleepMs += ms
    },
  }
}

test('a runner that stood still says for how long, and what hosts make of it', () => {
  const { said, notice, standsStill } = aRunner()
  notice.handle(at(0).runStarted(['web1']))
  vi.advanceTimersByTime(10_000)
  standsStill(9_000)
  vi.advanceTimersByTime(10_000)
  expect(said).toMatchInlineSnapshot(`
    [
      {
        "host": undefined,
        "message": "this runner stood still for 9.0 s; a host that heard nothing of it for \`heartbeat\` has given it up and put itself back",
        "type": "notice",
      },
    ]
  `)
})

test('a busy one does not, nor one that has not begun or is at its end', () => {
  const { said, notice, standsStill } = aRunner()
  standsStill(60_000)
  notice.handle(at(0).runStarted(['web1']))
  vi.advanceTimersByTime(10_000)
  standsStill(1_000)
  vi.advanceTimersByTime(10_000)
  void notice.end()
  standsStill(60_000)
  vi.advanceTimersByTime(10_000)
  expect(said).toEqual([])
})
