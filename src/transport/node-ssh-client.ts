import type { ClientChannel } from 'ssh2'
import { StageError } from '../model/stage-error.ts'
import { printable } from '../shell/printable.ts'
import type { Channel, ChannelEnd, Destination } from './channel.ts'
import { deadline, unlessAborted } from './deadline.ts'
import type { ConnectAlong } from './jump-hosts.ts'
import { programChannel, type RunningProgram } from './program-channel.ts'
import type { SshConnection } from './ssh-connection.ts'
import { findLegs } from './ssh-legs.ts'
import type { RouteDeps } from './ssh-route.ts'

/**
 * Reaches a host with ssh2, through node-ssh, and starts one command there.
 *
 * @throws StageError, see Transport.reach
 */
export async function reachWithNodeSsh(
  destination: Destination,
  command: string,
  deps: RouteDeps & { readonly connectAlong: ConnectAlong; readonly signal: AbortSignal },
): Promise<Channel> {
  const legs = await unlessAborted(deps.signal, findLegs(destination, deps, deps.signal))
  const connection = await deps.connectAlong(legs, deps.signal)
  try {
    using bound = deadline(destination.connectTimeoutMs, deps.signal, () =>
      notStarted(destination, `it did not answer within ${destination.connectTimeoutMs / 1000} s`),
    )
    return programChannel(await unlessAborted(bound.signal, startProgram(connection, destination, command)))
  } catch (error) {
    connection.end()
    throw error
  }
}

function notStarted({ host, forwardAgent }: Destination, why: string): StageError {
  return new StageError('connection-lost', `it let us in, but started no command: ${why}`, {
    host,
    hint: forwardAgent
      ? 'its sshd may allow no session (MaxSessions), or no agent forwarding (AllowAgentForwarding)'
      : 'its sshd may allow no session (MaxSessions, ForceCommand), or the connection broke',
  })
}

function startProgram(
  connection: SshConnection,
  destination: Destination,
  command: string,
): Promise<RunningProgram> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(notStarted(destination, printable(why)))
    void connection.lost.then(fail)
    try {
      connection.client.exec(command, (error, channel) => {
        if (error) fail(error.message)
        // Listened to at once: the end of a program that is over at once stands in the same packet as its beginning.
        else resolve(programOn(connection, channel))
      })
    } catch (error) {
      // ssh2 throws when the connection has just gone.
      fail(error instanceof Error ? error.message : String(error))
    }
  })
}

function programOn(connection: SshConnection, channel: ClientChannel): RunningProgram {
  return {
    ...{ stdin: channel, stdout: channel, stderr: channel.stderr },
    over: endOf(connection, channel),
    cut: () => connection.cut(),
  }
}

/**
 * Tells the three ends apart. An exit status that arrived counts only if the channel was closed in order: of a
 * connection that broke after it nobody knows what output is missing.
 */
function endOf(connection: SshConnection, channel: ClientChannel): Promise<ChannelEnd> {
  let end: ChannelEnd | undefined
  channel.on('exit', (code: number | null, signal?: string) => {
    end = code === null ? { kind: 'signalled', signal: signal ?? 'unknown' } : { kind: 'exited', code }
  })
  return new Promise(resolve => {
    channel.on('close', () => {
      const broken = connection.brokenBy()
      connection.end()
      const reason = broken ?? 'the server closed the channel without saying how the program ended'
      resolve(broken === undefined && end !== undefined ? end : { kind: 'lost', reason })
    })
  })
}
