import { hostname, userInfo } from 'node:os'
import { StageError } from '../model/stage-error.ts'
import type { Destination } from './channel.ts'
import { expandPath, homeDirectory, type PathTokens } from './expand-path.ts'
import { DEFAULT_SSH_PORT } from './known-hosts.ts'
import { parseJump, requireSafeAddress, type SshAddress } from './ssh-address.ts'
import { askSshConfig, type SshConfig } from './ssh-config-query.ts'

/** Everything about one destination that ssh_config(5) may have a say in, decided. */
export interface SshRoute {
  readonly hostName: string
  readonly user: string
  readonly port: number
  readonly addressFamily: 0 | 4 | 6
  readonly bindAddress: string | undefined
  readonly jumps: readonly SshAddress[]
  readonly connectTimeoutMs: number
  readonly identityFiles: readonly string[]
  /** Whether somebody named these files; those that OpenSSH tries unasked need not exist. */
  readonly identityFilesAreNamed: boolean
  readonly identitiesOnly: boolean
  /** The agent's socket. */
  readonly agent: string | undefined
  readonly knownHostsFiles: readonly string[]
  /** Of these the user's own: a new host key is recorded in the first that keeps what is written. */
  readonly recordFiles: readonly string[]
  readonly hashKnownHosts: boolean
  readonly hostKeyAlias: string | undefined
  /** Settings in force that only the system's ssh can follow, as `Keyword value`. */
  readonly needsOpenssh: readonly string[]
  /** Empty where there is no ssh program. */
  readonly all: SshConfig
}

export interface RouteDeps {
  readonly env: NodeJS.ProcessEnv
}

/** What OpenSSH tries unasked and ssh2 can read (ssh_config(5), IdentityFile). */
const DEFAULT_IDENTITY_FILES = ['~/.ssh/id_rsa', '~/.ssh/id_ecdsa', '~/.ssh/id_ed25519']
/** ssh_config(5), UserKnownHostsFile and GlobalKnownHostsFile. */
const DEFAULT_USER_KNOWN_HOSTS = ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']
const DEFAULT_GLOBAL_KNOWN_HOSTS = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']

/**
 * Decides how a destination is reached: what it says itself, then ssh_config(5) as the system's own `ssh -G` reads
 * it, then OpenSSH's defaults. Without an ssh program there is no configuration, only the defaults.
 *
 * What could turn the check of host keys off is not among what is honoured (docs/decisions/0015-host-keys.md). Of two connect timeouts the longer one counts.
 *
 * @throws StageError `config`
 */
export async function findSshRoute(
  destination: Destination,
  deps: RouteDeps,
  signal?: AbortSignal,
): Promise<SshRoute> {
  requireSafeAddress(destination.host, destination)
  parseJump(destination.host, destination.jump)
  return sshRoute(destination, await askSshConfig(destination, deps, signal), deps.env)
}

/** @param config what `ssh -G` printed, see `parseSshConfig` */
export function sshRoute(destination: Destination, config: SshConfig, env: NodeJS.ProcessEnv): SshRoute {
  const hostName = one(config, 'hostname') || destination.address
  const user = destination.user ?? one(config, 'user') ?? userName(destination.host)
  const port = destination.port ?? portOf(destination.host, one(config, 'port'))
  const alias = named(config, 'hostkeyalias')
  const expand = (path: string) =>
    expandPath(path, tokensOf(destination, { hostName, user, port, alias }), env)
  const identityFiles = config.get('identityfile') ?? DEFAULT_IDENTITY_FILES
  const knownHosts = knownHostsFiles(destination, config)
  return {
    hostName,
    user,
    port,
    addressFamily: addressFamily(one(config, 'addressfamily')),
    bindAddress: named(config, 'bindaddress'),
    jumps: parseJump(destination.host, destination.jump ?? one(config, 'proxyjump')),
    connectTimeoutMs: Math.max(destination.connectTimeoutMs, timeoutMs(named(config, 'connecttimeout'))),
    identityFiles: identityFiles.filter(file => file !== 'none').map(expand),
    identityFilesAreNamed:
      !identityFiles.includes('~/.ssh/id_rsa') || !identityFiles.includes('~/.ssh/id_ed25519'),
    identitiesOnly: one(config, 'identitiesonly') === 'yes',
    agent: agentSocket(one(config, 'identityagent'), expand, env),
    knownHostsFiles: [...knownHosts.user, ...knownHosts.global].map(expand),
    recordFiles: knownHosts.user.map(expand),
    hashKnownHosts: one(config, 'hashknownhosts') === 'yes',
    hostKeyAlias: alias,
    needsOpenssh: needsOpenssh(destination, config),
    all: config,
  }
}

function one(config: SshConfig, keyword: string): string | undefined {
  return config.get(keyword)?.[0]
}

function named(config: SshConfig, keyword: string): string | undefined {
  const value = one(config, keyword)
  return value === 'none' ? undefined : value
}

function portOf(host: string, setting: string | undefined): number {
  const port = Number(setting ?? DEFAULT_SSH_PORT)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new StageError('config', `ssh -G says that the port is ${JSON.stringify(setting)}`, { host })
}

/** `ssh -G` prints whole seconds. What is no number is nothing; a timer of Node fires at once beyond 2^31 ms. */
function timeoutMs(setting: string | undefined): number {
  const ms = 1_000 * Number(setting ?? 0)
  return Number.isNaN(ms) ? 0 : Math.min(ms, 2 ** 31 - 1)
}

function addressFamily(value: string | undefined): 0 | 4 | 6 {
  if (value === 'inet') return 4
  return value === 'inet6' ? 6 : 0
}

function userName(host: string): string {
  try {
    return userInfo().username
  } catch (error) {
    throw new StageError('config', 'no user is set, and this process has no name of its own', {
      host,
      cause: error,
    })
  }
}

function tokensOf(
  destination: Destination,
  {
    hostName,
    user,
    port,
    alias,
  }: { hostName: string; user: string; port: number; alias: string | undefined },
): PathTokens {
  const local = hostname()
  return new Map([
    ['%', '%'],
    ['d', homeDirectory()],
    ['h', hostName],
    ['i', String(process.getuid?.() ?? '')],
    ['k', alias ?? destination.address],
    ['L', local.split('.')[0] ?? local],
    ['l', local],
    ['n', destination.address],
    ['p', String(port)],
    ['r', user],
    ['u', userName(destination.host)],
  ])
}

/** ssh_config(5), IdentityAgent: overrides SSH_AUTH_SOCK; `none`, that name itself, `$VARIABLE`, or a path. */
function agentSocket(
  setting: string | undefined,
  expand: (path: string) => string,
  env: NodeJS.ProcessEnv,
): string | undefined {
  if (setting === undefined || setting === 'SSH_AUTH_SOCK') return env['SSH_AUTH_SOCK'] || undefined
  if (setting === 'none') return undefined
  if (setting.startsWith('$') && !setting.startsWith('${')) return env[setting.slice(1)] || undefined
  return expand(setting)
}

/** A file that the destination names stands for all others: what it does not hold is unknown. */
function knownHostsFiles(destination: Destination, config: SshConfig) {
  const { knownHostsFile } = destination
  if (knownHostsFile !== undefined) return { user: [knownHostsFile], global: [] }
  return {
    user: files(config.get('userknownhostsfile')) ?? DEFAULT_USER_KNOWN_HOSTS,
    global: files(config.get('globalknownhostsfile')) ?? DEFAULT_GLOBAL_KNOWN_HOSTS,
  }
}

/** `ssh -G` joins the paths with blanks and does not quote: what follows a blank and is no path belongs to the name. */
function files(values: readonly string[] | undefined): readonly string[] | undefined {
  return values?.flatMap(value => value.split(/ (?=[/~])/)).filter(file => file !== 'none')
}

function needsOpenssh(destination: Destination, config: SshConfig): readonly string[] {
  const found: string[] = []
  const proxyCommand = named(config, 'proxycommand')
  if (destination.jump === undefined && proxyCommand !== undefined) found.push(`ProxyCommand ${proxyCommand}`)
  // A list of keys that must not be trusted: to leave it unread would be to trust them.
  const revoked = named(config, 'revokedhostkeys')
  if (revoked !== undefined) found.push(`RevokedHostKeys ${revoked}`)
  const publicKeys = one(config, 'pubkeyauthentication')
  if (publicKeys === 'no' || publicKeys === 'false') found.push('PubkeyAuthentication no')
  const methods = one(config, 'preferredauthentications')
  if (methods !== undefined && !methods.split(',').includes('publickey')) {
    found.push(`PreferredAuthentications ${methods}`)
  }
  return found
}
