import { describe, expect, test } from 'vitest'
import { closest, suggestion } from '../../src/recipe/closest.ts'

describe('what was probably meant', () => {
  test.each([
    ['prodution', 'production'],
    ['porduction', 'production'],
    ['Production', 'production'],
    ['wbe1', 'web1'],
    ['stagin', 'staging'],
  ])('%s: %s', (written, meant) => {
    expect(closest(written, ['production', 'staging', 'web1', 'db1'])).toBe(meant)
  })

  test('is not guessed when nothing is near', () => {
    expect(closest('cache', ['production', 'staging'])).toBeUndefined()
  })

  test('is the nearest of several', () => {
    expect(closest('web22', ['web1', 'web2', 'web3'])).toBe('web2')
  })

  test('stands before everything that is allowed', () => {
    expect(suggestion('prot', ['address', 'port'])).toBe("did you mean 'port'? allowed: address, port")
  })
})
