import ssh2 from 'ssh2'
import { expect, test } from 'vitest'
import { makeKeyPair } from '../../../src/cli/sandbox/key-pair.ts'

test('every key pair signs and verifies, the one in 256 too whose public key begins with a zero', () => {
  for (let attempt = 0; attempt < 1_500; attempt += 1) {
    const pair = makeKeyPair('sandbox')
    const secret = ssh2.utils.parseKey(pair.privateKey)
    const open = ssh2.utils.parseKey(pair.publicLine)
    if (secret instanceof Error) throw secret
    if (open instanceof Error) throw open
    expect(open.verify('text', secret.sign('text'))).toBe(true)
  }
})

test('the public line ends with the comment', () => {
  expect(makeKeyPair('web1').publicLine).toMatch(/^ssh-ed25519 [A-Za-z0-9+/]{68} web1$/)
})
