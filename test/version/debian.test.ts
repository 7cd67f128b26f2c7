import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareDebian, compareDebianParts, parseDebian, parsedDebian } from '../../src/version/debian.ts'
import { anyDebian } from './any-debian.ts'

/** Pairs as dpkg orders them. */
test.each([
  ['1.0~rc1', '<', '1.0'],
  ['1.0~~', '<', '1.0~'],
  ['1.0', '<', '1.0-1'],
  ['1.0-1', '<', '1.0-2'],
  ['1.0-9', '<', '1.0-10'],
  ['1.0-1~bpo1', '<', '1.0-1'],
  ['1.0', '<', '1.0dev'],
  ['2:1.0~bpo1', '<', '2:1.0'],
  ['2:1.0', '<', '3:1.0'],
  ['0:1.0', '=', '1.0'],
  ['2.0', '<', '1:1.0'],
  ['1.0', '=', '1.0-0'],
  ['1.0', '=', '1.'],
  ['1.0-1-2', '<', '1.0-1-3'],
  ['1.0', '=', '1.00'],
  ['1.0', '<', '1.0+b1'],
  ['1.0+b1', '<', '1.0.1'],
  ['1.0a', '<', '1.0+'],
  ['1.0~1', '<', '1.0~a'],
  ['1.0.1', '<', '1.0.a'],
  ['1.2.3~a1', '<', '1.2.3~a2'],
  ['1.2.3~a2', '<', '1.2.3~rc1'],
  ['1.2.3~rc1', '<', '1.2.3'],
  ['1.2.3', '<', '1.2.3.post1'],
  ['1.2.3.post1', '<', '1.2.3.post2'],
  ['1.2.3.post1', '<', '1.2.4'],
  ['1.0.1', '<', '1.0.post1'],
  ['1.0~a1', '<', '1.0~dev1'],
  ['1.2.3~1', '<', '1.2.3~1.1'],
  ['1.2.3~1.1', '<', '1.2.3'],
  ['1.2.3~alpha', '<', '1.2.3~alpha.1'],
  ['2:1.0~1', '<', '3:1.0'],
  ['1.0~rc1', '<', '1.0~rc1-1'],
  ['1.0~rc1-1', '<', '1.0'],
  ['1.0', '<', '1.1'],
])('%s %s %s', (a, sign, b) => {
  const order = sign === '=' ? 0 : -1
  expect([compareDebian(a, b), compareDebian(b, a)]).toEqual([order, order === 0 ? 0 : 1])
})

test('parts sort with tildes first, then nothing, digits by their number, letters, everything else', () => {
  const ascending = ['~~', '~~a', '~', '', '09', '10', '30', 'a', 'a1', 'ab', '+']
  expect(ascending.toReversed().toSorted(compareDebianParts)).toEqual(ascending)
  expect(compareDebianParts('30', '030')).toBe(0)
})

test.each([
  ...['', '1:', ':1.0', 'a:1', '1.0:0', '-1', '1.0_1', '1.0-', '1.0-1_2', '1.0-1ö', 'ö:1.0', '1.Ö', 'abc'],
  ...['1.0\n', '2147483648:1.0'],
])('%j is no version', text => {
  expect(parseDebian(text)).toBeUndefined()
})

test.each([
  ['1.0-1-2', { epoch: '0', upstream: '1.0-1', revision: '2' }],
  ['1:2:3', { epoch: '1', upstream: '2:3', revision: undefined }],
  ['01:1.0-1~bpo1', { epoch: '1', upstream: '1.0', revision: '1~bpo1' }],
])('%s is taken apart at the first colon and the last hyphen', (text, parts) => {
  expect(parsedDebian(text)).toEqual(parts)
})

describe('the order is total', () => {
  test('turning the arguments round turns the answer round', () => {
    fc.assert(
      fc.property(anyDebian, anyDebian, (a, b) => {
        expect(compareDebian(a, b) + compareDebian(b, a)).toBe(0)
      }),
    )
  })

  test('it is transitive', () => {
    fc.assert(
      fc.property(anyDebian, anyDebian, anyDebian, (...versions) => {
        const [low = '', , high = ''] = versions.toSorted(compareDebian)
        expect(compareDebian(low, high)).toBeLessThanOrEqual(0)
      }),
    )
  })
})
