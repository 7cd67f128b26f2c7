import type { ParsedKey } from 'ssh2'
import { printable } from '../shell/printable.ts'
import { type AgentKey, OneKeyAgent } from './agent.ts'
import { fingerprint } from './host-key-check.ts'
import type { KeyFile } from './key-file.ts'

/** One key to log in with, and its name for people. */
export type KeyOffer = { readonly label: string; readonly publicKey: Buffer } & (
  | { readonly kind: 'agent'; readonly agent: OneKeyAgent }
  | { readonly kind: 'file'; readonly key: ParsedKey }
)

/** What may open a host. */
export type Offer =
  | KeyOffer
  | { readonly kind: 'password'; readonly label: string; readonly password: string }

export type LockedKey = Extract<KeyFile, { kind: 'locked' }>

/** What there is to log in with. */
export interface Identities {
  /** In the order in which they are tried. */
  readonly offers: readonly KeyOffer[]
  /** Encrypted files that no agent holds. `named`: somebody asked for this very file. */
  readonly locked: readonly (LockedKey & { readonly named: boolean })[]
  /** Why other keys were left out, a line for each. */
  readonly leftOut: readonly string[]
}

/** What was found in files and in the agent. */
export interface FoundKeys {
  /** The key that the destination itself names. */
  readonly first: KeyFile | undefined
  readonly files: readonly KeyFile[]
  /** Whether somebody named these files, or OpenSSH tries them unasked. */
  readonly filesAreNamed: boolean
  readonly agent: AgentContents | undefined
  readonly identitiesOnly: boolean
}

export interface AgentContents {
  readonly socketPath: string
  /** Or why it gave none. */
  readonly keys: readonly AgentKey[] | Error
}

/**
 * Orders what was found as OpenSSH does (sshconnect2.c, pubkey_prepare): keys of the agent that a file names, its
 * other keys unless IdentitiesOnly, then files. Only the key that the destination itself names goes before all others:
 * sshd hangs up after 6 wrong keys (sshd_config(5), MaxAuthTries), and an agent may hold more.
 */
export function identitiesOf({ first, files, filesAreNamed, agent, identitiesOnly }: FoundKeys): Identities {
  const held = agent === undefined || agent.keys instanceof Error ? [] : agent.keys
  const isNamed = (key: AgentKey) => files.some(file => holds(file, key.publicKey))
  const allowed = identitiesOnly ? held.filter(isNamed) : held
  const inAgent = [...allowed.filter(isNamed), ...allowed.filter(key => !isNamed(key))]
  const alone = files.filter(
    file => !allowed.some(key => key.key !== undefined && holds(file, key.publicKey)),
  )
  const offers = [...inAgent.flatMap(key => agentOffer(key, agent?.socketPath)), ...alone.flatMap(fileOffer)]
  const goesFirst = (offer: KeyOffer) => first !== undefined && holds(first, offer.publicKey)
  const named = (file: KeyFile) => filesAreNamed || file === first
  return {
    offers: [...offers.filter(goesFirst), ...offers.filter(offer => !goesFirst(offer))],
    locked: alone.flatMap(file => (file.kind === 'locked' ? [{ ...file, named: named(file) }] : [])),
    leftOut: [
      ...(agent?.keys instanceof Error ? [`the agent at ${agent.socketPath}: ${agent.keys.message}`] : []),
      ...inAgent.flatMap(whyNotOffered),
      ...alone.flatMap(file => whyLeftOut(file, named(file))),
    ],
  }
}

function holds(file: KeyFile, publicKey: Buffer): boolean {
  return 'publicKey' in file && file.publicKey?.equals(publicKey) === true
}

function agentOffer(
  { key, publicKey, ...names }: AgentKey,
  socketPath: string | undefined,
): readonly KeyOffer[] {
  if (key === undefined || socketPath === undefined) return []
  const label = agentLabel({ key, publicKey, ...names })
  return [{ kind: 'agent', label, publicKey, agent: new OneKeyAgent(socketPath, key) }]
}

function agentLabel({ publicKey, comment, type }: AgentKey): string {
  return `${printable(comment) || type} of the agent (${fingerprint(publicKey)})`
}

function fileOffer(file: KeyFile): readonly KeyOffer[] {
  if (file.kind !== 'ready') return []
  return [{ kind: 'file', label: file.path, publicKey: file.publicKey, key: file.key }]
}

function whyNotOffered(key: AgentKey): readonly string[] {
  if (key.key !== undefined) return []
  return [`${agentLabel(key)}: keys of type ${printable(key.type)} need client: 'openssh'`]
}

function whyLeftOut(file: KeyFile, named: boolean): readonly string[] {
  switch (file.kind) {
    case 'unusable':
      return [`${file.path}: ${file.why}`]
    case 'missing':
      return named ? [`${file.path}: it does not exist`] : []
    case 'public':
      return [`${file.path}: it is a public key, and no agent holds its private part`]
    case 'ready':
    case 'locked':
      return []
  }
}
