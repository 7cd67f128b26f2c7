import pLimit from 'p-limit'
import type { Emit } from '../model/event.ts'
import type { HostName } from '../model/names.ts'
import type { Host } from '../model/target.ts'
import type { ConnectedHost, ConnectHost } from './connect-host.ts'
import { type Unread, unread } from './unread.ts'

/** How hosts are connected to, and how many at once. */
export interface ConnectDeps {
  readonly connect: ConnectHost
  readonly parallel: number
  readonly emit: Emit
  readonly signal: AbortSignal
}

/** The hosts that were reached, in the order in which they were given, and why the others were not. */
export interface ConnectedFleet {
  readonly connected: ReadonlyMap<HostName, ConnectedHost>
  readonly unreached: readonly Unread[]
}

/**
 * Connects to all hosts, `parallel` at once, and asks them nothing: for what needs to know no more of a host than that it
 * is there. One that cannot be reached hides no other.
 */
export async function connectFleet(hosts: readonly Host[], deps: ConnectDeps): Promise<ConnectedFleet> {
  const limit = pLimit(deps.parallel)
  const attempts = await Promise.all(hosts.map(host => limit(() => attempt(host, deps))))
  return {
    connected: new Map(attempts.flatMap(one => ('end' in one ? [[one.host.name, one]] : []))),
    unreached: attempts.flatMap(one => ('end' in one ? [] : [one])),
  }
}

async function attempt(host: Host, { connect, emit, signal }: ConnectDeps): Promise<ConnectedHost | Unread> {
  const startedMs = performance.now()
  try {
    // One for each host, however many there are: Node warns of a signal with many listeners.
    const reached = await connect(host, AbortSignal.any([signal]))
    emit({ type: 'host-connected', host: host.name, durationMs: Math.round(performance.now() - startedMs) })
    return reached
  } catch (error) {
    return unread(host.name, error)
  }
}
