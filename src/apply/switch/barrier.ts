import { setTimeout as sleep } from 'node:timers/promises'
import type { HostRun } from '../run.ts'

/**
 * Has every host answered a heartbeat that was *sent* within the last third of the heartbeat limit? Checked in the
 * very turn of the event loop that writes `fire` or `keep`: a process that was frozen in between runs its due
 * timers before it sees closed sockets, and must not act on what it believed before.
 */
export function silentHosts(hosts: readonly HostRun[], heartbeatMs: number): readonly HostRun[] {
  const since = performance.now() - heartbeatMs / 3
  return hosts.filter(({ end }) => end.isLost || end.lastBeat === undefined || end.lastBeat.sentAtMs < since)
}

/** Asks the hosts that were silent once more, and waits for them no longer than a third of the limit. */
export async function askOnceMore(hosts: readonly HostRun[], heartbeatMs: number): Promise<void> {
  const beats = hosts.map(({ end }) => end.beatNow().catch(() => undefined))
  const enough = new AbortController()
  await Promise.race([
    Promise.all(beats),
    sleep(heartbeatMs / 3, undefined, { signal: enough.signal }).catch(() => undefined),
  ])
  enough.abort()
}

/**
 * How long each host waits before its rename, so that hosts at different distances act together: half the difference
 * between the largest round trip and its own, in microseconds.
 */
export function fireDelaysUs(hosts: readonly HostRun[]): ReadonlyMap<HostRun, number> {
  const trips = hosts.map(({ end }) => end.lastBeat?.roundTripMs ?? 0)
  const longest = Math.max(0, ...trips)
  return new Map(
    hosts.map((host, index) => [host, Math.max(0, Math.round(((longest - (trips[index] ?? 0)) / 2) * 1000))]),
  )
}
