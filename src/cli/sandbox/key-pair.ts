import ssh2 from 'ssh2'

export interface KeyPair {
  /** In OpenSSH's own format, without a passphrase. */
  readonly privateKey: string
  /** `ssh-ed25519 AAAA… comment` */
  readonly publicLine: string
}

/** The bytes of an ed25519 public key: two length-prefixed strings, the name and 32 bytes of key (RFC 8709, 4). */
const PUBLIC_KEY_BYTES = 4 + 'ssh-ed25519'.length + 4 + 32

/**
 * Makes an ed25519 key pair for throw-away use.
 *
 * ssh2 1.17 drops leading zero bytes of the public key, so that one pair in 256 is useless: another one is made then.
 */
export function makeKeyPair(comment: string): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment })
    const [, encoded = ''] = pair.public.split(' ')
    if (Buffer.from(encoded, 'base64').length === PUBLIC_KEY_BYTES) {
      return { privateKey: pair.private, publicLine: pair.public.trim() }
    }
  }
}
