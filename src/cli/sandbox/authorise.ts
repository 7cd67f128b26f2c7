import type { AuthContext, ParsedKey } from 'ssh2'

/**
 * Lets in who proves to hold the one key. A client first asks whether the key would do (no signature), then signs:
 * ssh2 leaves the check of that signature to us.
 */
export function authorise(context: AuthContext, user: string, key: ParsedKey): void {
  const isAllowed =
    context.method === 'publickey' &&
    context.username === user &&
    key.getPublicSSH().equals(context.key.data) &&
    (context.signature === undefined || isSigned(context.blob, context.signature, context.hashAlgo, key))
  if (isAllowed) context.accept()
  else context.reject(['publickey'])
}

function isSigned(
  blob: Buffer | undefined,
  signature: Buffer,
  algorithm: string | undefined,
  key: ParsedKey,
): boolean {
  return blob !== undefined && key.verify(blob, signature, algorithm) === true
}
