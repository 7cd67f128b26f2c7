import { expect, test } from 'vitest'
import { createProblemGatherer } from '../../src/report/gathered-problems.ts'
import { aProblem } from './builders.ts'

const notice = { atMs: 0, type: 'notice', host: undefined, message: 'something else' } as const

test('problems are held back until something else happens, then shown together', () => {
  const gather = createProblemGatherer()
  const [first, second] = [aProblem('web1', 'is down'), aProblem('web2', 'is down')]
  expect(gather({ atMs: 0, type: 'problem', problem: first })).toEqual([])
  expect(gather({ atMs: 1, type: 'problem', problem: second })).toEqual([])
  expect(gather(notice)).toEqual([first, second])
  expect(gather(notice)).toEqual([])
})
