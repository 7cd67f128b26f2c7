import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { StageError } from '../model/stage-error.ts'
import { type HostKeyName, type KnownHost, keyType, parseKnownHosts, speaksOf } from './known-hosts.ts'

/** A line of known_hosts together with the file it stands in. */
export interface KnownHostLine extends KnownHost {
  readonly file: string
}

/** What the known_hosts files say about the key that a server presented. */
export type HostKeyVerdict =
  | { readonly kind: 'trusted' }
  /** `byAuthority`: a `@cert-authority` line speaks of the host, which says nothing about a plain key. */
  | { readonly kind: 'unknown'; readonly byAuthority: boolean }
  | { readonly kind: 'changed'; readonly known: KnownHostLine }
  | { readonly kind: 'revoked'; readonly by: KnownHostLine }

/**
 * Reads known_hosts files in order. Files that are not there say nothing.
 *
 * @throws StageError `config` when one is there but cannot be read: a key in it may be revoked
 */
export async function readKnownHosts(files: readonly string[]): Promise<readonly KnownHostLine[]> {
  const texts = await Promise.all(files.map(readIfPresent))
  return texts.flatMap((text, index) =>
    parseKnownHosts(text).map(entry => ({ ...entry, file: files[index] ?? '' })),
  )
}

async function readIfPresent(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return ''
    throw new StageError('config', `the known hosts in ${file} cannot be read`, { cause: error })
  }
}

/**
 * Judges the key that a server presented.
 *
 * Stricter than OpenSSH in one thing: a host that is known by keys of other types only has changed. Else whoever
 * stands in between had only to present a type that nobody recorded, and `accept-new` would take it.
 */
export function judgeHostKey(
  lines: readonly KnownHostLine[],
  host: HostKeyName,
  blob: Buffer,
): HostKeyVerdict {
  const own = lines.filter(line => speaksOf(line, host.name))
  const { withoutPort } = host
  const bare = withoutPort === undefined ? [] : lines.filter(line => speaksOf(line, withoutPort))
  const same = [...own, ...bare].filter(line => line.blob.equals(blob))
  const revoked = same.find(line => line.marker === 'revoked')
  if (revoked !== undefined) return { kind: 'revoked', by: revoked }
  if (same.some(line => line.marker === undefined)) return { kind: 'trusted' }
  const plain = own.filter(line => line.marker === undefined)
  const known = plain.find(line => line.type === keyType(blob)) ?? plain[0]
  if (known !== undefined) return { kind: 'changed', known }
  return { kind: 'unknown', byAuthority: [...own, ...bare].some(line => line.marker === 'cert-authority') }
}

/** ssh2's default order, and which signatures go with which type of key (RFC 8332 for RSA). */
const ALGORITHMS: readonly (readonly [type: string, algorithm: ServerHostKeyAlgorithm])[] = [
  ['ssh-ed25519', 'ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp256'],
  ['ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp384'],
  ['ecdsa-sha2-nistp521', 'ecdsa-sha2-nistp521'],
  ['ssh-rsa', 'rsa-sha2-512'],
  ['ssh-rsa', 'rsa-sha2-256'],
  ['ssh-rsa', 'ssh-rsa'],
]

/**
 * The host key algorithms to ask for, those of the recorded keys first: a server with several keys presents the
 * first that both sides have, and a host known by its RSA key would look unknown if ed25519 were asked for.
 */
export function hostKeyAlgorithms(
  lines: readonly KnownHostLine[],
  host: HostKeyName,
): readonly ServerHostKeyAlgorithm[] {
  const typesUnder = (name: string) =>
    lines.filter(line => line.marker === undefined && speaksOf(line, name)).map(line => line.type)
  const own = typesUnder(host.name)
  const known = new Set(own.length > 0 || host.withoutPort === undefined ? own : typesUnder(host.withoutPort))
  const first = ALGORITHMS.filter(([type]) => known.has(type))
  const rest = ALGORITHMS.filter(([type]) => !known.has(type))
  return [...first, ...rest].map(([, algorithm]) => algorithm)
}

/** The fingerprint as ssh-keygen(1) and a host's console show it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}
