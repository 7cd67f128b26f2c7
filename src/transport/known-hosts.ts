import { createHmac } from 'node:crypto'

/** One usable line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  readonly marker: 'revoked' | 'cert-authority' | undefined
  /** Patterns separated by commas, or one hashed name. */
  readonly hosts: string
  /** Of the key itself, as it stands inside the blob: an RSA key is `ssh-rsa` whatever it signs with. */
  readonly type: string
  /** The public key as it travels on the wire (RFC 4253, 6.6). */
  readonly blob: Buffer
  /** Counted from 1. */
  readonly line: number
}

/** The names under which one server's key is looked up. */
export interface HostKeyName {
  /** HostKeyAlias, `host` on port 22, `[host]:port` otherwise. */
  readonly name: string
  /** The bare host, where `name` has a port: OpenSSH takes a key that is right there too (sshconnect.c). */
  readonly withoutPort: string | undefined
}

/** OpenSSH's port, which known_hosts does not write down. */
export const DEFAULT_SSH_PORT = 22

/** Names are compared in lower case, as OpenSSH does. An alias stands for host and port together. */
export function hostKeyName(hostName: string, port: number, alias: string | undefined): HostKeyName {
  if (alias !== undefined) return { name: alias.toLowerCase(), withoutPort: undefined }
  const host = hostName.toLowerCase()
  if (port === DEFAULT_SSH_PORT) return { name: host, withoutPort: undefined }
  return { name: `[${host}]:${port}`, withoutPort: host }
}

/** Reads a known_hosts file. Comments and lines that OpenSSH would not understand either are passed over. */
export function parseKnownHosts(text: string): readonly KnownHost[] {
  return text.split('\n').flatMap((line, index) => {
    const entry = parseLine(asRead(line), index + 1)
    return entry === undefined ? [] : [entry]
  })
}

/** What OpenSSH makes of a line: it ends at a NUL, and begins after blanks and tabs; all else belongs to what it says. */
function asRead(line: string): string {
  const end = line.indexOf('\0')
  return (end === -1 ? line : line.slice(0, end)).replace(/^[ \t]+|[ \t]+$/g, '')
}

function parseLine(text: string, line: number): KnownHost | undefined {
  if (text === '' || text.startsWith('#')) return undefined
  const fields = text.split(/[ \t]+/)
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined
  if (marker !== undefined && marker !== '@revoked' && marker !== '@cert-authority') return undefined
  const [hosts, type, key] = fields
  if (hosts === undefined || type === undefined || key === undefined) return undefined
  const blob = keyBlob(key)
  if (keyType(blob) !== type) return undefined
  return { marker: markerName(marker), hosts, type, blob, line }
}

/**
 * The key as bytes; empty where it is none. Node passes over what is no base64, OpenSSH only over white space (isspace(3)):
 * a key that it does not see must not be trusted here, and one that is revoked for it must not be unknown.
 */
function keyBlob(key: string): Buffer {
  const digits = key.replace(/[\v\f\r]/g, '')
  const blob = Buffer.from(digits, 'base64')
  return blob.toString('base64') === digits ? blob : Buffer.alloc(0)
}

function markerName(marker: '@revoked' | '@cert-authority' | undefined): KnownHost['marker'] {
  switch (marker) {
    case '@revoked':
      return 'revoked'
    case '@cert-authority':
      return 'cert-authority'
    case undefined:
      return undefined
  }
}

/** The type that a public key names in its first field, undefined when it is no key. */
export function keyType(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined
  const length = blob.readUInt32BE(0)
  if (length === 0 || blob.length < 4 + length) return undefined
  return blob.toString('latin1', 4, 4 + length)
}

/** Whether a line speaks of the host called `name` (lower case, with its port where known_hosts has one). */
export function speaksOf(entry: KnownHost, name: string): boolean {
  if (entry.hosts.startsWith('|')) return matchesHashed(entry.hosts, name)
  const patterns = entry.hosts.toLowerCase().split(',')
  // One pattern that excludes the host decides, whatever the others say (ssh_config(5), PATTERNS).
  if (patterns.some(pattern => pattern.startsWith('!') && matchesPattern(pattern.slice(1), name)))
    return false
  return patterns.some(pattern => !pattern.startsWith('!') && matchesPattern(pattern, name))
}

const HASHED = /^\|1\|(?<salt>[A-Za-z0-9+/=]+)\|(?<hash>[A-Za-z0-9+/=]+)$/

function matchesHashed(hosts: string, name: string): boolean {
  const { salt, hash } = HASHED.exec(hosts)?.groups ?? {}
  if (salt === undefined || hash === undefined) return false
  return hashOf(name, Buffer.from(salt, 'base64')).equals(Buffer.from(hash, 'base64'))
}

function hashOf(name: string, salt: Buffer): Buffer {
  return createHmac('sha1', salt).update(name).digest()
}

/** Hides a name as HashKnownHosts of ssh_config(5) does. `salt` has the length of a SHA-1 digest: 20 bytes. */
export function hashedName(name: string, salt: Buffer): string {
  return `|1|${salt.toString('base64')}|${hashOf(name, salt).toString('base64')}`
}

/** `*` and `?` are wildcards; everything else, brackets too, is itself. In linear time, whatever the pattern. */
function matchesPattern(pattern: string, name: string): boolean {
  let at = 0
  let from = 0
  let star = -1
  let resume = 0
  while (from < name.length) {
    const wanted = pattern[at]
    if (wanted === '*') {
      star = at++
      resume = from
    } else if (wanted === '?' || (wanted !== undefined && wanted === name[from])) {
      at++
      from++
    } else if (star >= 0) {
      // The last star takes one character more, and the rest is tried again.
      at = star + 1
      from = ++resume
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
