import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { readPlainText, UnreadableFile } from '../artifact/plain-file.ts'
import { StageError } from '../model/stage-error.ts'
import { type HostKeyName, type KnownHost, keyType, parseKnownHosts, speaksOf } from './known-hosts.ts'

/** A line of known_hosts together with the file it stands in. */
export interface KnownHostLine extends KnownHost {
  readonly file: string
}

/** What the known_hosts files say about the key that a server presented. */
export type HostKeyVerdict =
  | { readonly kind: 'trusted' }
  /** `except`: what is known of the host all the same; a key that contradicts it, or passes it by, is no new one. */
  | { readonly kind: 'unknown'; readonly except: 'an authority' | 'its key without the port' | undefined }
  | { readonly kind: 'changed'; readonly known: KnownHostLine }
  | { readonly kind: 'revoked'; readonly by: KnownHostLine }

/**
 * Of the files of known hosts those that may be read. What is there and no regular file holds no keys: `/dev/null` is
 * as good as no file, and to read from a pipe or from `/dev/zero` would never end.
 *
 * @throws StageError `config` when one cannot be looked at: a key in it may be revoked
 */
export async function filesOfKeys(files: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(files.map(holdsKeys))
  return files.filter((_, index) => found[index])
}

async function holdsKeys(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile()
  } catch (error) {
    if (isMissing(error)) return false
    throw unreadable(file, error)
  }
}

/**
 * Reads known_hosts files in order. Files that are not there say nothing, nor does what is no file.
 *
 * @throws StageError `config` when one is there but cannot be read: a key in it may be revoked
 */
export async function readKnownHosts(files: readonly string[]): Promise<readonly KnownHostLine[]> {
  const readable = await filesOfKeys(files)
  const texts = await Promise.all(readable.map(readIfPresent))
  return texts.flatMap((text, index) =>
    parseKnownHosts(text).map(entry => ({ ...entry, file: readable[index] ?? '' })),
  )
}

/** More than a hundred thousand hosts. */
const KNOWN_HOSTS_BYTES = 64 * 1024 ** 2

async function readIfPresent(file: string): Promise<string> {
  try {
    return await readPlainText(file, KNOWN_HOSTS_BYTES)
  } catch (error) {
    if (isMissing(error)) return ''
    throw unreadable(file, error)
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(`${error.code}`)
}

function unreadable(file: string, cause: unknown): StageError {
  const why = cause instanceof UnreadableFile ? `: it ${cause.why}` : ''
  return new StageError('config', `the known hosts in ${file} cannot be read${why}`, { cause })
}

/**
 * Judges the key that a server presented.
 *
 * Stricter than OpenSSH in two things. A host that is known by keys of other types only has changed: else whoever
 * stands in between had only to present a type that nobody recorded, and `accept-new` would take it. And a host on
 * another port that is known by its bare name is not new with another key, which `accept-new` would take just so.
 */
export function judgeHostKey(
  lines: readonly KnownHostLine[],
  host: HostKeyName,
  blob: Buffer,
): HostKeyVerdict {
  const own = lines.filter(line => speaksOf(line, host.name))
  const { withoutPort } = host
  const bare = withoutPort === undefined ? [] : lines.filter(line => speaksOf(line, withoutPort))
  const revoked = [...own, ...bare].find(line => line.marker === 'revoked' && line.blob.equals(blob))
  if (revoked !== undefined) return { kind: 'revoked', by: revoked }
  const isPlain = (line: KnownHostLine) => line.marker === undefined
  const plain = own.filter(isPlain)
  // The bare name counts only where nothing is known of the port.
  const deciding = plain.length > 0 ? plain : bare.filter(isPlain)
  if (deciding.some(line => line.blob.equals(blob))) return { kind: 'trusted' }
  const known = plain.find(line => line.type === keyType(blob)) ?? plain[0]
  if (known !== undefined) return { kind: 'changed', known }
  if ([...own, ...bare].some(line => line.marker === 'cert-authority'))
    return { kind: 'unknown', except: 'an authority' }
  return { kind: 'unknown', except: deciding.length > 0 ? 'its key without the port' : undefined }
}

/** Lines that know the host by another key: where there are some, two keys were recorded for it at the same time. */
export function knownOtherwise(
  lines: readonly KnownHostLine[],
  host: HostKeyName,
  blob: Buffer,
): readonly KnownHostLine[] {
  return lines.filter(
    line => line.marker === undefined && speaksOf(line, host.name) && !line.blob.equals(blob),
  )
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
