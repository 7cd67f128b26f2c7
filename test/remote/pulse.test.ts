import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Pulse } from '../../src/remote/pulse.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A pulse with a heartbeat of 30 s, what it did, and its clock. */
function aPulse() {
  const did: string[] = []
  let seconds = 0
  const pulse = new Pulse({
    heartbeatMs: 30_000,
    now: () => seconds * 1000,
    beat: () => did.push(`beat ${seconds}`),
    silent: () => did.push(`silent ${seconds}`),
  })
  pulse.start()
  return {
    pulse,
    did,
    /** Time passes and timers fire. What is read in the turn of the last one is told after it, as the event loop does. */
    async pass(duration: number, readInTheLastTurn: () => void = () => undefined) {
      for (let passed = 5; passed <= duration; passed += 5) {
        seconds += 5
        vi.advanceTimersByTime(5_000)
        if (passed === duration) readInTheLastTurn()
        await turn()
      }
    },
    /** The process is stopped: the clock goes on, no timer fires. */
    stop(duration: number) {
      seconds += duration
    },
  }
}

const verdicts = (did: readonly string[]) => did.filter(what => what.startsWith('silent'))

test('a heartbeat goes out every sixth of the time after which silence is loss, until it is stopped', async () => {
  const { pulse, did, pass } = aPulse()
  await pass(20)
  pulse.stop()
  await pass(20)

  expect(did).toStrictEqual(['beat 5', 'beat 10', 'beat 15', 'beat 20'])
})

test('silence for the whole time is loss', async () => {
  const { did, pass } = aPulse()
  await pass(25)
  expect(verdicts(did)).toStrictEqual([])
  await pass(5)
  expect(verdicts(did)).toStrictEqual(['silent 30'])
})

test('any byte is a sign of life', async () => {
  const { pulse, did, pass } = aPulse()
  await pass(25)
  pulse.heard()
  await pass(25)

  expect(verdicts(did)).toStrictEqual([])
})

test('what was waiting to be read when the time was up still counts', async () => {
  const { pulse, did, pass } = aPulse()
  await pass(30, () => pulse.heard())

  expect(verdicts(did)).toStrictEqual([])
})

test('after the process was stopped itself it listens for one more beat before it judges', async () => {
  const { did, pass, stop } = aPulse()
  await pass(5)
  stop(600)
  await pass(5)
  expect(verdicts(did)).toStrictEqual([])
  await pass(5)
  expect(verdicts(did)).toStrictEqual(['silent 615'])
})

test('while the runner itself is too busy to read, silence means nothing', async () => {
  const { pulse, did, pass } = aPulse()
  let done: () => void = () => undefined
  const busy = pulse.deafDuring(
    new Promise(resolve => {
      done = resolve
    }),
  )
  await pass(300)
  done()
  await busy
  await pass(25)
  expect(verdicts(did)).toStrictEqual([])
  await pass(5)
  expect(verdicts(did)).toStrictEqual(['silent 330'])
})

test('a beat is known by when the latest answered one was sent and by the shortest of the latest round trips', async () => {
  const { pulse, pass } = aPulse()
  expect(pulse.last).toBe(undefined)
  await pass(5)
  pulse.answered(2_000, 0)
  pulse.answered(4_000, 0)
  expect(pulse.last).toMatchObject({ sentAtMs: 4_000, roundTripMs: 1_000 })
  await pass(5)
  pulse.answered(3_000, 0)
  expect(pulse.last).toMatchObject({ sentAtMs: 4_000, roundTripMs: 1_000 })
})

describe('the clock of a host', () => {
  test('was read in the middle of a round trip, as far as anybody knows', async () => {
    const { pulse, pass } = aPulse()
    await pass(5)
    pulse.answered(1_000, 103_000)
    expect(pulse.last?.aheadMs).toBe(100_000)
  })

  test('is known better where one answer came soon, and another one was written soon', async () => {
    const { pulse, pass } = aPulse()
    await pass(5)
    // 100 s ahead: on the way there for 3.9 s, and back for 0.1 s.
    pulse.answered(1_000, 104_900)
    await pass(5)
    // On the way there for 0.3 s, and back for 3.7 s.
    pulse.answered(6_000, 106_300)
    expect(pulse.last?.aheadMs).toBeCloseTo(100_100)
  })

  test('is that of the shortest round trip where the two have drifted apart', async () => {
    const { pulse, pass } = aPulse()
    await pass(5)
    pulse.answered(4_000, 104_500)
    await pass(5)
    pulse.answered(7_000, 118_500)
    expect(pulse.last?.aheadMs).toBe(100_000)
  })
})
