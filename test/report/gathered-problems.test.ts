import { expect, test } from 'vitest'
import { createProblemGatherer } from '../../src/report/gathered-problems.ts'
import { aProblem } from './builders.ts'

const notice = { atMs: 0, type: 'notice', host: undefined, message: 'something else' } as const
const [first, second] = [aProblem('web1', 'is down'), aProblem('web2', 'is down')]

test('problems are held back until something else happens, then shown together', () => {
  const gather = createProblemGatherer()
  expect(gather.before({ atMs: 0, type: 'problem', problem: first })).toEqual([])
  expect(gather.before({ atMs: 1, type: 'problem', problem: second })).toEqual([])
  expect(gather.before(notice)).toEqual([first, second])
  expect(gather.before(notice)).toEqual([])
})

test('problems that nothing follows are there to be shown at the end, once', () => {
  const gather = createProblemGatherer()
  gather.before({ atMs: 0, type: 'problem', problem: first })
  expect(gather.rest()).toEqual([first])
  expect(gather.rest()).toEqual([])
})
