import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { NodeSSH } from 'node-ssh'
import type { Client, ServerHostKeyAlgorithm } from 'ssh2'
import { StageError } from '../model/stage-error.ts'
import { printable } from '../shell/printable.ts'
import { interruption } from './deadline.ts'
import type { Offer } from './identities.ts'
import { unreachableError } from './login-errors.ts'
import { loginOffers } from './login-offers.ts'
import type { LoginStage } from './login-stage.ts'
import { PROBES, type SshConnection, watchConnection } from './ssh-connection.ts'
import { type Leg, legError } from './ssh-legs.ts'

/** One login at one server, over a stream that is open or about to be. */
export interface LoginRequest {
  readonly leg: Leg
  readonly user: string
  readonly stream: Duplex
  readonly offers: readonly Offer[]
  readonly hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[]
  /** Judges the server's key. @returns why it is refused */
  readonly refuse: (blob: Buffer) => StageError | undefined
  /** The agent's socket, if it is to be forwarded. */
  readonly agent: string | undefined
  readonly keepAliveMs: number
  readonly signal: AbortSignal
  /** Is told how far the login has come. */
  readonly onStage: (stage: LoginStage) => void
}

export type LoginResult =
  | { readonly kind: 'open'; readonly connection: SshConnection }
  /** The server closed before it said who it is: it sheds load, or it does not want us. `said`: its words, if any. */
  | { readonly kind: 'shed'; readonly said: string }
  /** No offer was accepted. `methods` are those that the server would have gone on with. */
  | {
      readonly kind: 'denied'
      readonly tried: readonly string[]
      readonly methods: readonly string[]
      readonly said: string
    }

/** A fault as ssh2 reports it; `level` is the only stable mark, for `message` is for people. */
type SshFault = Error & { readonly level?: string; readonly code?: unknown }

/** So much of what a server says before its identification is kept. */
const LONGEST_PREAMBLE = 512

/**
 * Logs in. node-ssh makes the client and starts it; its promise is not what decides, for it rejects on the first
 * `error` event, also on one that ssh2 recovers from (an agent that refuses to sign), and takes its listener away
 * once connected, so that the next fault would end this process.
 *
 * @throws StageError what `refuse` said, `unreachable`, `connection-lost`, or the reason of the signal
 */
export async function logIn(request: LoginRequest): Promise<LoginResult> {
  const { stream, signal } = request
  let onAbort = () => {}
  try {
    return await new Promise<LoginResult>((resolve, reject) => {
      onAbort = () => reject(interruption(signal))
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) return onAbort()
      follow(request, resolve, reject)
    })
  } catch (error) {
    stream.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function follow(
  request: LoginRequest,
  resolve: (result: LoginResult) => void,
  reject: (error: Error) => void,
): void {
  const { stream, leg } = request
  const offers = loginOffers(request.user, request.offers)
  let refusal: StageError | undefined
  const client = startClient(request, offers.next, blob => {
    refusal = request.refuse(blob)
    return refusal === undefined
  })
  const progress = watchProgress(client, stream, request.onStage)
  const finish = (result: LoginResult | StageError) => {
    if (result instanceof StageError) return reject(result)
    if (result.kind !== 'open') stream.destroy()
    resolve(result)
  }
  const shed = (): LoginResult => ({ kind: 'shed', said: printable(progress.preamble().trim()) })
  client.on('error', (fault: SshFault) => {
    if (refusal !== undefined) return finish(refusal)
    switch (meaningOf(fault, progress.stage(), stream.readableEnded, offers.exhausted())) {
      case 'harmless':
        return
      case 'denied':
        return finish({
          kind: 'denied',
          tried: offers.tried,
          methods: offers.methods(),
          said: ownWords(fault),
        })
      case 'shed':
        return finish(shed())
      case 'fatal':
        return finish(failure(leg, progress.stage(), fault))
    }
  })
  client.on('close', () => {
    const fault = new Error('the server closed the connection')
    finish(progress.stage() === 'greeting' ? shed() : failure(leg, progress.stage(), fault))
  })
  client.on('ready', () => {
    finish({ kind: 'open', connection: watchConnection(client, stream, request.keepAliveMs) })
  })
}

/** Follows how far a login comes. The client has been started: it decides when the stream begins to flow. */
function watchProgress(client: Client, stream: Duplex, onStage: (stage: LoginStage) => void) {
  // A way through a jump host is open already: ssh2 has then said so before anybody could listen.
  let stage: LoginStage = stream instanceof Socket && stream.connecting ? 'connecting' : 'greeting'
  onStage(stage)
  let preamble = ''
  const enter = (next: LoginStage) => {
    stage = next
    onStage(next)
  }
  client.on('connect', () => enter('greeting'))
  client.on('handshake', () => enter('login'))
  stream.on('data', (chunk: Buffer) => {
    if (stage !== 'greeting') return
    preamble = (preamble + chunk.toString('latin1')).slice(0, LONGEST_PREAMBLE)
    // RFC 4253, 4.2: a server may send other lines before its identification.
    if (/^SSH-/m.test(preamble)) enter('key exchange')
  })
  return { stage: (): LoginStage => stage, preamble: () => preamble }
}

/** What ssh2's `error` event means: several are not the end, and some that are have nothing but their moment. */
function meaningOf(
  fault: SshFault,
  stage: LoginStage,
  ended: boolean,
  exhausted: boolean,
): 'harmless' | 'denied' | 'shed' | 'fatal' {
  // An agent or a key that does not sign: ssh2 goes on with the next.
  if (fault.level === 'agent') return 'harmless'
  if (fault.level === 'client-authentication') return exhausted ? 'denied' : 'harmless'
  // A disconnect message with its reason (RFC 4253, 11.1): too many wrong keys.
  if (stage === 'login' && typeof fault.code === 'number') return 'denied'
  if (stage === 'greeting' && (fault.level === 'client-socket' || ended)) return 'shed'
  return 'fatal'
}

/** What the server said when it ended a login; nothing when it only ran out of keys. */
function ownWords(fault: SshFault): string {
  return fault.level === 'client-authentication' ? '' : printable(fault.message)
}

function startClient(
  request: LoginRequest,
  authHandler: ReturnType<typeof loginOffers>['next'],
  isTrusted: (blob: Buffer) => boolean,
): Client {
  let accepted: Buffer | undefined
  const ssh = new NodeSSH()
  const started = ssh.connect({
    host: request.leg.destination.host,
    username: request.user,
    sock: request.stream,
    // The time is bounded from outside, together with what goes before.
    readyTimeout: 0,
    keepaliveInterval: request.keepAliveMs / PROBES,
    keepaliveCountMax: Number.POSITIVE_INFINITY,
    algorithms: { serverHostKey: [...request.hostKeyAlgorithms] },
    hostVerifier: (blob: Buffer) => {
      // Asked again whenever the keys are renewed (RFC 4253, 9); the server must stay the same.
      if (accepted !== undefined) return accepted.equals(blob)
      if (!isTrusted(blob)) return false
      accepted = blob
      return true
    },
    authHandler,
    ...(request.agent === undefined ? {} : { agent: request.agent, agentForward: true }),
  })
  const client = ssh.connection
  if (client === null) throw legError(request.leg, 'bug', 'was not spoken to: node-ssh did not start')
  started.catch(() => undefined)
  return client
}

function failure(leg: Leg, stage: LoginStage, fault: SshFault): StageError {
  const why = printable(fault.message)
  switch (stage) {
    case 'connecting':
      return unreachableError(leg, fault)
    case 'greeting':
    case 'key exchange':
      return legError(leg, 'unreachable', `answered, but no secure connection came of it: ${why}`, {
        hint: "an SSH server that wants newer algorithms than ssh2 has is reached with client: 'openssh'",
        cause: fault,
      })
    case 'login':
      return legError(leg, 'connection-lost', `was lost while logging in: ${why}`, { cause: fault })
  }
}
