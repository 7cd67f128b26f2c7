import { keyType } from './known-hosts.ts'

/** A public key as a `.pub` file has it. */
export interface PublicKey {
  readonly type: string
  /** As it travels on the wire (RFC 4253, 6.6). */
  readonly blob: Buffer
  readonly comment: string
}

/** What the fields of a key after its type are: so many strings, the last of them of this length where it is fixed. */
const shapes: ReadonlyMap<string, { readonly fields: number; readonly lastBytes?: number }> = new Map([
  // RFC 8709, 4: the key alone.
  ['ssh-ed25519', { fields: 1, lastBytes: 32 }],
  // RFC 4253, 6.6: exponent and modulus.
  ['ssh-rsa', { fields: 2 }],
  // RFC 5656, 3.1: the name of the curve and a point, uncompressed.
  ['ecdsa-sha2-nistp256', { fields: 2, lastBytes: 65 }],
  ['ecdsa-sha2-nistp384', { fields: 2, lastBytes: 97 }],
  ['ecdsa-sha2-nistp521', { fields: 2, lastBytes: 133 }],
  // OpenSSH, PROTOCOL.u2f: the same, and the application.
  ['sk-ssh-ed25519@openssh.com', { fields: 2 }],
  ['sk-ecdsa-sha2-nistp256@openssh.com', { fields: 3 }],
])

/** sshd_config(5), RequiredRSASize: what servers refuse by default. */
const SHORTEST_RSA_BITS = 1_024

/**
 * Reads a file with one public key: `type key comment` (sshd(8), AUTHORIZED_KEYS FILE FORMAT; a `.pub` file has no options).
 *
 * @returns the key, or why it is none, as the end of a sentence that begins with the file
 */
export function readPublicKeyText(text: string): PublicKey | string {
  if (text.includes('PRIVATE KEY')) return 'is a private key: give the .pub file beside it'
  const lines = text.split(/\r?\n/).filter(line => line.trim() !== '' && !line.startsWith('#'))
  const [line, ...more] = lines
  if (line === undefined) return 'has no key in it'
  if (more.length > 0) return 'has more than one line; one key is put on hosts at a time'
  const [type = '', key = '', ...comment] = line.trim().split(/[ \t]+/)
  if (type.includes('-cert-')) return `is a certificate (${type}), which no list of keys takes`
  const shape = shapes.get(type)
  if (shape === undefined)
    return `does not begin with the type of a key that servers take: ${[...shapes.keys()].join(', ')}`
  const blob = Buffer.from(key, 'base64')
  if (blob.toString('base64') !== key) return 'has a key that is no Base64: it was cut or broken over lines'
  if (keyType(blob) !== type) return `says ${type}, and the key in it says otherwise`
  const fields = fieldsOf(blob)
  const last = fields?.at(-1)
  if (fields === undefined || last === undefined || fields.length !== shape.fields + 1)
    return 'has a key that is cut'
  if (shape.lastBytes !== undefined && last.length !== shape.lastBytes) return 'has a key that is cut'
  // A leading zero byte keeps the number positive (RFC 4251, 5: mpint).
  if (type === 'ssh-rsa' && (last.length - (last[0] === 0 ? 1 : 0)) * 8 < SHORTEST_RSA_BITS)
    return `has an RSA key that is too short: servers want ${SHORTEST_RSA_BITS} bits at least`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  if (/[\x00-\x08\x0b-\x1f\x7f]/.test(comment.join(' '))) return 'has control characters in its comment'
  return { type, blob, comment: comment.join(' ') }
}

/** The strings that a key is made of; undefined where it ends within one. */
function fieldsOf(blob: Buffer): readonly Buffer[] | undefined {
  const fields: Buffer[] = []
  for (let at = 0; at < blob.length; ) {
    const end = at + 4 <= blob.length ? at + 4 + blob.readUInt32BE(at) : Number.POSITIVE_INFINITY
    if (end > blob.length) return undefined
    fields.push(blob.subarray(at + 4, end))
    at = end
  }
  return fields
}
