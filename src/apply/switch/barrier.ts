import { setTimeout as sleep } from 'node:timers/promises'
import type { HostRun } from '../run.ts'

/** DESIGN 6: a heartbeat counts if it was sent in the last third of the time after which silence is loss. */
const FRESH_PARTS = 3

/**
 * Which hosts have not answered a heartbeat that was *sent* within the last third of the limit? Asked in the very turn
 * of the event loop that writes `fire` or `keep`: a process that was frozen in between runs its due timers before it
 * sees closed sockets, and must not act on what it believed before.
 *
 * @param nowMs by the clock that heartbeats are told by
 */
export function silentHosts(
  hosts: readonly HostRun[],
  heartbeatMs: number,
  nowMs: number,
): readonly HostRun[] {
  const since = nowMs - heartbeatMs / FRESH_PARTS
  return hosts.filter(({ end }) => end.isLost || end.lastBeat === undefined || end.lastBeat.sentAtMs < since)
}

/** Asks the hosts once more, and waits for their answers no longer than a third of the limit. */
export async function askOnceMore(hosts: readonly HostRun[], heartbeatMs: number): Promise<void> {
  const beats = hosts.map(({ end }) => end.beatNow().catch(() => undefined))
  const enough = new AbortController()
  const limit = sleep(heartbeatMs / FRESH_PARTS, undefined, { signal: enough.signal }).catch(() => undefined)
  await Promise.race([Promise.all(beats), limit])
  enough.abort()
}

/**
 * How long each host waits before its rename, so that hosts at different distances act together: half the difference
 * between the largest round trip and its own, in microseconds.
 */
export function fireDelaysUs(hosts: readonly HostRun[]): ReadonlyMap<HostRun, number> {
  const trip = ({ end }: HostRun) => end.lastBeat?.roundTripMs ?? 0
  const longest = Math.max(0, ...hosts.map(trip))
  return new Map(hosts.map(host => [host, Math.round(((longest - trip(host)) / 2) * 1000)]))
}
