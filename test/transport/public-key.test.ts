import { mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readPublicKeyText } from '../../src/transport/public-key.ts'
import { programPath } from '../support/requirements.ts'
import { mustRun } from '../support/run-program.ts'
import { makeScratchDirectory } from '../support/scratch-directory.ts'

const scratch = await makeScratchDirectory()
afterAll(async () => scratch[Symbol.asyncDispose]())

async function generated(type: string, bits: string): Promise<string> {
  const file = join(await mkdtemp(join(scratch.path, 'key-')), 'key')
  await mustRun([
    programPath('ssh-keygen'),
    '-q',
    '-t',
    type,
    '-b',
    bits,
    '-N',
    '',
    '-C',
    'ana at home',
    '-f',
    file,
  ])
  return await readFile(`${file}.pub`, 'utf8')
}
const good = (await generated('ed25519', '256')).trim()
const [type = '', key = ''] = good.split(' ')

test.each([
  ['ed25519', '256'],
  ['rsa', '2048'],
  ['ecdsa', '256'],
  ['ecdsa', '384'],
  ['ecdsa', '521'],
])('an %s key of %s bits as ssh-keygen writes it is one', async (kind, bits) => {
  const text = await generated(kind, bits)
  const [written, blob = ''] = text.split(' ')
  expect(readPublicKeyText(text)).toEqual({
    type: written,
    blob: Buffer.from(blob, 'base64'),
    comment: 'ana at home',
  })
})

test('comments, blank lines and Windows line ends around a key are passed over', () => {
  expect(readPublicKeyText(`# laptop\r\n\r\n${good}\r\n`)).toEqual(readPublicKeyText(good))
})

test.each([
  ['', 'has no key in it'],
  ['-----BEGIN OPENSSH PRIVATE KEY-----\n', 'is a private key: give the .pub file beside it'],
  [`${good}\n${good}`, 'has more than one line; one key is put on hosts at a time'],
  [`restrict ${good}`, /^does not begin with the type of a key that servers take: ssh-ed25519, /],
  [`ssh-rsa ${key}`, 'says ssh-rsa, and the key in it says otherwise'],
  [`${type} ${key.slice(0, -1)}`, 'has a key that is no Base64: it was cut or broken over lines'],
  [`${type} ${key.slice(0, -4)}`, 'has a key that is cut'],
  [
    `${type} ${Buffer.concat([Buffer.from(key, 'base64'), Buffer.alloc(4)]).toString('base64')}`,
    'has a key that is cut',
  ],
  [`ssh-ed25519-cert-v01@openssh.com ${key}`, /^is a certificate/],
  [`${good}\x1b[2J`, 'has control characters in its comment'],
])('%j %s', (text, fault) => {
  expect(readPublicKeyText(text)).toEqual(typeof fault === 'string' ? fault : expect.stringMatching(fault))
})
