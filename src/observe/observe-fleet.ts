import pLimit from 'p-limit'
import type { Emit } from '../model/event.ts'
import type { Observation } from '../model/facts.ts'
import type { HostName } from '../model/names.ts'
import type { Host } from '../model/target.ts'
import type { Answer } from '../remote/messages.ts'
import type { ConnectedHost, ConnectHost } from './connect-host.ts'
import { askAbout, factsOf, type Look } from './observe-host.ts'
import { unread } from './unread.ts'

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
    /** Nobody waits for an answer any more. */
    readonly abandoned?: AbortSignal
    /** For one host's answer. Milliseconds; tests shorten it. */
    readonly limitMs?: number
  },
): Promise<ObservedFleet> {
  const limit = pLimit(deps.parallel)
  const connected = new Map<HostName, ConnectedHost>()
  const visit = async (host: Host): Promise<Observation> => {
    const startedMs = performance.now()
    // One for each host, however many there are: Node warns of a signal with many listeners.
    const signal = AbortSignal.any([deps.signal])
    const { abandoned, limitMs } = deps
    const patience = {
      signal,
      ...(abandoned === undefined ? {} : { abandoned: AbortSignal.any([abandoned]) }),
      ...(limitMs === undefined ? {} : { limitMs }),
    }
    try {
      const asked: Promise<Answer<'observe'>>[] = []
      const reached = await deps.connect(host, signal, end => {
        const report = askAbout(end, look, patience)
        // Where the host is not reached, that is said instead.
        report.catch(() => undefined)
        asked.push(report)
      })
      connected.set(host.name, reached)
      const durationMs = Math.round(performance.now() - startedMs)
      deps.emit({ type: 'host-connected', host: host.name, durationMs })
      // A host that was connected before has not been asked yet.
      const report = asked[0] ?? askAbout(reached.end, look, patience)
      return { kind: 'read', facts: factsOf(reached, look, await report) }
    } catch (error) {
      return unread(host.name, error)
    }
  }
  const seen = await Promise.all(
    hosts.map(async host => [host.name, await limit(() => visit(host))] as const),
  )
  return { connected, observations: new Map(seen) }
}
