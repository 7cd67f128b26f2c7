import { setMaxListeners } from 'node:events'
import pLimit from 'p-limit'
import type { HostName } from '../model/names.ts'
import { cancelled, type Outcome, unknown } from '../model/outcome.ts'
import { outcomeOfError } from './outcome-of.ts'
import { type HostRun, hostOf, type Run, worsen, worstOf } from './run.ts'

/** What is done on one host. It resolves with how it went; what it throws is an outcome too. */
export type HostWork = (host: HostRun, signal: AbortSignal) => Promise<Outcome>

export interface Width {
  /** How many hosts at once; undefined: all. */
  readonly parallel: number | undefined
  readonly signal: AbortSignal
  /** Hosts whose loss stops the others, also while they have nothing to do themselves. */
  readonly watched: Iterable<HostRun>
}

/**
 * Does something on many hosts and waits for all of them: a barrier. Every host runs to its own end. The first that does
 * not end well, a loss, or `signal` stops the running steps of the others, and they are awaited.
 */
export async function onEveryHost(
  run: Run,
  names: readonly HostName[],
  { parallel, signal: outer, watched }: Width,
  work: HostWork,
): Promise<Outcome> {
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, outer])
  setMaxListeners(0, stop.signal, signal)
  const lost = watchFor(watched, () => stop.abort())
  const places = placesFor(parallel ?? Math.max(1, names.length))
  const onHost = async (host: HostRun) => {
    const place = await places()
    host.aside = place.aside
    try {
      const outcome = signal.aborted ? cancelled : await attempt(work, host, signal)
      worsen(host, outcome)
      if (outcome.kind !== 'ok') stop.abort()
      return outcome
    } finally {
      place.leave()
    }
  }
  const outcomes = await Promise.all(names.map(name => onHost(hostOf(run, name))))
  return worstOf([...outcomes, ...lost.outcomes()])
}

interface Place {
  readonly aside: HostRun['aside']
  readonly leave: () => void
}

/** So many places, given in the order in which hosts ask. A host that waits for another one gives its place back. */
function placesFor(count: number): () => Promise<Place> {
  const limit = pLimit(count)
  const taken = () =>
    new Promise<() => void>(given => {
      void limit(() => new Promise<void>(leave => given(leave)))
    })
  return async () => {
    let leave = await taken()
    return {
      async aside(wait) {
        leave()
        try {
          return await wait()
        } finally {
          leave = await taken()
        }
      },
      leave: () => leave(),
    }
  }
}

/** Tells of the first loss, and in the end of every one. */
function watchFor(
  watched: Iterable<HostRun>,
  onLost: () => void,
): { readonly outcomes: () => readonly Outcome[] } {
  const outcomes: Outcome[] = []
  let over = false
  for (const host of watched) {
    void host.end.lost.then(({ reason }) => {
      if (over) return
      const outcome = unknown(`the connection was lost: ${reason}`)
      worsen(host, outcome)
      outcomes.push(outcome)
      onLost()
    })
  }
  return {
    outcomes: () => {
      over = true
      return outcomes
    },
  }
}

async function attempt(work: HostWork, host: HostRun, signal: AbortSignal): Promise<Outcome> {
  try {
    return await work(host, signal)
  } catch (error) {
    return outcomeOfError(error)
  }
}
