import { randomUUID } from 'node:crypto'
import { printable } from '../shell/printable.ts'
import type { Channel, ChannelEnd, Destination } from './channel.ts'
import { killGroup } from './child-program.ts'
import { unlessAborted } from './deadline.ts'
import type { Attempt, HandshakeGate } from './handshake-gate.ts'
import { createHostKeyGuard } from './host-key-guard.ts'
import { failedCall } from './openssh-failure.ts'
import { callsOf, type GuardedCall, type GuardedWay, judgeKeys, meetNewHosts } from './openssh-host-keys.ts'
import { logInWithSsh, type OpensshLogin } from './openssh-login.ts'
import { programChannel } from './program-channel.ts'
import type { HostKeyRecorder } from './record-host-key.ts'
import { findLegs, type Leg } from './ssh-legs.ts'
import type { RouteDeps } from './ssh-route.ts'

/** ssh's own status for every failure of its own; a command may end with it as well (ssh(1), EXIT STATUS). */
const SSH_FAILED = 255

export interface OpensshDeps extends RouteDeps {
  readonly gate: HandshakeGate
  readonly recorder: HostKeyRecorder
  readonly signal: AbortSignal
}

/**
 * Reaches a host with the system's ssh, which trusts what the files of known hosts hold and nothing else. What they do
 * not hold is judged here, by the rules of every client, and recorded here before ssh is called again: a command is
 * started only on a host whose key is recorded.
 *
 * One end looks like another here: ssh ends with 255 when the connection is lost, when the command was killed by a
 * signal, and when the command itself ended with 255. All three are `lost`.
 *
 * @throws StageError, see Transport.reach; `unreachable` where ssh leaves no trace of what went wrong but its words
 */
export async function reachWithOpenssh(
  destination: Destination,
  command: string,
  deps: OpensshDeps,
): Promise<Channel> {
  const legs = await unlessAborted(deps.signal, findLegs(destination, deps, deps.signal))
  const [peer] = legs
  const { hostName, port } = peer.route
  const { connectTimeoutMs } = (legs.at(-1) ?? peer).route
  return deps.gate.enter(`${hostName}:${port}`, connectTimeoutMs, deps.signal, leftMs =>
    attempt(legs, command, leftMs, deps),
  )
}

async function attempt(
  legs: readonly [Leg, ...(readonly Leg[])],
  command: string,
  timeMs: number,
  deps: OpensshDeps,
): Promise<Attempt<Channel>> {
  const until = performance.now() + timeMs
  const logIn = async (way: GuardedWay, what: string | undefined) => {
    const login = await logInWithSsh(callsOf(way), what, Math.max(0, until - performance.now()), deps)
    await judgeKeys(way, login, deps.recorder)
    return login
  }
  const way = await guardedWay(legs)
  let login = await logIn(way, command)
  if (login.kind === 'out' && way.some(({ guard }) => guard.unrecorded() !== undefined)) {
    login = await meetNewHosts(way, login, known => logIn(known, undefined))
    // The files are read again: only what they hold by now counts.
    if (login.kind === 'in') login = await logIn(await guardedWay(legs), command)
  }
  if (login.kind === 'in') return { kind: 'done', result: channelOf(login) }
  return await failedCall(callsOf(way), login)
}

async function guardedWay([first, ...more]: readonly [Leg, ...(readonly Leg[])]): Promise<GuardedWay> {
  return [await guardedCall(first), ...(await Promise.all(more.map(guardedCall)))]
}

async function guardedCall(leg: Leg): Promise<GuardedCall> {
  const id = randomUUID()
  const guard = await createHostKeyGuard(leg)
  const marks = { loggedIn: `stage-in-${id}`, hostKey: `stage-key-${id}` }
  return { guard, call: { ...leg, marks, knownHosts: guard.files } }
}

function channelOf({ child, errors, over }: Extract<OpensshLogin, { kind: 'in' }>): Channel {
  return programChannel({
    ...{ stdin: child.stdin, stdout: child.stdout, stderr: errors.after },
    over: over.then(end => commandEnd(end, () => printable(errors.lastLine()))),
    cut: () => killGroup(child),
  })
}

function commandEnd(end: ChannelEnd, lastLine: () => string): ChannelEnd {
  switch (end.kind) {
    case 'exited':
      return end.code === SSH_FAILED ? { kind: 'lost', reason: `ssh failed: ${lastLine()}` } : end
    case 'signalled':
      return { kind: 'lost', reason: `ssh itself was ended by ${end.signal}` }
    case 'lost':
      return end
  }
}
