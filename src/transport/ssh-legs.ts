import { StageError, type StageErrorCode } from '../model/stage-error.ts'
import type { Destination } from './channel.ts'
import { givenSecret } from './given-secret.ts'
import { lastHop } from './ssh-address.ts'
import { findSshRoute, type RouteDeps, type SshRoute } from './ssh-route.ts'

/** One server on the way to a destination, or the destination itself. */
export interface Leg {
  readonly destination: Destination
  readonly route: SshRoute
  /** What the login at the destination gives away: on the whole way to it no server may be unknown. */
  readonly secret: string | undefined
}

/**
 * Finds the whole way to a destination: jump hosts, which may have jump hosts of their own by ssh_config(5), and
 * last the destination.
 *
 * @returns at least one; the first is reached directly
 * @throws StageError `config`, also when jump hosts lead in a circle
 */
export async function findLegs(
  destination: Destination,
  deps: RouteDeps,
  signal: AbortSignal | undefined,
): Promise<readonly [Leg, ...(readonly Leg[])]> {
  const route = await findSshRoute(destination, deps, signal)
  const secret = givenSecret(destination, route.all)
  let legs: readonly [Leg, ...(readonly Leg[])] = [{ destination, route, secret }]
  for (;;) {
    const [first] = legs
    const jump = lastHop(first.destination, first.route.jumps)
    if (jump === undefined) return legs
    const jumpRoute = await findSshRoute(jump, deps, signal)
    // `Host *` with a ProxyJump holds for the jump host too, which is not meant to be reached through itself.
    if (isSameServer(jumpRoute, first.route)) return legs
    if (legs.some(leg => isSameServer(leg.route, jumpRoute))) {
      throw new StageError('config', `its jump hosts lead in a circle at ${jump.address}`, {
        host: destination.host,
      })
    }
    legs = [{ destination: jump, route: jumpRoute, secret }, ...legs]
  }
}

function isSameServer(one: SshRoute, other: SshRoute): boolean {
  return one.hostName === other.hostName && one.port === other.port
}

/** How a server is called in what is told about a host. */
export function whereIs({ destination: { jumpHost }, route: { hostName, port } }: Leg): string {
  const server = `${hostName} port ${port}`
  return jumpHost === undefined ? server : `jump host ${jumpHost} (${server})`
}

/** What went wrong with one server on the way to a host, which is the host's own trouble. */
export function legError(
  leg: Leg,
  code: StageErrorCode,
  what: string,
  details: { readonly hint?: string; readonly cause?: unknown } = {},
): StageError {
  return new StageError(code, `${whereIs(leg)} ${what}`, { ...details, host: leg.destination.host })
}
