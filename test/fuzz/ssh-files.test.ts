import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect } from 'vitest'
import { StageError } from '../../src/model/stage-error.ts'
import { hostKeyAlgorithms, judgeHostKey } from '../../src/transport/host-key-check.ts'
import { hashedName, hostKeyName, parseKnownHosts } from '../../src/transport/known-hosts.ts'
import { parseSshConfig } from '../../src/transport/ssh-config-query.ts'
import { sshRoute } from '../../src/transport/ssh-route.ts'
import { aDestination } from '../support/a-destination.ts'
import { programPath } from '../support/requirements.ts'
import { fuzz } from './support/fuzz.ts'
import { byteEdits, edited } from './support/mutations.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stage-fuzz-ssh-'))
})
afterAll(() => rm(directory, { recursive: true }))

/** Public keys of servers that were never anybody's. */
const ED25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIP7cxZyeywf6ZGA99IuBhcrOdWKxnZhB+h/wrynwcpo+'
const OTHER_ED25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIDkh0w3w3m4mW0h8QmJt9q8n8Wv5m6m3M3kq1hO0f3fX'
const ECDSA =
  'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBJlc6HM7tgO4xuJ+dS6UwFWIgMX/cegGQ6pczqNzekqa1OmliTdP05IZK8utptBapnQOdF5WlMSgne/BD1veRNE='
const KEYS = [`ssh-ed25519 ${ED25519}`, `ssh-ed25519 ${OTHER_ED25519}`, `ecdsa-sha2-nistp256 ${ECDSA}`]

/** The server that is asked for: not on port 22, so that two names are looked up. */
const SERVER = hostKeyName('web1.example.com', 2222, undefined)
const NAMES = ['[web1.example.com]:2222', 'web1.example.com']

const SALT = Buffer.alloc(20, 7)
const HOSTS = [
  ...NAMES,
  ...NAMES.map(name => hashedName(name, SALT)),
  ...[
    'WEB1.example.com',
    'web1',
    '*',
    '*.example.com',
    '!web1.example.com,*',
    '*,!web1.*',
    'a,web1.example.com,b',
  ],
  ...['[*]:2222', '[web1.example.com]:22', '?eb1.example.com', '|1|x|y', '', '10.0.0.1,web1.example.com'],
]
const MARKERS = [
  '',
  '',
  '',
  '@revoked ',
  '@cert-authority ',
  '@REVOKED ',
  '@revoked\t',
  '@ ',
  ' ',
  '\t',
  '\u00a0',
  '#',
]
const BLANKS = [' ', ' ', ' ', '\t', '  ', ' \t ', '\u00a0', '\v', '']
const REST = ['', ' comment', ' @revoked', '=', '==', ' \r', '\r', '\0', '\u00a0', ' \u2028']
const ENDS = ['\n', '\n', '\n', '\r\n', '\r', '', '\n\n', '\u0085']

const line = fc
  .tuple(...[MARKERS, HOSTS, BLANKS, KEYS, REST, ENDS].map(parts => fc.constantFrom(...parts)))
  .map(parts => parts.join(''))
const knownHosts = fc
  .tuple(
    fc.array(line, { maxLength: 5 }),
    byteEdits(['=', '!', '*', '|', ' ', '\n', 'A', '@revoked ', ','], 2),
  )
  .map(([lines, edits]) => edited(Buffer.from(lines.join('')), edits))

async function checkKnownHosts(bytes: Buffer): Promise<void> {
  const lines = parseKnownHosts(bytes.toString('utf8')).map(entry => ({ ...entry, file: 'known_hosts' }))
  const theirs = await foundByOpenssh(bytes)
  expect(new Set(hostKeyAlgorithms(lines, SERVER)).size).toBe(7)
  for (const key of [ED25519, OTHER_ED25519, ECDSA]) {
    const verdict = judgeHostKey(lines, SERVER, Buffer.from(key, 'base64'))
    const said = { key, verdict: verdict.kind }
    const speaking = theirs.filter(found => found.key === key)
    // No key is accepted that is not in the file for this server, and none that OpenSSH takes for revoked.
    if (verdict.kind === 'trusted')
      expect({ ...said, plain: speaking.some(({ marker }) => marker === '') }).toStrictEqual({
        ...said,
        plain: true,
      })
    if (speaking.some(({ marker }) => marker === 'REVOKED'))
      expect(said).toStrictEqual({ key, verdict: 'revoked' })
  }
}

interface Found {
  readonly marker: string
  readonly key: string
}

/** What ssh-keygen(1) finds in the file for the same server. */
async function foundByOpenssh(bytes: Buffer): Promise<readonly Found[]> {
  const file = join(directory, 'known_hosts')
  await writeFile(file, bytes)
  const outputs = await Promise.all(NAMES.map(name => keygen(['-F', name, '-f', file])))
  return outputs.flatMap(output =>
    [...output.matchAll(FOUND)].map(([, marker = '', key = '']) => ({ marker, key: asDecoded(key) })),
  )
}

/** A comment, then the line; ssh-keygen does not look whether its key is one. Fields end at blanks and tabs only. */
const FOUND =
  /^# Host .* found: line \d+ (REVOKED|CA|)\n[ \t]*(?:@[^ \t\n]+[ \t]+)?[^ \t\n]+[ \t]+[^ \t\n]+[ \t]+([^ \t\n]+)/gm

/** sshkey_read ends at a NUL, and passes over white space. */
const asDecoded = (key: string) => (key.split('\0')[0] ?? '').replace(/[\v\f\r]/g, '')

/** It ends with 1 where it finds nothing, and with 255 where there is nothing that it understands. */
function keygen(args: readonly string[]): Promise<string> {
  return new Promise(resolve => {
    execFile(programPath('ssh-keygen'), args, { encoding: 'latin1' }, (_, stdout) => resolve(stdout))
  })
}

fuzz('known-hosts', 'a key is trusted only if OpenSSH finds it in the file for that server too', {
  inputs: knownHosts,
  check: checkKnownHosts,
  read: bytes => bytes,
  write: bytes => bytes,
  batch: 20,
})

/** As OpenSSH 9 prints it. */
const SETTINGS = `host web1.example.com
user deploy
hostname 10.0.0.1
port 2222
addressfamily any
bindaddress none
connecttimeout none
identitiesonly no
hashknownhosts no
pubkeyauthentication true
preferredauthentications publickey,password
identityfile ~/.ssh/id_rsa
identityfile ~/.ssh/id_ed25519
identityagent SSH_AUTH_SOCK
globalknownhostsfile /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2
userknownhostsfile ~/.ssh/known_hosts ~/.ssh/known hosts2
hostkeyalias none
proxyjump ana@gate:2222,[::1]:22
proxycommand none
revokedhostkeys none
`

const SETTING_WORDS = [
  ...['none', 'yes', 'no', 'inet6', '~/', '%d', '%%', '%h', '%', '$SSH_AUTH_SOCK', ' ', '\n', '\0'],
  ...[
    'port x\n',
    'port 99999\n',
    'connecttimeout -1\n',
    'connecttimeout 1e9\n',
    'proxyjump -x\n',
    'user \n',
    ',',
  ],
]

function checkSettings(bytes: Buffer): void {
  try {
    const destination = aDestination()
    const route = sshRoute(destination, parseSshConfig(bytes.toString('utf8')), { HOME: '/home/ana' })
    expect(route.port).toBeGreaterThan(0)
    expect(route.port).toBeLessThan(65_536)
    expect(route.connectTimeoutMs).toBeGreaterThanOrEqual(destination.connectTimeoutMs)
    // A timer of Node beyond this fires at once.
    expect(route.connectTimeoutMs).toBeLessThan(2 ** 31)
    expect(route.hostName).not.toBe('')
  } catch (error) {
    if (!(error instanceof StageError)) throw error
    expect(error.code).toBe('config')
  }
}

fuzz('ssh-settings', 'what ssh -G prints becomes a route, or is refused', {
  inputs: byteEdits(SETTING_WORDS, 5).map(edits => edited(Buffer.from(SETTINGS), edits)),
  check: checkSettings,
  read: bytes => bytes,
  write: bytes => bytes,
  batch: 200,
})
