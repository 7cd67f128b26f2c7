import { expect, test } from 'vitest'
import { hostFilter, parseNames, waitLockMs } from '../../src/cli/flags.ts'

const flags = { color: true }

test('names stand between commas; blanks around them and empty ones do not count', () => {
  expect(parseNames('web1, web2,,web3 ,')).toEqual(['web1', 'web2', 'web3'])
})

test('names of a flag that is said twice are added up', () => {
  expect(parseNames('web3', ['web1', 'web2'])).toEqual(['web1', 'web2', 'web3'])
})

test('a flag that was not given does not choose: no names is not the same as an empty list of names', () => {
  expect(hostFilter(flags)).toEqual({})
  expect(hostFilter({ ...flags, hosts: [] })).toEqual({ hosts: [] })
  expect(hostFilter({ ...flags, except: ['web1'] })).toEqual({ except: ['web1'] })
})

test('a lock is waited for in seconds, and without the flag not at all', () => {
  expect(waitLockMs(flags)).toBe(0)
  expect(waitLockMs({ ...flags, waitLock: 1.5 })).toBe(1_500)
})
