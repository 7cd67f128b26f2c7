import pLimit from 'p-limit'
import type { Emit } from '../model/event.ts'
import type { Observation } from '../model/facts.ts'
import type { HostName } from '../model/names.ts'
import { StageError } from '../model/stage-error.ts'
import type { Host } from '../model/target.ts'
import type { ConnectedHost, ConnectHost } from './connect-host.ts'
import { type Look, observeHost } from './observe-host.ts'

/** The hosts that were reached, and what every host said or why it said nothing. */
export interface ObservedFleet {
  readonly connected: ReadonlyMap<HostName, ConnectedHost>
  readonly observations: ReadonlyMap<HostName, Observation>
}

/**
 * Connects to all hosts, `parallel` at once, and asks each about itself. Every host runs to its own end: one that
 * cannot be reached hides no other. The connections stay open for the rest of the run.
 */
export async function observeFleet(
  hosts: readonly Host[],
  look: Look,
  deps: {
    readonly connect: ConnectHost
    readonly parallel: number
    readonly emit: Emit
    readonly signal: AbortSignal
  },
): Promise<ObservedFleet> {
  const limit = pLimit(deps.parallel)
  const connected = new Map<HostName, ConnectedHost>()
  const observations = new Map<HostName, Observation>()
  const visit = async (host: Host) => {
    const startedMs = performance.now()
    try {
      const reached = await deps.connect(host, deps.signal)
      connected.set(host.name, reached)
      deps.emit({
        type: 'host-connected',
        host: host.name,
        durationMs: Math.round(performance.now() - startedMs),
      })
      observations.set(host.name, { kind: 'read', facts: await observeHost(reached, look) })
    } catch (error) {
      observations.set(host.name, unread(host.name, error))
    }
  }
  await Promise.all(hosts.map(host => limit(() => visit(host))))
  const byName = (map: ReadonlyMap<HostName, Observation>) =>
    new Map(hosts.flatMap(host => entryOf(map, host.name)))
  return { connected, observations: byName(observations) }
}

function entryOf<Value>(map: ReadonlyMap<HostName, Value>, name: HostName): [HostName, Value][] {
  const value = map.get(name)
  return value === undefined ? [] : [[name, value]]
}

function unread(host: HostName, error: unknown): Observation {
  if (!(error instanceof Error)) throw error
  const expected = error instanceof StageError
  return {
    kind: 'unread',
    host,
    code: expected ? error.code : 'bug',
    reason: expected ? error.message : (error.stack ?? error.message),
    hint: expected ? error.hint : undefined,
  }
}
