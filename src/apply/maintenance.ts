import type { Emit } from '../model/event.ts'
import type { HostName, RevisionName, StageName } from '../model/names.ts'
import { type ExitCode, exitCodes, type Outcome, ok } from '../model/outcome.ts'
import type { Problem } from '../model/problem.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import { heldProblem } from './held-problem.ts'
import { takeLocks, type Wish } from './lock.ts'
import { outcomeOfError } from './outcome-of.ts'

/** Work on hosts that switches nothing: prune, discard. */
export interface Maintenance {
  readonly runId: string
  readonly stage: StageName
  /** A revision that must be nobody else's meanwhile. */
  readonly revision: RevisionName | undefined
  readonly ends: ReadonlyMap<HostName, RemoteEnd>
  /** What is done on one host; resolves with a sentence on what it did there. */
  readonly work: (host: HostName, end: RemoteEnd) => Promise<string>
}

export interface MaintenanceDeps {
  readonly emit: Emit
  readonly monotonicMs: () => number
  readonly interrupted: AbortSignal
}

/**
 * Takes the stage's lock on all hosts or on none, then does the work on each; every host runs to its own end.
 *
 * @returns the exit code: 0, 4 when it failed somewhere, 7 when another run holds a lock
 */
export async function maintain(
  { runId, stage, revision, ends, work }: Maintenance,
  { emit, monotonicMs, interrupted }: MaintenanceDeps,
): Promise<ExitCode> {
  const names = [stage, ...(revision === undefined ? [] : [revision])]
  const wishes = [...ends].flatMap(([host, end]) =>
    names.map((name): Wish => ({ host, end, name, mode: 'exclusive' })),
  )
  const problem = (problem: Problem) => emit({ type: 'problem', problem })
  await Promise.all([...ends.values()].map(end => end.request('settle', {})))
  const locked = await takeLocks(wishes, { runId, monotonicMs, interrupted })
  switch (locked.kind) {
    case 'held':
      problem(heldProblem(locked))
      return exitCodes.locked
    case 'failed':
      problem({
        code: 'lock',
        where: locked.host,
        message: locked.reason,
        hint: undefined,
        severity: 'error',
      })
      return exitCodes.notSwitched
    case 'interrupted':
      return exitCodes.interrupted
    case 'locked':
      break
  }
  const outcomes = await Promise.all([...ends].map(([host, end]) => workOn(host, end, work, emit)))
  return outcomes.every(outcome => outcome.kind === 'ok') ? exitCodes.done : exitCodes.notSwitched
}

async function workOn(
  host: HostName,
  end: RemoteEnd,
  work: Maintenance['work'],
  emit: Emit,
): Promise<Outcome> {
  try {
    emit({ type: 'notice', host, message: await work(host, end) })
    return ok
  } catch (error) {
    const outcome = outcomeOfError(error, host)
    const message = outcome.kind === 'failed' || outcome.kind === 'unknown' ? outcome.reason : outcome.kind
    emit({
      type: 'problem',
      problem: { code: 'host', where: host, message, hint: undefined, severity: 'error' },
    })
    return outcome
  }
}
