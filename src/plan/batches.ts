import type { HostName } from '../model/names.ts'
import type { Batches, HostSteps } from '../model/plan.ts'
import type { Activation } from '../model/target.ts'

/**
 * Cuts the hosts that have something to do into batches, by name. A percentage is of these hosts and is rounded down, for it
 * says how many may be missing at once; one host is always worked on.
 *
 * @returns undefined where all of them are worked on at once
 */
export function batchesOf(
  hosts: ReadonlyMap<HostName, HostSteps>,
  { batch, pauseMs }: Activation,
): Batches | undefined {
  if (batch === undefined) return undefined
  const busy = [...hosts]
    .filter(([, { before, inside, after }]) => before.length + inside.length + after.length > 0)
    .map(([name]) => name)
    .toSorted()
  const size = 'hosts' in batch ? batch.hosts : Math.max(1, Math.floor((busy.length * batch.percent) / 100))
  if (busy.length <= size) return undefined
  const starts = busy.map((_, index) => index).filter(index => index % size === 0)
  return { hosts: starts.map(start => busy.slice(start, start + size)), pauseMs }
}
