import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAddress, parseDestination } from '../../src/config/destination.ts'

describe('a destination', () => {
  test.each([
    ['web1', { user: undefined, address: 'web1', port: undefined }],
    ['deploy@web1.example.com', { user: 'deploy', address: 'web1.example.com', port: undefined }],
    ['web1:2222', { user: undefined, address: 'web1', port: 2222 }],
    ['deploy@10.0.0.7:22', { user: 'deploy', address: '10.0.0.7', port: 22 }],
    ['[2001:db8::1]', { user: undefined, address: '2001:db8::1', port: undefined }],
    ['deploy@[fe80::1%eth0]:2222', { user: 'deploy', address: 'fe80::1%eth0', port: 2222 }],
    ['ana@corp.example@web1', { user: 'ana@corp.example', address: 'web1', port: undefined }],
  ])('%s is read', (text, destination) => {
    expect(parseDestination(text)).toEqual(destination)
  })

  test.each([
    ['2001:db8::1', "brackets around an IPv6 address: '[2001:db8::1]'"],
    ['[web1]', 'an IPv6 address in the brackets'],
    ['web1:0', 'a port from 1 to 65535'],
    ['web1:65536', 'a port from 1 to 65535'],
    ['web1:', 'a port from 1 to 65535'],
    ['web1:ssh', '[user@]address[:port]'],
    ['', 'an address of letters, digits and _ . -, no - first'],
    ['-oProxyCommand=id', 'an address of letters, digits and _ . -, no - first'],
    ['-l@web1', 'a user of letters, digits and _ . @ + -, no - first'],
    ['deploy@', 'an address of letters, digits and _ . -, no - first'],
    ['ssh://web1', '[user@]address[:port], and no URL'],
    ['ssh://deploy@web1:22', '[user@]address[:port], and no URL'],
  ])('%j is refused: expected %s', (text, expected) => {
    expect(parseDestination(text)).toEqual({ expected })
  })

  test('is never anything that a shell or ssh takes for more than a name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        const read = parseDestination(text)
        if ('expected' in read) return
        for (const part of [read.user ?? 'x', read.address])
          expect(part).toMatch(/^[A-Za-z0-9_:][\w.@+:%-]*$/)
      }),
      { numRuns: 2_000, examples: [['$(id)@web1'], ['web1;id'], ['web1\n'], ['käse'], ["'@x"]] },
    )
  })
})

describe('an address', () => {
  test.each([
    ['web1', 'web1'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
  ])('%s is %s', (text, address) => {
    expect(parseAddress(text)).toBe(address)
  })
})
