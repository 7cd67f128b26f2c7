import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { HostSteps, PlannedStep } from '../../src/model/plan.ts'
import type { Activation } from '../../src/model/target.ts'
import { batchesOf } from '../../src/plan/batches.ts'

const step: PlannedStep = {
  ...{
    id: 'activate/1',
    slot: 'activate',
    origin: 'hooks',
    title: 'x',
    env: {},
    cwd: '/',
    timeoutMs: 1,
    timeoutOption: 'x',
  },
  ...{ action: { kind: 'exec', argv: ['x'], sudo: false }, undo: undefined },
}
const idle: HostSteps = { before: [], inside: [], after: [] }

const some = (count: number): ReadonlyMap<string, HostSteps> =>
  new Map(Array.from({ length: count }, (_, index) => [`web${index + 1}`, { ...idle, inside: [step] }]))

const sizes = (count: number, batch: Activation['batch']) =>
  batchesOf(some(count), { batch, pauseMs: 0 })?.hosts.map(hosts => hosts.length)

test('a number is so many hosts at once, the rest last', () => {
  expect(batchesOf(some(3), { batch: { hosts: 2 }, pauseMs: 5_000 })).toEqual({
    hosts: [['web1', 'web2'], ['web3']],
    pauseMs: 5_000,
  })
})

test('a percentage is rounded down, for so many may be missing, and is one host at least', () => {
  expect(sizes(7, { percent: 30 })).toEqual([2, 2, 2, 1])
  expect(sizes(3, { percent: 10 })).toEqual([1, 1, 1])
})

test('as many as there are, or more, are all at once', () => {
  expect(sizes(3, { hosts: 3 })).toBe(undefined)
  expect(sizes(3, { percent: 100 })).toBe(undefined)
  expect(sizes(3, undefined)).toBe(undefined)
})

test('a host with nothing to do is in no batch, and makes none wait', () => {
  const hosts = new Map([...some(2), ['web0', idle]])
  expect(batchesOf(hosts, { batch: { hosts: 1 }, pauseMs: 0 })?.hosts).toEqual([['web1'], ['web2']])
})

test('every host is in one batch, whatever their number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 100 }), (count, percent) => {
      const batches = batchesOf(some(count), { batch: { percent }, pauseMs: 0 })
      const hosts = batches === undefined ? [...some(count).keys()] : batches.hosts.flat()
      expect(hosts.toSorted()).toEqual([...some(count).keys()].toSorted())
    }),
  )
})
