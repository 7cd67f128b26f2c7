import { quoteArgv } from '../shell/quote.ts'
import { CHECK_KEYWORDS, checkedHostKeys } from './openssh-check-arguments.ts'
import { literally, option } from './openssh-values.ts'
import type { Leg } from './ssh-legs.ts'

/** Words on ssh's standard error by which it tells us where it stands; random, so that no server can say them. */
export interface OpensshMarks {
  /** Logged in: what follows belongs to the command. */
  readonly loggedIn: string
  /** Followed by the type and the base64 of the key that a server presented. */
  readonly hostKey: string
}

/** One server on the way, the marks that ssh is to leave, and the files of the keys that it trusts. */
export interface OpensshCall extends Leg {
  readonly marks: OpensshMarks
  readonly knownHosts: readonly string[]
}

/** Keywords that older versions of ssh do not know (8.7). */
const NEWER_KEYWORDS = ['SessionType', 'StdinNull', 'ForkAfterAuthentication']

/**
 * The arguments with which the system's ssh runs one command as we want it: no terminal, no question, checked host
 * keys, one connection of its own (a shared one was opened by somebody else's rules), no forwarding but the agent's
 * on request. What the destination does not say stays ssh_config's business.
 *
 * @param way all jump hosts, nearest first, whoever names them: ssh would reach those of ssh_config by its rules
 * @param command undefined: only to log in, and to start nothing
 */
export function opensshArguments(
  call: OpensshCall,
  way: readonly OpensshCall[],
  command: string | undefined,
): readonly string[] {
  const { destination, marks } = call
  return [
    ...commonArguments(call),
    ...(command === undefined ? ['-N'] : option('SessionType', 'default')),
    ...option('ForwardAgent', yesOrNo(destination.forwardAgent)),
    ...option('PermitLocalCommand', 'yes'),
    // The user's shell runs it, which may be any.
    ...option('LocalCommand', `/bin/sh -c 'echo ${marks.loggedIn} >&2'`),
    ...option('RemoteCommand', 'none'),
    ...option('StdinNull', 'no'),
    ...option('ForkAfterAuthentication', 'no'),
    ...throughJumps(call, way),
    ...['--', destination.address, ...(command === undefined ? [] : [command])],
  ]
}

/**
 * ssh's own -J would not pass these settings on to the jump hosts. A server that is reached directly has no ProxyJump,
 * also where ssh_config sets one for all; its ProxyCommand, which goes before, is left to it.
 */
function throughJumps({ route }: OpensshCall, way: readonly OpensshCall[]): readonly string[] {
  const last = way.at(-1)
  if (last === undefined) return route.jumps.length === 0 ? [] : option('ProxyJump', 'none')
  const before = throughJumps(last, way.slice(0, -1))
  const argv = ['ssh', ...commonArguments(last), ...option('ForwardAgent', 'no'), ...before].map(literally)
  const proxy = quoteArgv([...argv, '-W', '[%h]:%p', '--', last.destination.address])
  return option('ProxyCommand', proxy)
}

function commonArguments({ destination, route, marks, knownHosts }: OpensshCall): readonly string[] {
  const { configFile, user, port, identityFile, keepAliveMs } = destination
  const ignored = [...(route.all.get('ignoreunknown') ?? []), ...CHECK_KEYWORDS, ...NEWER_KEYWORDS].join(',')
  return [
    '-T',
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...option('IgnoreUnknown', ignored),
    ...option('BatchMode', 'yes'),
    ...checkedHostKeys(knownHosts, marks.hostKey),
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

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no'
}
