import { randomBytes } from 'node:crypto'
import type { RunIdentity } from '../model/plan.ts'
import { StageError } from '../model/stage-error.ts'
import type { Host, SshSettings, Target } from '../model/target.ts'
import { remoteProgram, startCommand } from '../remote/bundle.ts'
import type { Answer } from '../remote/messages.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import { feedRemoteEnd } from '../remote/start-remote-end.ts'
import type { Destination, Login } from '../transport/channel.ts'
import type { Transport } from '../transport/transport.ts'

/** A remote end that was told its root and who speaks. */
export interface ConnectedHost {
  readonly host: Host
  readonly end: RemoteEnd
  readonly opened: Answer<'open'>
}

/**
 * Opens one connection to a host and starts the remote end on it. Rejects with StageError, `interrupted` when the
 * signal fired; the connection is closed then.
 *
 * @param first asks what travels with the program, in the same flight; whoever asks there minds that it may be refused
 */
export type ConnectHost = (
  host: Host,
  signal?: AbortSignal,
  first?: (end: RemoteEnd) => void,
) => Promise<ConnectedHost>

/** The version of frames and messages; both sides must be of one build, so it is only compared. */
const PROTOCOL = 1

/**
 * Joins transport and remote end: everything a run needs to reach a host of `target`, in one function that `apply`
 * uses again after a lost connection.
 *
 * @param login otherwise than with all keys at hand
 */
export function hostConnector(
  target: Target,
  run: RunIdentity,
  transport: Transport,
  login?: Login,
): ConnectHost {
  return async (host, signal, first) => {
    const program = await remoteProgram()
    const nonce = randomBytes(16).toString('hex')
    const command = startCommand({ python: host.python, program, nonce })
    const options = signal === undefined ? {} : { signal }
    const destination = { ...destinationOf(host, target.ssh, target.heartbeatMs), login }
    const channel = await transport.reach(destination, command, options)
    // Until the remote end speaks nothing can be cancelled: whoever calls it off closes the connection.
    const callOff = () => channel.close()
    signal?.addEventListener('abort', callOff, { once: true })
    try {
      if (signal?.aborted) callOff()
      const { end, begun } = feedRemoteEnd(channel, program, nonce, {
        host: host.name,
        heartbeatMs: target.heartbeatMs,
        startTimeoutMs: target.ssh.connectTimeoutMs,
      })
      const opening = open(end, host, target, run)
      first?.(end)
      const [, opened] = await Promise.all([begun, opening])
      return { host, end, opened }
    } catch (error) {
      channel.close()
      if (!signal?.aborted) throw error
      throw new StageError('interrupted', `connecting to ${host.name} was called off`, { cause: error })
    } finally {
      signal?.removeEventListener('abort', callOff)
    }
  }
}

/** The first message: which root, which project, and who speaks. It leaves before anybody knows whether the host has a Python. */
function open(end: RemoteEnd, host: Host, target: Target, run: RunIdentity): Promise<Answer<'open'>> {
  const { id, by, from, pid, command, atMs } = run
  const body = {
    protocol: PROTOCOL,
    root: host.root,
    project: target.project,
    host: host.name,
    heartbeatMs: target.heartbeatMs,
    forwardAgent: target.ssh.forwardAgent,
    holder: { run: id, by, from, pid, command, sinceMs: atMs },
  }
  return end.request('open', body, { what: 'the first message' })
}

function destinationOf(host: Host, ssh: SshSettings, heartbeatMs: number): Destination {
  return {
    host: host.name,
    client: host.client,
    address: host.address,
    user: host.user,
    port: host.port,
    identityFile: host.identityFile,
    knownHostsFile: host.knownHostsFile ?? ssh.knownHostsFile,
    configFile: ssh.configFile,
    jump: host.jump,
    hostKeys: ssh.hostKeys,
    connectTimeoutMs: ssh.connectTimeoutMs,
    forwardAgent: ssh.forwardAgent,
    keepAliveMs: heartbeatMs,
  }
}
