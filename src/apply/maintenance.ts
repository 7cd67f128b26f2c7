import type { Emit } from '../model/event.ts'
import type { HostName, RevisionName, StageName } from '../model/names.ts'
import { type ExitCode, exitCodes } from '../model/outcome.ts'
import type { Problem } from '../model/problem.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import { filesOrLost } from './answered-or-lost.ts'
import { takeLocks, type Wish } from './lock.ts'
import { notLocked } from './not-ready.ts'
import { describe, outcomeOfError } from './outcome-of.ts'
import { problem } from './problem.ts'

/** Work on hosts that switches nothing: prune, discard, lock, unlock. */
export interface Maintenance {
  readonly runId: string
  readonly stage: StageName
  /** A revision that must be nobody else's meanwhile. */
  readonly revision: RevisionName | undefined
  readonly ends: ReadonlyMap<HostName, RemoteEnd>
  /** Asked when the locks were taken: why nothing may be changed on this host; undefined: it may. */
  readonly objection: (host: HostName, end: RemoteEnd) => Promise<Problem | undefined>
  /** What is done on one host; resolves with a sentence on what it did there. */
  readonly work: (host: HostName, end: RemoteEnd) => Promise<string>
  /** For work that is done on all hosts or on none: takes it back where it was done, when it failed on another. */
  readonly takeBack: ((host: HostName, end: RemoteEnd) => Promise<string>) | undefined
}

export interface MaintenanceDeps {
  readonly emit: Emit
  readonly monotonicMs: () => number
  readonly interrupted: AbortSignal
  /** How long to wait for a run that holds a lock; 0: not at all. */
  readonly waitLockMs: number
  /** For work on the files of a revision. */
  readonly fileTimeoutMs: number
}

/**
 * Takes the stage's lock on all hosts or on none, then does the work on each; every host runs to its own end.
 *
 * @returns the exit code: 0, 4 when it failed somewhere, 7 when another run holds a lock or a host objects
 */
export async function maintain(
  { runId, stage, revision, ends, objection, work, takeBack }: Maintenance,
  deps: MaintenanceDeps,
): Promise<ExitCode> {
  const { emit } = deps
  const names = [stage, ...(revision === undefined ? [] : [revision])]
  const wishes = [...ends].flatMap(([host, end]) =>
    names.map((name): Wish => ({ host, end, name, mode: 'exclusive' })),
  )
  if ((await onAll(ends, settle, deps)).size < ends.size) return exitCodes.notSwitched
  const not = notLocked(await takeLocks(wishes, { runId, ...deps }))
  if (not !== undefined) {
    for (const one of not.problems) emit({ type: 'problem', problem: one })
    return not.exit
  }
  const objections: Problem[] = []
  const ask: OnHost = async (host, end) => {
    const found = await objection(host, end)
    if (found !== undefined) objections.push(found)
    return undefined
  }
  if ((await onAll(ends, ask, deps)).size < ends.size) return exitCodes.notSwitched
  for (const one of objections) emit({ type: 'problem', problem: one })
  if (objections.some(({ code }) => code === 'frozen')) return exitCodes.locked
  if (objections.length > 0) return exitCodes.refused
  const done = await onAll(ends, work, deps)
  if (done.size === ends.size) return exitCodes.done
  if (takeBack !== undefined) await onAll(done, takeBack, deps)
  return exitCodes.notSwitched
}

const settle: OnHost = async (_host, end) => {
  await end.request('settle', {})
  return undefined
}

type Telling = Pick<MaintenanceDeps, 'emit' | 'fileTimeoutMs'>

/** Every host runs to its own end. Resolves with those on which it went well. */
async function onAll(
  ends: ReadonlyMap<HostName, RemoteEnd>,
  what: OnHost,
  deps: Telling,
): Promise<ReadonlyMap<HostName, RemoteEnd>> {
  const went = await Promise.all(
    [...ends].map(async ([host, end]) =>
      (await onHost(host, end, what, deps)) ? [[host, end] as const] : [],
    ),
  )
  return new Map(went.flat())
}

/** Resolves with what is to be said of it. */
type OnHost = (host: HostName, end: RemoteEnd) => Promise<string | undefined>

/** Did it go well? What went wrong is told, and hides nothing of the other hosts. */
async function onHost(
  host: HostName,
  end: RemoteEnd,
  what: OnHost,
  { emit, fileTimeoutMs }: Telling,
): Promise<boolean> {
  try {
    const message = await filesOrLost(
      fileTimeoutMs,
      { end, plan: { host } },
      'the work on files',
      what(host, end),
    )
    if (message !== undefined) emit({ type: 'notice', host, message })
    return true
  } catch (error) {
    emit({ type: 'problem', problem: problem('host', host, describe(outcomeOfError(error))) })
    return false
  }
}
