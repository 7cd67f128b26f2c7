import { quoteArgv } from '../shell/quote.ts'
import type { Destination } from './channel.ts'
import type { SshRoute } from './ssh-route.ts'

/** Words on ssh's standard error by which it tells us where it stands; random, so that no server can say them. */
export interface OpensshMarks {
  /** Logged in: what follows belongs to the command. */
  readonly loggedIn: string
  /** Followed by the type and the base64 of the key that a server presented. */
  readonly hostKey: string
}

/** The destination, its route, and the marks that ssh is to leave. */
export interface OpensshCall {
  readonly destination: Destination
  readonly route: SshRoute
  readonly marks: OpensshMarks
}

/** Keywords that older versions of ssh do not know (8.5 and 8.7). */
const NEWER_KEYWORDS = ['KnownHostsCommand', 'SessionType', 'StdinNull', 'ForkAfterAuthentication']

/**
 * The arguments with which the system's ssh runs one command as we want it: no terminal, no question, checked host
 * keys, one connection of its own (a shared one was opened by somebody else's rules), no forwarding but the agent's
 * on request. What the destination does not say stays ssh_config's business.
 *
 * @param way jump hosts that the destination itself names, nearest first; those of ssh_config are ssh's own business
 */
export function opensshArguments(
  call: OpensshCall,
  way: readonly OpensshCall[],
  command: string,
): readonly string[] {
  const { destination, marks } = call
  return [
    ...commonArguments(call),
    ...option('ForwardAgent', yesOrNo(destination.forwardAgent)),
    ...option('PermitLocalCommand', 'yes'),
    // The user's shell runs it, which may be any.
    ...option('LocalCommand', `/bin/sh -c 'echo ${marks.loggedIn} >&2'`),
    ...option('RemoteCommand', 'none'),
    ...option('SessionType', 'default'),
    ...option('StdinNull', 'no'),
    ...option('ForkAfterAuthentication', 'no'),
    ...throughJumps(way),
    ...['--', destination.address, command],
  ]
}

/** ssh's own -J would not pass these settings on to the jump hosts. */
function throughJumps(way: readonly OpensshCall[]): readonly string[] {
  const last = way.at(-1)
  if (last === undefined) return []
  const argv = ['ssh', ...commonArguments(last), ...throughJumps(way.slice(0, -1))].map(literally)
  const proxy = quoteArgv([...argv, '-W', '[%h]:%p', '--', last.destination.address])
  return option('ProxyCommand', proxy)
}

function commonArguments({ destination, route, marks }: OpensshCall): readonly string[] {
  const { configFile, user, port, identityFile, knownHostsFile, keepAliveMs, hostKeys } = destination
  const ignored = [...(route.all.get('ignoreunknown') ?? []), ...NEWER_KEYWORDS].join(',')
  const ownHostKeysCommand = (route.all.get('knownhostscommand')?.[0] ?? 'none') !== 'none'
  return [
    '-T',
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...option('IgnoreUnknown', ignored),
    ...option('BatchMode', 'yes'),
    ...option('StrictHostKeyChecking', hostKeys === 'strict' ? 'yes' : 'accept-new'),
    ...option('NoHostAuthenticationForLocalhost', 'no'),
    ...option('UpdateHostKeys', 'no'),
    ...(knownHostsFile === undefined
      ? []
      : [
          ...option('UserKnownHostsFile', inQuotes(literally(knownHostsFile))),
          ...option('GlobalKnownHostsFile', '/dev/null'),
        ]),
    ...(ownHostKeysCommand
      ? []
      : option('KnownHostsCommand', `/bin/sh -c "echo ${marks.hostKey} %t %K >&2"`)),
    ...option('ConnectTimeout', String(Math.ceil(route.connectTimeoutMs / 1000))),
    // Lost after the interval and three unanswered questions, see ssh_config(5).
    ...option('ServerAliveInterval', String(Math.max(1, Math.floor(keepAliveMs / 4_000)))),
    ...option('ServerAliveCountMax', '3'),
    ...option('ControlMaster', 'no'),
    ...option('ControlPath', 'none'),
    ...option('ClearAllForwardings', 'yes'),
    ...option('ForwardX11', 'no'),
    ...option('LogLevel', 'INFO'),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(identityFile === undefined ? [] : ['-i', literally(identityFile)]),
  ]
}

function option(keyword: string, value: string): readonly string[] {
  return ['-o', `${keyword}=${value}`]
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no'
}

/** `%` begins a token in most of ssh's values. */
function literally(text: string): string {
  return text.replaceAll('%', '%%')
}

/** A list of files is split at blanks, but not between quotes (OpenSSH, misc.c, argv_split). */
function inQuotes(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&')}"`
}
