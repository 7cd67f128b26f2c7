import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  hashedName,
  hostKeyName,
  type KnownHost,
  parseKnownHosts,
  speaksOf,
} from '../../src/transport/known-hosts.ts'
import { mustRun } from '../support/run-program.ts'

const ED25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIDkh0w3w3m4mW0h8QmJt9q8n8Wv5m6m3M3kq1hO0f3fX'

function entryFor(hosts: string): KnownHost {
  const [entry] = parseKnownHosts(`${hosts} ssh-ed25519 ${ED25519}`)
  if (entry === undefined) throw new Error(`not a line: ${hosts}`)
  return entry
}

const speaks = (hosts: string, name: string) => speaksOf(entryFor(hosts), name)

test('a host on port 22 is known by its name, on another port by [name]:port and by its name alone', () => {
  expect([hostKeyName('Web1.Example', 22, undefined), hostKeyName('::1', 2222, undefined)]).toEqual([
    { name: 'web1.example', withoutPort: undefined },
    { name: '[::1]:2222', withoutPort: '::1' },
  ])
})

test('an alias stands for name and port together', () => {
  expect(hostKeyName('10.0.0.1', 2222, 'Web1')).toEqual({ name: 'web1', withoutPort: undefined })
})

test.each([
  ['web1', 'web1', true],
  ['WEB1', 'web1', true],
  ['web1', 'web10', false],
  ['web1', '[web1]:2222', false],
  ['[web1]:2222', '[web1]:2222', true],
  ['web2,web1', 'web1', true],
  ['*.example.com', 'web1.example.com', true],
  ['*.example.com', 'example.com', false],
  ['[*.example.com]:2222', '[web1.example.com]:2222', true],
  ['web?', 'web1', true],
  ['web?', 'web', false],
  ['*', '[anything]:1', true],
  ['*.example.com,!bad.example.com', 'bad.example.com', false],
  ['!bad.example.com,*.example.com', 'web.example.com', true],
  ['!web1', 'web2', false],
])('%s speaks of %s: %s', (hosts, name, expected) => {
  expect(speaks(hosts, name)).toBe(expected)
})

test('names hashed by ssh-keygen are recognised, and only those', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'stage-hashed-'))
  const file = join(directory, 'known_hosts')
  await writeFile(file, `web1.example.com ssh-ed25519 ${ED25519}\n[10.0.0.1]:2222 ssh-ed25519 ${ED25519}\n`)
  await mustRun(['ssh-keygen', '-q', '-H', '-f', file])
  const entries = parseKnownHosts(await readFile(file, 'utf8'))
  await rm(directory, { recursive: true })
  const names = ['web1.example.com', '[10.0.0.1]:2222', 'web2.example.com', '10.0.0.1']
  expect(names.map(name => entries.map(entry => speaksOf(entry, name)))).toEqual([
    [true, false],
    [false, true],
    [false, false],
    [false, false],
  ])
})

test('a name that we hash is found by ssh-keygen', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'stage-hashed-'))
  const file = join(directory, 'known_hosts')
  await writeFile(file, `${hashedName('[web1]:2222', Buffer.alloc(20, 7))} ssh-ed25519 ${ED25519}\n`)
  const found = await mustRun(['ssh-keygen', '-F', '[web1]:2222', '-f', file])
  await rm(directory, { recursive: true })
  expect(found).toMatch('found: line 1')
})

test('markers are read, and lines that OpenSSH would not understand are passed over', () => {
  const lines = parseKnownHosts(
    [
      '# a comment',
      '',
      `web1 ssh-ed25519 ${ED25519} with a comment`,
      `@revoked web1 ssh-ed25519 ${ED25519}`,
      `\t@cert-authority *.example.com ssh-ed25519 ${ED25519}`,
      `@unheard-of web1 ssh-ed25519 ${ED25519}`,
      `web1 ssh-rsa ${ED25519}`,
      'web1 ssh-ed25519',
      'web1 1024 35 1234567',
      `web1 ssh-ed25519 ${ED25519}\r`,
    ].join('\n'),
  )
  expect(lines.map(({ line, marker, hosts }) => [line, marker, hosts])).toEqual([
    [3, undefined, 'web1'],
    [4, 'revoked', 'web1'],
    [5, 'cert-authority', '*.example.com'],
    [10, undefined, 'web1'],
  ])
})

test.each([
  ['a letter that is no base64', `web1 ssh-ed25519 ${ED25519}\u00f7`],
  ['something after its padding', `web1 ssh-ed25519 ${ED25519}==`],
  ['a blank of another script before the name', `\u00a0web1 ssh-ed25519 ${ED25519}`],
])('a key with %s is none for this host, as for OpenSSH', (_, line) => {
  expect(parseKnownHosts(line).filter(entry => speaksOf(entry, 'web1'))).toEqual([])
})

test('no text makes the reader fail', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => Array.isArray(parseKnownHosts(text))))
})

test('a pattern matches as the regular expression of the same meaning does', () => {
  const piece = fc.constantFrom('a', 'b', '.', '*', '?')
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1 }),
      fc.array(fc.constantFrom('a', 'b', '.')),
      (pattern, name) => {
        const meaning = pattern.map(one =>
          one === '*' ? '.*' : one === '?' ? '.' : one === '.' ? '\\.' : one,
        )
        expect(speaks(pattern.join(''), name.join(''))).toBe(
          new RegExp(`^${meaning.join('')}$`).test(name.join('')),
        )
      },
    ),
  )
})
