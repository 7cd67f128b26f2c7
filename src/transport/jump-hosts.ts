import type { Duplex } from 'node:stream'
import { printable } from '../shell/printable.ts'
import { unlessAborted } from './deadline.ts'
import type { SshConnection } from './ssh-connection.ts'
import { type Leg, legError, whereIs } from './ssh-legs.ts'

/** A share in the one connection to a jump host. */
export interface JumpHost {
  /** Opens a way through the jump host. @throws StageError `unreachable` */
  openStream(to: Leg): Promise<Duplex>
  /** Gives the share back; the last one closes the connection. Idempotent. */
  release(): void
}

/** One connection to each jump host, however many hosts lie behind it: sshd counts connections, not what they carry. */
export interface JumpHosts {
  /**
   * @param way to the jump host, which is its last leg
   * @throws StageError whatever the login at the jump host says
   */
  share(way: readonly [Leg, ...(readonly Leg[])], signal: AbortSignal | undefined): Promise<JumpHost>
}

export type ConnectAlong = (
  way: readonly [Leg, ...(readonly Leg[])],
  signal: AbortSignal,
) => Promise<SshConnection>

interface Shared {
  readonly connection: Promise<SshConnection>
  /** Calls the login off when nobody waits for it any more. */
  readonly abandon: AbortController
  users: number
}

export function createJumpHosts(connectAlong: ConnectAlong): JumpHosts {
  const shared = new Map<string, Shared>()
  return {
    async share(way, signal) {
      const key = identityOf(way)
      const entry = shared.get(key) ?? start(way, connectAlong)
      shared.set(key, entry)
      const forget = () => void (shared.get(key) === entry && shared.delete(key))
      // A connection that failed or broke is not for the next one who asks.
      entry.connection.then(connection => connection.lost.then(forget), forget)
      entry.users += 1
      let released = false
      const release = () => {
        if (released) return
        released = true
        entry.users -= 1
        if (entry.users > 0) return
        forget()
        entry.abandon.abort()
        entry.connection.then(
          connection => connection.end(),
          () => undefined,
        )
      }
      try {
        const connection = await unlessAborted(signal, entry.connection)
        return { release, openStream: to => forward(connection, way.at(-1) ?? way[0], to) }
      } catch (error) {
        release()
        throw error
      }
    },
  }
}

function start(way: readonly [Leg, ...(readonly Leg[])], connectAlong: ConnectAlong): Shared {
  const abandon = new AbortController()
  return { connection: connectAlong(way, abandon.signal), abandon, users: 0 }
}

/** All that decides which connection it is; the host behind the jump host does not. */
function identityOf(way: readonly Leg[]): string {
  return JSON.stringify(
    way.map(({ destination, route, secret }) => {
      const { configFile, knownHostsFile, identityFile, hostKeys } = destination
      const isStrict = hostKeys === 'strict' || secret !== undefined
      return [route.user, route.hostName, route.port, configFile, knownHostsFile, identityFile, isStrict]
    }),
  )
}

function forward({ client, lost }: SshConnection, jump: Leg, to: Leg): Promise<Duplex> {
  const { hostName, port } = to.route
  const refused = (why: string) =>
    legError(to, 'unreachable', `cannot be reached through ${whereIs(jump)}: ${printable(why)}`, {
      hint: 'the sshd of the jump host must allow forwarding (AllowTcpForwarding), and the host must be up',
    })
  return new Promise((resolve, reject) => {
    void lost.then(why => reject(refused(why)))
    try {
      client.forwardOut('127.0.0.1', 0, hostName, port, (error, stream) => {
        if (error) reject(refused(error.message))
        else resolve(stream)
      })
    } catch (error) {
      // ssh2 throws when the connection has just gone.
      reject(refused(error instanceof Error ? error.message : String(error)))
    }
  })
}
