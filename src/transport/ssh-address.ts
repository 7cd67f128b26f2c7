import { StageError } from '../model/stage-error.ts'
import type { Destination } from './channel.ts'

/** Where an SSH server is and who logs in there; what is undefined is left to ssh_config(5). */
export interface SshAddress {
  readonly user: string | undefined
  readonly address: string
  readonly port: number | undefined
}

/** What no host name on a command line may hold: OpenSSH's own list (ssh.c, valid_hostname). */
const HOSTILE_IN_ADDRESS = /^-|['"`$\\;&<>|(){}\s\p{Cc}]/u
/** The same for user names (ssh.c, valid_ruser); a backslash separates a Windows domain from its user. */
const HOSTILE_IN_USER = /^-|['"`$;&<>|(){}@\s\p{Cc}]|\\$/u

/**
 * Refuses names that a command line could take for an option or for more than one word, before they reach one.
 *
 * @throws StageError `config`
 */
export function requireSafeAddress(host: string, { address, user }: SshAddress): void {
  if (address === '' || address.includes('@') || HOSTILE_IN_ADDRESS.test(address)) {
    throw new StageError('config', `${JSON.stringify(address)} is not a host name`, {
      host,
      hint: 'an address is a name or an IP address; user and port are keys of their own',
    })
  }
  if (user !== undefined && (user === '' || HOSTILE_IN_USER.test(user))) {
    throw new StageError('config', `${JSON.stringify(user)} is not a user name`, { host })
  }
}

/**
 * Reads the jump hosts of a destination, `[user@]host[:port]` separated by commas, as ProxyJump of ssh_config(5) has
 * them: the first is reached first.
 *
 * @throws StageError `config`
 */
export function parseJump(host: string, jump: string | undefined): readonly SshAddress[] {
  if (jump === undefined || jump === 'none') return []
  return jump.split(',').map(text => parseHop(host, text.trim()))
}

const HOP =
  /^(?:ssh:\/\/)?(?:(?<user>[^@]*)@)?(?:\[(?<bracketed>[^\]]+)\]|(?<plain>[^:]+))(?::(?<port>\d{1,5}))?\/?$/

function parseHop(host: string, text: string): SshAddress {
  const parts = HOP.exec(text)?.groups
  const address = parts?.['bracketed'] ?? parts?.['plain']
  if (address === undefined) {
    throw new StageError('config', `${JSON.stringify(text)} is not a jump host`, {
      host,
      hint: 'jump hosts are written [user@]host[:port], several separated by commas',
    })
  }
  const port = parts?.['port']
  const hop = { user: parts?.['user'], address, port: port === undefined ? undefined : Number(port) }
  requireSafeAddress(host, hop)
  return hop
}

/** Writes jump hosts the way `parseJump` and ssh's `-J` read them. */
export function formatJump(hops: readonly SshAddress[]): string {
  return hops.map(formatHop).join(',')
}

function formatHop({ user, address, port }: SshAddress): string {
  const name = address.includes(':') ? `[${address}]` : address
  return `${user === undefined ? '' : `${user}@`}${name}${port === undefined ? '' : `:${port}`}`
}

/** The jump host next to the destination, itself as a destination: reached through the ones before it. */
export function lastHop(destination: Destination, hops: readonly SshAddress[]): Destination | undefined {
  const hop = hops.at(-1)
  if (hop === undefined) return undefined
  const before = hops.slice(0, -1)
  return {
    ...destination,
    ...hop,
    jumpHost: hop.address,
    jump: before.length === 0 ? undefined : formatJump(before),
    forwardAgent: false,
    login: undefined,
  }
}
