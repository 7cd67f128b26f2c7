/** The end of the type of every host certificate (OpenSSH, PROTOCOL.certkeys). */
const SUFFIX = '-cert-v01@openssh.com'

/** How many fields of a certificate are its key, after the type and the nonce. */
const KEY_FIELDS: ReadonlyMap<string, number> = new Map([
  ['ssh-ed25519', 1],
  ['ssh-rsa', 2],
  ['ecdsa-sha2-nistp256', 2],
  ['ecdsa-sha2-nistp384', 2],
  ['ecdsa-sha2-nistp521', 2],
])

/** @returns the plain key that a host certificate certifies; undefined for what cannot be taken apart */
export function certifiedKey(type: string, certificate: Buffer): Buffer | undefined {
  const plain = type.endsWith(SUFFIX) ? type.slice(0, -SUFFIX.length) : ''
  const count = KEY_FIELDS.get(plain)
  if (count === undefined) return undefined
  const [, , ...fields] = firstFields(certificate, 2 + count)
  if (fields.length < count) return undefined
  return Buffer.concat([Buffer.from(plain), ...fields].flatMap(field => [lengthOf(field), field]))
}

/** Strings as they travel on the wire (RFC 4251, 5), as many of these as there are. */
function firstFields(blob: Buffer, count: number): readonly Buffer[] {
  const fields: Buffer[] = []
  let at = 0
  while (fields.length < count && blob.length >= at + 4) {
    const end = at + 4 + blob.readUInt32BE(at)
    if (end > blob.length) break
    fields.push(blob.subarray(at + 4, end))
    at = end
  }
  return fields
}

function lengthOf(field: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(field.length)
  return length
}
