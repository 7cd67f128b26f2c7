import type { Duplex } from 'node:stream'
import { StageError } from '../model/stage-error.ts'
import { storeFor } from './chosen-keys.ts'
import { deadline, unlessAborted } from './deadline.ts'
import type { Attempt, HandshakeGate } from './handshake-gate.ts'
import { createHostKeyGuard, type HostKeyGuard } from './host-key-guard.ts'
import type { KeyOffer, LockedKey, Offer } from './identities.ts'
import type { IdentityStore } from './identity-store.ts'
import { type ConnectAlong, createJumpHosts, type JumpHost } from './jump-hosts.ts'
import { authenticationError, shedError, tooLate } from './login-errors.ts'
import type { LoginStage } from './login-stage.ts'
import type { HostKeyRecorder } from './record-host-key.ts'
import type { SshConnection } from './ssh-connection.ts'
import type { Leg } from './ssh-legs.ts'
import { type LoginResult, logIn } from './ssh-login.ts'
import { openTcp } from './tcp-stream.ts'

export interface SshConnectDeps {
  readonly identities: IdentityStore
  readonly gate: HandshakeGate
  readonly recorder: HostKeyRecorder
}

/**
 * Makes the function that connects and logs in along a way: through shared jump hosts, as many at once as each
 * server bears, every server's key judged before anything is said to it.
 */
export function createSshConnector(deps: SshConnectDeps): ConnectAlong {
  const connectAlong: ConnectAlong = async (way, signal) => {
    const leg = way.at(-1) ?? way[0]
    requireSupported(leg)
    const [first, ...more] = way.slice(0, -1)
    const jump = first === undefined ? undefined : await jumps.share([first, ...more], signal)
    try {
      const connection = await connectLeg(leg, jump, deps, signal)
      void connection.lost.then(() => jump?.release())
      return connection
    } catch (error) {
      jump?.release()
      throw error
    }
  }
  const jumps = createJumpHosts(connectAlong)
  return connectAlong
}

/** @throws StageError `config` for settings that must not be passed over in silence */
function requireSupported({ destination, route }: Leg): void {
  if (route.needsOpenssh.length === 0) return
  throw new StageError('config', `ssh_config sets ${route.needsOpenssh.join(', ')}`, {
    host: destination.host,
    hint: "only the system's ssh follows this: set client: 'openssh' for this host",
  })
}

/** Logs in with the keys at hand; passphrases of keys that nobody named are asked for only if these do not open. */
async function connectLeg(
  leg: Leg,
  jump: JumpHost | undefined,
  deps: SshConnectDeps,
  signal: AbortSignal,
): Promise<SshConnection> {
  const { host, identityFile, login } = leg.destination
  if (login?.kind === 'password') return connectWithPassword(leg, jump, login.password, deps, signal)
  const store = storeFor(login, deps.identities)
  const found = await unlessAborted(signal, store.identitiesFor(host, identityFile, leg.route))
  const now = found.locked.filter(key => key.named || found.offers.length === 0)
  const unlocked = await unlock(now, store, signal)
  const guard = await createHostKeyGuard(leg)
  const enter = (offers: readonly Offer[]) => passGate({ leg, jump, guard, offers, signal }, deps.gate)
  // A key that was named is meant to be used: before the others of the agent.
  const first = await enter(inOrder(found.offers, unlocked.offers, identityFile))
  const later = found.locked.filter(key => !now.includes(key))
  const last = first.kind === 'denied' ? await unlock(later, store, signal) : NOTHING_UNLOCKED
  const result = last.offers.length === 0 ? first : await enter(last.offers)
  if (result.kind === 'open') {
    await recordHostKey(guard, deps.recorder, result.connection)
    return result.connection
  }
  throw authenticationError(leg, {
    ...result,
    tried: first === result || first.kind === 'open' ? result.tried : [...first.tried, ...result.tried],
    leftOut: [...found.leftOut, ...unlocked.leftOut, ...last.leftOut],
  })
}

/** No key is offered: that one of them might open the host as well is nobody's question here. */
async function connectWithPassword(
  leg: Leg,
  jump: JumpHost | undefined,
  password: string,
  deps: SshConnectDeps,
  signal: AbortSignal,
): Promise<SshConnection> {
  const guard = await createHostKeyGuard(leg)
  const offers: readonly Offer[] = [{ kind: 'password', label: 'the password', password }]
  const result = await passGate({ leg, jump, guard, offers, signal }, deps.gate)
  if (result.kind === 'denied') throw authenticationError(leg, { ...result, leftOut: [] })
  await recordHostKey(guard, deps.recorder, result.connection)
  return result.connection
}

function inOrder(
  offers: readonly KeyOffer[],
  unlocked: readonly KeyOffer[],
  identityFile: string | undefined,
) {
  const isFirst = (offer: KeyOffer) => offer.label === identityFile
  return [...unlocked.filter(isFirst), ...offers, ...unlocked.filter(offer => !isFirst(offer))]
}

interface Unlocked {
  readonly offers: readonly KeyOffer[]
  readonly leftOut: readonly string[]
}

const NOTHING_UNLOCKED: Unlocked = { offers: [], leftOut: [] }

async function unlock(
  keys: readonly LockedKey[],
  store: IdentityStore,
  signal: AbortSignal,
): Promise<Unlocked> {
  const offers: KeyOffer[] = []
  const leftOut: string[] = []
  for (const key of keys) {
    const offer = await unlessAborted(signal, store.unlock(key))
    if (offer === undefined)
      leftOut.push(`${key.path}: it is encrypted, and nobody gave its passphrase (ssh-add it first)`)
    else offers.push(offer)
  }
  return { offers, leftOut }
}

interface Entry {
  readonly leg: Leg
  readonly jump: JumpHost | undefined
  readonly guard: HostKeyGuard
  readonly offers: readonly Offer[]
  readonly signal: AbortSignal
}

type FinalResult = Exclude<LoginResult, { kind: 'shed' }>

function passGate(entry: Entry, gate: HandshakeGate): Promise<FinalResult> {
  const { hostName, port, connectTimeoutMs } = entry.leg.route
  return gate.enter(`${hostName}:${port}`, connectTimeoutMs, entry.signal, leftMs => attempt(entry, leftMs))
}

async function attempt(
  { leg, jump, guard, offers, signal }: Entry,
  leftMs: number,
): Promise<Attempt<FinalResult>> {
  const { destination, route } = leg
  let stage: LoginStage = 'connecting'
  using bound = deadline(leftMs, signal, () => tooLate(leg, stage, route.connectTimeoutMs))
  const stream: Duplex =
    jump === undefined ? openTcp(route, leftMs) : await unlessAborted(bound.signal, jump.openStream(leg))
  const result = await logIn({
    ...{ leg, user: route.user, stream, offers, signal: bound.signal },
    ...{ hostKeyAlgorithms: guard.algorithms, refuse: guard.refuse, keepAliveMs: destination.keepAliveMs },
    agent: destination.forwardAgent ? route.agent : undefined,
    onStage: next => {
      stage = next
    },
  })
  if (result.kind === 'shed') return { kind: 'shed', error: shedError(leg, result.said) }
  return { kind: 'done', result }
}

/** Only now: the signature that proves that the server has this key was checked after the key was judged. */
async function recordHostKey(guard: HostKeyGuard, recorder: HostKeyRecorder, connection: SshConnection) {
  try {
    await guard.record(recorder)
  } catch (error) {
    connection.end()
    throw error
  }
}
