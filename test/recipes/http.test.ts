import { expect, test } from 'vitest'
import { http } from '../../recipes/http.ts'
import { aContext } from './contexts.ts'

const url = 'http://127.0.0.1:8000/health'

test('asks after the switch, from every host itself', () => {
  const steps = http({ url, status: 204, contains: 'ok' }).steps(aContext([]))
  expect(Object.keys(steps)).toStrictEqual(['health'])
  expect(steps.health).toMatchObject([
    { kind: 'http-probe', url, status: [204], contains: 'ok', once: false, title: `probe ${url}` },
  ])
})

test('takes a title', () => {
  expect(http({ url, title: 'is it up' }).steps(aContext([])).health?.[0]?.title).toBe('is it up')
})

test('asks on a rollback and where the revision stands as well', () => {
  expect(http({ url }).steps(aContext([], { builds: false })).health).toHaveLength(1)
})

test('finds a mistake when it is made, not when hosts were reached', () => {
  expect(() => http({ url: '127.0.0.1:8000' })).toThrow(/http:\/\//)
})
