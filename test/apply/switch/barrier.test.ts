import { expect, test } from 'vitest'
import { Barrier } from '../../../src/apply/switch/barrier.ts'
import type { Beat } from '../../../src/remote/pulse.ts'

/** One third of the limit of 30 s is 10 s. */
const HEARTBEAT_MS = 30_000

/** A host and the two clocks of its runner; all of them start at 0. */
function aRunner({ answers = true } = {}) {
  let monotonicMs = 0
  let wallMs = 0
  let lastBeat: Beat | undefined
  const end = {
    isLost: false,
    get lastBeat() {
      return lastBeat
    },
    async beatNow() {
      if (answers) lastBeat = { sentAtMs: monotonicMs, roundTripMs: 1, aheadMs: 0 }
    },
  }
  const host = { end }
  const clocks = { monotonicMs: () => monotonicMs, wallMs: () => wallMs }
  const barrier = new Barrier([host], HEARTBEAT_MS, clocks)
  return {
    barrier,
    end,
    isOpen: () => barrier.silent().length === 0,
    passes(ms: number) {
      monotonicMs += ms
      wallMs += ms
    },
    sleeps: (ms: number) => (wallMs += ms),
    falls: () => (answers = false),
  }
}

test('is open while every host has answered what was sent in the last third of the limit', async () => {
  const { barrier, end, isOpen, passes } = aRunner()
  expect(isOpen()).toBe(false)
  await barrier.askOnceMore()
  passes(10_000)
  expect(isOpen()).toBe(true)
  passes(1)
  expect(isOpen()).toBe(false)
  await barrier.askOnceMore()
  end.isLost = true
  expect(isOpen()).toBe(false)
})

test('is closed after a suspension, however young the heartbeats are, until all hosts have answered again', async () => {
  const { barrier, isOpen, passes, sleeps } = aRunner()
  passes(1_000)
  await barrier.askOnceMore()
  sleeps(10_001)
  expect(isOpen()).toBe(false)
  await barrier.askOnceMore()
  expect(isOpen()).toBe(true)
})

test('stays closed after a suspension for a host that does not answer any more', async () => {
  const { barrier, isOpen, passes, sleeps, falls } = aRunner()
  await barrier.askOnceMore()
  passes(1_000)
  sleeps(3_600_000)
  falls()
  await barrier.askOnceMore()
  expect(isOpen()).toBe(false)
})

test('is closed again when the runner was suspended while it asked', async () => {
  const { barrier, isOpen, sleeps } = aRunner()
  sleeps(20_000)
  const asked = barrier.askOnceMore()
  sleeps(20_000)
  await asked
  expect(isOpen()).toBe(false)
})

test('takes no notice of a clock that is set back, or forward by less than a third of the limit', async () => {
  const { barrier, isOpen, sleeps } = aRunner()
  await barrier.askOnceMore()
  sleeps(-3_600_000)
  expect(isOpen()).toBe(true)
  sleeps(3_600_000 + 10_000)
  expect(isOpen()).toBe(true)
})
