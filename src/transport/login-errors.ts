import type { StageError } from '../model/stage-error.ts'
import { printable } from '../shell/printable.ts'
import { type LoginStage, notDone } from './login-stage.ts'
import { type Leg, legError } from './ssh-legs.ts'

/** A login that no key opened. */
export interface DeniedLogin {
  readonly tried: readonly string[]
  readonly leftOut: readonly string[]
  /** What the server would have gone on with. */
  readonly methods: readonly string[]
  /** The server's own words, where it had any. */
  readonly said: string
}

/** @returns StageError `authentication`, naming what was tried, what was not and why, and what the server wants */
export function authenticationError(leg: Leg, denied: DeniedLogin): StageError {
  const { tried, leftOut, methods, said } = denied
  const clauses = [
    `does not let ${leg.route.user} in`,
    tried.length === 0 ? 'no key was tried' : `tried: ${tried.join(', ')}`,
    ...(leftOut.length === 0 ? [] : [`left out: ${leftOut.join('; ')}`]),
    ...(methods.length === 0 || methods.includes('publickey')
      ? []
      : [`the server asks for ${methods.join(' or ')}`]),
    ...(said === '' ? [] : [`the server says: ${said}`]),
  ]
  return legError(leg, 'authentication', clauses.join('; '), { hint: hintFor(leg, denied) })
}

function hintFor({ destination }: Leg, { tried, methods, said }: DeniedLogin): string {
  if (destination.login?.kind === 'password')
    return 'the password may be wrong, or its sshd takes none (PasswordAuthentication, AuthenticationMethods)'
  if (methods.length > 0 && !methods.includes('publickey')) {
    return "passwords and codes are not asked for: let the server accept a key, or set client: 'openssh'"
  }
  if (said !== '' && tried.length > 1) {
    return 'the server may have had enough of wrong keys: name the right one (identityFile, or IdentitiesOnly in ssh_config)'
  }
  return "add the public key to the user's ~/.ssh/authorized_keys on the host, or name the right key: identityFile"
}

/** What the codes of errno(3) and getaddrinfo(3) mean for somebody who deploys. */
const unreachable: ReadonlyMap<unknown, { readonly why: string; readonly hint: string }> = new Map([
  [
    'ENOTFOUND',
    {
      why: 'no address is known for that name',
      hint: 'see how the address is written, and that DNS knows it',
    },
  ],
  ['EAI_AGAIN', { why: 'no name server answers', hint: 'see that this machine reaches its network' }],
  ['ECONNREFUSED', { why: 'connection refused', hint: 'see that its sshd runs, and that the port is right' }],
  [
    'EHOSTUNREACH',
    { why: 'no way to it', hint: 'see that the host is up, and that this machine reaches its network' },
  ],
  ['ENETUNREACH', { why: 'no way to its network', hint: 'see that this machine reaches it: VPN, routes' }],
])

/** @returns StageError `unreachable` for a server to which no connection came about */
export function unreachableError(leg: Leg, fault: Error & { readonly code?: unknown }): StageError {
  const known = unreachable.get(fault.code)
  const what = `cannot be reached: ${known?.why ?? printable(fault.message)}`
  const hint = known === undefined ? {} : { hint: known.hint }
  return legError(leg, 'unreachable', what, { ...hint, cause: fault })
}

/** @returns StageError `unreachable` for a server that closes before it says who it is, again and again */
export function shedError(leg: Leg, said: string): StageError {
  // A sshd that sheds load says so in words of its own; web and mail servers begin with these.
  if (/^(?:HTTP\/|\d{3}[ -])/.test(said)) {
    return legError(leg, 'unreachable', `does not speak SSH. It says: ${said}`, {
      hint: 'see that the address and the port are those of its sshd',
    })
  }
  const words = said === '' ? '' : `: ${said}`
  return legError(leg, 'unreachable', `closes every connection before it says who it is${words}`, {
    hint: 'its sshd may have too many logins at once (MaxStartups), or refuse this address (PerSourcePenalties)',
  })
}

/** @returns StageError `unreachable` for a server that did not get on with it */
export function tooLate(leg: Leg, stage: LoginStage, timeoutMs: number): StageError {
  return legError(leg, 'unreachable', `${notDone(stage)} within ${timeoutMs / 1000} s`, {
    hint: 'see that the host is up and its sshd answers; connectTimeout is how long it may take',
  })
}
