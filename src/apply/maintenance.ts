import type { Emit } from '../model/event.ts'
import type { HostName, RevisionName, StageName } from '../model/names.ts'
import { type ExitCode, exitCodes } from '../model/outcome.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import { takeLocks, type Wish } from './lock.ts'
import { notLocked } from './not-ready.ts'
import { describe, outcomeOfError } from './outcome-of.ts'
import { problem } from './problem.ts'

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
  const everywhere = async (what: OnHost): Promise<boolean> => {
    const went = await Promise.all([...ends].map(([host, end]) => onHost(host, end, what, emit)))
    return went.every(well => well)
  }
  const settle: OnHost = async (_host, end) => {
    await end.request('settle', {})
    return undefined
  }
  if (!(await everywhere(settle))) return exitCodes.notSwitched
  const not = notLocked(await takeLocks(wishes, { runId, monotonicMs, interrupted }))
  if (not !== undefined) {
    for (const one of not.problems) emit({ type: 'problem', problem: one })
    return not.exit
  }
  return (await everywhere(work)) ? exitCodes.done : exitCodes.notSwitched
}

/** Resolves with what is to be said of it. */
type OnHost = (host: HostName, end: RemoteEnd) => Promise<string | undefined>

/** Did it go well? What went wrong is told, and hides nothing of the other hosts. */
async function onHost(host: HostName, end: RemoteEnd, what: OnHost, emit: Emit): Promise<boolean> {
  try {
    const message = await what(host, end)
    if (message !== undefined) emit({ type: 'notice', host, message })
    return true
  } catch (error) {
    emit({ type: 'problem', problem: problem('host', host, describe(outcomeOfError(error, host))) })
    return false
  }
}
