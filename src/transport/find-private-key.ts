import { listAgentKeys } from './agent.ts'
import { readKeyFile } from './key-file.ts'

/** Where the private part of a public key is, for whoever wants to log in with it. */
export type PrivateKey = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'agent' }

/**
 * Looks for the private part of a public key: in the agent, and in the file beside it.
 *
 * @param publicFile the path of the `.pub` file
 * @param agentSocket SSH_AUTH_SOCK
 * @returns undefined where it is not on this machine, or not for us to use
 */
export async function findPrivateKey(
  publicKey: Buffer,
  publicFile: string,
  agentSocket: string | undefined,
): Promise<PrivateKey | undefined> {
  const held = agentSocket === undefined ? [] : await listAgentKeys(agentSocket).catch(() => [])
  if (held.some(({ key, publicKey: one }) => key !== undefined && one.equals(publicKey)))
    return { kind: 'agent' }
  const path = publicFile.replace(/\.pub$/, '')
  if (path === publicFile) return undefined
  const file = await readKeyFile(path)
  const usable = file.kind === 'ready' || file.kind === 'locked'
  return usable && file.publicKey?.equals(publicKey) === true ? { kind: 'file', path } : undefined
}
