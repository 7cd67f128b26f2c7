import { stat } from 'node:fs/promises'
import ssh2, { type ParsedKey } from 'ssh2'
import { readPlainText, UnreadableFile } from '../artifact/plain-file.ts'
import { quote } from '../shell/quote.ts'
import { keyType } from './known-hosts.ts'

// ssh2 is CommonJS without named exports that Node could see.
const { utils } = ssh2

/** What a file that should hold a key is good for. `publicKey` is undefined where the format hides it. */
export type KeyFile =
  | { readonly kind: 'ready'; readonly path: string; readonly publicKey: Buffer; readonly key: ParsedKey }
  | {
      readonly kind: 'locked'
      readonly path: string
      readonly publicKey: Buffer | undefined
      readonly text: string
    }
  /** A public key alone: it says which key of the agent is meant. */
  | { readonly kind: 'public'; readonly path: string; readonly publicKey: Buffer }
  | { readonly kind: 'missing'; readonly path: string }
  | {
      readonly kind: 'unusable'
      readonly path: string
      readonly publicKey: Buffer | undefined
      readonly why: string
    }

/** No longer key file is read by OpenSSH either (authfile.c, MAX_KEY_FILE_SIZE). */
export const KEY_BYTES = 1024 ** 2

/** Reads one key file and says what it is good for. Never rejects: one bad file must not hide the others. */
export async function readKeyFile(path: string): Promise<KeyFile> {
  let text: string
  try {
    text = await readPlainText(path, KEY_BYTES)
  } catch (error) {
    if (error instanceof UnreadableFile)
      return { kind: 'unusable', path, publicKey: undefined, why: `it ${error.why}` }
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    if (code === 'ENOENT') return { kind: 'missing', path }
    return { kind: 'unusable', path, publicKey: undefined, why: `it cannot be read (${code})` }
  }
  const publicKey = publicPart(text) ?? (await readPublicKey(`${path}.pub`))
  const why = (await tooOpen(path, text)) ?? unsupported(text, path)
  if (why !== undefined) return { kind: 'unusable', path, publicKey, why }
  if (isEncrypted(text)) return { kind: 'locked', path, publicKey, text }
  const key = utils.parseKey(text)
  if (key instanceof Error) return { kind: 'unusable', path, publicKey, why: key.message }
  if (!key.isPrivateKey()) return { kind: 'public', path, publicKey: key.getPublicSSH() }
  return { kind: 'ready', path, publicKey: key.getPublicSSH(), key }
}

/**
 * Opens an encrypted key. Deriving the key takes 0.2 s of this process and more: done once for each file.
 *
 * @returns undefined when the passphrase is not the right one
 */
export function unlockKey(text: string, passphrase: string): ParsedKey | undefined {
  const key = utils.parseKey(text, passphrase)
  return key instanceof Error ? undefined : key
}

/** OpenSSH does not use a key of ours that others may read (authfile.c, sshkey_perm_ok). */
async function tooOpen(path: string, text: string): Promise<string | undefined> {
  if (!text.includes('PRIVATE KEY')) return undefined
  const { mode, uid } = await stat(path)
  if (uid !== process.getuid?.() || (mode & 0o077) === 0) return undefined
  return `others may read it: chmod 600 ${quote(path)}`
}

function unsupported(text: string, path: string): string | undefined {
  const openssh = opensshHeader(text)
  const rewrite = `ssh-keygen -p -f ${quote(path)}`
  const type = openssh === undefined ? undefined : keyType(openssh.publicKey)
  if (type?.startsWith('sk-')) return "it needs a security key: set client: 'openssh'"
  // ssh2 cannot take this cipher apart.
  if (openssh?.cipher.startsWith('chacha20')) return `its cipher is not supported: ${rewrite} -Z aes256-ctr`
  if (/-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/.test(text)) return `PKCS#8 is not supported: ${rewrite}`
  return undefined
}

function isEncrypted(text: string): boolean {
  const openssh = opensshHeader(text)
  if (openssh !== undefined) return openssh.cipher !== 'none'
  // RFC 1421, 4.6.1.1, and PuTTY's own.
  return /^Proc-Type: 4,ENCRYPTED/m.test(text) || /^Encryption: (?!none)/m.test(text)
}

/** OpenSSH, PROTOCOL.key: what stands in the clear before the private part. */
function opensshHeader(text: string): { readonly cipher: string; readonly publicKey: Buffer } | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text)?.[1]
  if (body === undefined) return undefined
  const data = Buffer.from(body, 'base64')
  const magic = Buffer.from('openssh-key-v1\0')
  if (!data.subarray(0, magic.length).equals(magic)) return undefined
  let at = magic.length
  const field = () => {
    const length = at + 4 <= data.length ? data.readUInt32BE(at) : 0
    const value = data.subarray(at + 4, at + 4 + length)
    at += 4 + length
    return value
  }
  const cipher = field().toString('latin1')
  field() // the key derivation function
  field() // its options
  at += 4 // the number of keys, always 1
  return { cipher, publicKey: field() }
}

function publicPart(text: string): Buffer | undefined {
  return opensshHeader(text)?.publicKey
}

async function readPublicKey(path: string): Promise<Buffer | undefined> {
  const line = await readPlainText(path, KEY_BYTES).catch(() => '')
  const blob = Buffer.from(line.split(/\s+/)[1] ?? '', 'base64')
  return keyType(blob) === undefined ? undefined : blob
}
