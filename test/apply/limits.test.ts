import { expect, test } from 'vitest'
import { limitsFor } from '../../src/apply/limits.ts'

test('a lost host is asked for as long as its heartbeat limit needs, and never less than two minutes', () => {
  expect([3_000, 30_000, 90_000].map(heartbeatMs => limitsFor(heartbeatMs).findOutMs)).toEqual([
    120_000, 120_000, 180_000,
  ])
})
