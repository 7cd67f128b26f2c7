import { expect, test } from 'vitest'
import { fireTimes } from '../../../src/apply/switch/fire-times.ts'

/** A host whose monotonic clock says `aheadMs` when the runner's says 0. */
const at = (roundTripMs: number, aheadMs: number) => ({
  end: { lastBeat: { sentAtMs: 0, roundTripMs, aheadMs } },
})
const unheard = { end: { lastBeat: undefined } }

/** The moment of each host by the clock of the runner, in milliseconds. */
const moments = (hosts: readonly (ReturnType<typeof at> | typeof unheard)[], nowMs: number) =>
  [...fireTimes(hosts, nowMs)].map(([{ end }, { atUs }]) =>
    atUs === null ? 'at once' : atUs / 1000 - (end.lastBeat?.aheadMs ?? 0),
  )

test('all hosts rename at one moment, told to each by its own clock, when the message has reached the farthest', () => {
  const [one, other, last] = moments([at(1, 5_000), at(200, 90_000_000), at(50, 20)], 1_000)
  expect(one).toBeCloseTo(1_000 + 100 + 3)
  expect([other, last]).toEqual([expect.closeTo(Number(one)), expect.closeTo(Number(one))])
})

test('no host waits longer than that from when it was told, whatever its clock says by then', () => {
  const delays = [...fireTimes([at(1, 0), at(200, 0)], 1_000).values()].map(({ delayUs }) => delayUs)
  expect(delays).toEqual([102_000, 102_000])
})

test('many hosts are given more time to read what they are told, and never too much', () => {
  const delayOf = (count: number) =>
    [
      ...fireTimes(
        Array.from({ length: count }, () => at(2, 0)),
        0,
      ).values(),
    ][0]?.delayUs
  expect([delayOf(10), delayOf(1_000)]).toEqual([11_000, 101_000])
})

test('a host alone waits for nobody, and one of which no clock is known renames at once', () => {
  expect(moments([at(30, 7)], 0)).toEqual(['at once'])
  expect(moments([unheard, at(30, 7)], 0)).toEqual(['at once', expect.closeTo(17)])
  expect(moments([], 0)).toEqual([])
})

test('a clock that was suspended far behind ours is not told a time before its beginning', () => {
  const times = [...fireTimes([at(1, -5_000), at(1, 0)], 1_000).values()]
  expect(times[0]?.atUs).toBe(0)
})
