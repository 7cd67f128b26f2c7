import type { Fleet } from './fleet.ts'
import { hostNexts } from './fleet-hosts.ts'
import { beginning, commonNexts, runnerNexts } from './fleet-runner.ts'

export interface Next {
  readonly what: string
  readonly fleet: Fleet
}

/**
 * Everything that may happen next to the runner's machine and to hosts that move by the table that runs on them: messages under way,
 * connections that break, hosts and a runner that die.
 */
export function nexts(fleet: Fleet): readonly Next[] {
  const found: Next[] = []
  const add = (what: string, next: Fleet) => found.push({ what, fleet: next })
  for (const [name, host] of fleet.hosts) {
    hostNexts(fleet, name, host, add)
    if (fleet.runnerLives) runnerNexts(fleet, name, host, add)
  }
  if (fleet.runnerLives && fleet.state.stage !== 'done') commonNexts(fleet, add)
  return found
}

/** The same for every naming of the hosts. */
export function keyOf(fleet: Fleet): string {
  const hosts = [...fleet.hosts].map(([name, { link, record, end, alone, out, back, untold, task }]) =>
    [
      fleet.runnerLives ? fleet.state.hosts.get(name) : '',
      link,
      record,
      end,
      alone,
      out,
      back,
      untold,
      task,
    ].join(),
  )
  const runner = fleet.runnerLives ? [fleet.state.stage, fleet.state.fireLeft, fleet.interrupted] : []
  return [fleet.faults, ...runner, fleet.common, ...hosts.toSorted()].join('|')
}

/** Visits every reachable fleet once; returns how many there are. The path to each is kept for the error message. */
export function exploreFleet(
  count: number,
  faults: number,
  visit: (fleet: Fleet, last: boolean) => void,
): number {
  const first = beginning(count, faults)
  const seen = new Map([[keyOf(first), '']])
  const open = [first]
  for (let fleet = open.pop(); fleet !== undefined; fleet = open.pop()) {
    const path = seen.get(keyOf(fleet)) ?? ''
    const following = nexts(fleet)
    try {
      visit(fleet, following.length === 0)
    } catch (error) {
      throw new Error(`after${path}`, { cause: error })
    }
    for (const { what, fleet: next } of following) {
      const key = keyOf(next)
      if (seen.has(key)) continue
      seen.set(key, path.length > 2_000 ? path : `${path}\n  ${what}`)
      open.push(next)
    }
  }
  return seen.size
}
