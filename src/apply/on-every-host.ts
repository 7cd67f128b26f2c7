import pLimit from 'p-limit'
import type { HostName, PhaseName } from '../model/names.ts'
import { cancelled, type Outcome } from '../model/outcome.ts'
import { outcomeOfError } from './outcome-of.ts'
import { type HostRun, hostOf, type Run, worsen, worstOf } from './run.ts'

/** What one phase does on one host. It resolves with how it went; what it throws is an outcome too. */
export type HostWork = (host: HostRun, signal: AbortSignal) => Promise<Outcome>

/**
 * Runs a phase on its hosts and waits for all of them: the barrier. Every host runs to its own end. The first
 * failure, or `signal`, stops the running steps of the others, and they are awaited.
 *
 * @param parallel how many hosts at once; undefined: all
 */
export async function onEveryHost(
  run: Run,
  phase: PhaseName,
  names: readonly HostName[],
  options: { readonly parallel: number | undefined; readonly signal: AbortSignal },
  work: HostWork,
): Promise<Outcome> {
  const { emit, monotonicMs } = run.deps
  const startedMs = monotonicMs()
  emit({ type: 'phase-started', phase, hosts: names })
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, options.signal])
  const limit = pLimit(options.parallel ?? Math.max(1, names.length))
  const outcomes = await Promise.all(
    names.map(name =>
      limit(async () => {
        const host = hostOf(run, name)
        const outcome = signal.aborted ? cancelled : await attempt(work, host, signal)
        worsen(host, outcome)
        if (outcome.kind !== 'ok') stop.abort()
        return outcome
      }),
    ),
  )
  emit({ type: 'phase-finished', phase, durationMs: Math.round(monotonicMs() - startedMs) })
  return worstOf(outcomes)
}

async function attempt(work: HostWork, host: HostRun, signal: AbortSignal): Promise<Outcome> {
  try {
    return await work(host, signal)
  } catch (error) {
    return outcomeOfError(error)
  }
}
