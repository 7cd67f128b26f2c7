import { randomUUID } from 'node:crypto'
import { StageError } from '../model/stage-error.ts'
import { printable } from '../shell/printable.ts'
import type { Channel, ChannelEnd, Destination } from './channel.ts'
import { type Child, childEnd, killGroup, startChild } from './child-program.ts'
import { deadline, unlessAborted } from './deadline.ts'
import type { Attempt, HandshakeGate } from './handshake-gate.ts'
import { tooLate } from './login-errors.ts'
import { divideAtMark } from './marked-stream.ts'
import { killedWithUs } from './no-survivors.ts'
import { type OpensshCall, opensshArguments } from './openssh-arguments.ts'
import { failedCall } from './openssh-failure.ts'
import { programChannel } from './program-channel.ts'
import { findLegs, type Leg } from './ssh-legs.ts'
import type { RouteDeps } from './ssh-route.ts'

/** ssh's own status for every failure of its own; a command may end with it as well (ssh(1), EXIT STATUS). */
const SSH_FAILED = 255

export interface OpensshDeps extends RouteDeps {
  readonly gate: HandshakeGate
  readonly signal: AbortSignal
}

/**
 * Reaches a host with the system's ssh. It has logged in once it runs its LocalCommand, which leaves a mark on
 * standard error; what comes after the mark is the command's.
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
  const calls = legs.map(callOf)
  const [peer] = legs
  const last = legs.at(-1) ?? peer
  const call = calls.at(-1) ?? callOf(last)
  // Jump hosts of ssh_config are ssh's own business.
  const way = destination.jump === undefined ? [] : calls.slice(0, -1)
  const attempt = { call, way, argv: opensshArguments(call, way, command), deps }
  const { hostName, port } = peer.route
  return deps.gate.enter(`${hostName}:${port}`, last.route.connectTimeoutMs, deps.signal, leftMs =>
    tryOnce(attempt, leftMs),
  )
}

function callOf(leg: Leg): OpensshCall {
  const id = randomUUID()
  return { ...leg, marks: { loggedIn: `stage-in-${id}`, hostKey: `stage-key-${id}` } }
}

interface OpensshAttempt {
  readonly call: OpensshCall
  readonly way: readonly OpensshCall[]
  readonly argv: readonly string[]
  readonly deps: OpensshDeps
}

async function tryOnce({ call, way, argv, deps }: OpensshAttempt, leftMs: number): Promise<Attempt<Channel>> {
  const child = await startSsh(call.destination, argv, deps.env)
  const errors = divideAtMark(child.stderr, call.marks.loggedIn)
  const report = () => ({ calls: [...way, call], said: errors.before() })
  const over = childEnd(child)
  let late = false
  try {
    using bound = deadline(leftMs, deps.signal, () => {
      late = true
      return tooLate(call, 'connecting', call.route.connectTimeoutMs)
    })
    const isIn = Promise.race([errors.marked.then(() => true), over.then(() => false)])
    if (!(await unlessAborted(bound.signal, isIn))) return await failedCall({ ...report(), late })
  } catch (error) {
    killGroup(child)
    // How far ssh came decides what is said.
    if (late) return await failedCall({ ...report(), late })
    throw error
  }
  const channel = programChannel({
    ...{ stdin: child.stdin, stdout: child.stdout, stderr: errors.after },
    over: over.then(end => commandEnd(end, () => printable(errors.lastLine()))),
    cut: () => killGroup(child),
  })
  return { kind: 'done', result: channel }
}

async function startSsh(
  destination: Destination,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Child> {
  try {
    const child = await startChild('ssh', argv, { env })
    killedWithUs(child, { group: true })
    return child
  } catch (error) {
    throw new StageError('config', "client 'openssh' needs the program ssh, which cannot be started", {
      host: destination.host,
      hint: 'install the OpenSSH client (Debian: openssh-client)',
      cause: error,
    })
  }
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
