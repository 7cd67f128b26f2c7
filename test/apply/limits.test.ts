import { expect, test } from 'vitest'
import { limitsFor } from '../../src/apply/limits.ts'

test('a lost host is asked for as long as its heartbeat limit needs, and never less than two minutes', () => {
  const findOut = (heartbeatMs: number) => limitsFor({ heartbeatMs, fileTimeoutMs: 600_000 }).findOutMs
  expect([3_000, 30_000, 90_000].map(findOut)).toEqual([120_000, 120_000, 180_000])
})

test('work on files may take as long as the configuration says', () => {
  expect(limitsFor({ heartbeatMs: 30_000, fileTimeoutMs: 3_600_000 }).filesMs).toBe(3_600_000)
})
