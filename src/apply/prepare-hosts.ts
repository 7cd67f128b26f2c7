import { frozenProblem } from '../model/frozen.ts'
import { exitCodes, type Outcome } from '../model/outcome.ts'
import type { Problem } from '../model/problem.ts'
import { RemoteRefusal } from '../remote/remote-refusal.ts'
import { fileWork } from './limits.ts'
import { type Held, locksOf, takeLocks } from './lock.ts'
import { heldProblem, type NotReady, notLocked } from './not-ready.ts'
import { describe, outcomeOfError } from './outcome-of.ts'
import { problem } from './problem.ts'
import { putOpenSwitchesBack } from './put-open-back.ts'
import { type HostRun, type Run, worsen } from './run.ts'
import { lookAgain, type SecondLook } from './stale-plan.ts'

/**
 * The lock phase: every host has its root, the locks are ours on all hosts or on none, the plan still holds, and
 * what an earlier run left open is put back.
 *
 * Root, locks and the second look are asked for in one turn, so that they cost one round trip: a host answers in that order,
 * refuses the locks of a root that is not ours, and what it says of itself is believed only where its locks were granted first.
 *
 * @returns undefined when the hosts are ready
 */
export async function prepareHosts(run: Run): Promise<NotReady | undefined> {
  const { plan, limits, deps } = run
  const giveUp = new AbortController()
  const interrupted = AbortSignal.any([deps.interrupted, giveUp.signal])
  const hosts = [...run.hosts.values()]
  for (const { end } of hosts) end.beatNow().catch(() => undefined)
  const settling = settleRoots(run)
  const locking = takeLocks(locksOf(run), { runId: plan.run.id, ...deps, interrupted, limits })
  const looks: Looks = new Map(hosts.map(host => [host, looked(lookAgain(run, host))]))
  const unsettled = await settling
  if (unsettled !== undefined) giveUp.abort()
  const locked = await locking
  if (unsettled !== undefined) return unsettled
  if (locked.kind !== 'locked') return notLocked(locked)
  return (
    (await refuseStale(run, locked.after, looks)) ??
    (await putOpenOnesBack(run)) ??
    (await makeShared(run)) ??
    (deps.interrupted.aborted ? { exit: exitCodes.interrupted, problems: [] } : undefined)
  )
}

/** What each host said in the turn in which its locks were asked for. */
type Looks = ReadonlyMap<HostRun, Promise<SecondLook>>

/** Where the locks are not granted nobody waits for it. */
function looked(look: Promise<SecondLook>): Promise<SecondLook> {
  look.catch(() => undefined)
  return look
}

async function settleRoots(run: Run): Promise<NotReady | undefined> {
  const roots: { readonly host: string; readonly id: string }[] = []
  const failed = await askAll(run, 'root', async ({ plan, end }) => {
    const { id } = await end.request('settle', {}, { limitMs: run.limits.armMs, keepsConnection: true })
    roots.push({ host: plan.host, id })
    return []
  })
  if (failed !== undefined) return failed
  const twins = roots.flatMap(({ host, id }, index) => {
    const twin = roots.slice(0, index).find(other => other.id === id)
    if (twin === undefined) return []
    const message = `has the very root of ${twin.host}: one host under two names, or a shared file system`
    return [problem('same-root', host, message, 'every root is one host: take one of the two out')]
  })
  return twins.length === 0 ? undefined : { exit: exitCodes.refused, problems: twins }
}

/** What is missing of the directories that revisions share. They outlive this run, however it ends. */
async function makeShared(run: Run): Promise<NotReady | undefined> {
  const failed = await askAll(run, 'shared', async ({ plan, end }) => {
    if (plan.makes.length === 0) return []
    const what = 'making shared directories'
    await end.request('make-shared', { directories: [...plan.makes] }, { ...fileWork(run.limits), what })
    return []
  })
  // No refusal of an untouched fleet: open switches may have been put back before, and other hosts have their directories.
  return failed && { ...failed, exit: exitCodes.notSwitched }
}

/**
 * Judges what the hosts said behind their locks, so nothing changes between these answers and the work.
 *
 * @param after who had a lock until now: then the hosts are asked again, it is that run which won, and this one may be too late
 */
async function refuseStale(run: Run, after: Held | undefined, looks: Looks): Promise<NotReady | undefined> {
  const hint = 'somebody changed it since the plan was made: look with `deploy status`, then run this again'
  const stale = await askAll(run, 'observe', async host => {
    const look = after === undefined ? looks.get(host) : undefined
    const { frozen, changed, leftover } = await (look ?? lookAgain(run, host))
    host.leftover = leftover
    if (frozen !== undefined) return [frozenProblem(host.plan.host, run.plan.stage, frozen)]
    return changed.map(text => problem('stale-plan', host.plan.host, text, hint))
  })
  if (stale?.problems.some(({ code }) => code === 'frozen') === true)
    return { ...stale, exit: exitCodes.locked }
  if (stale?.exit !== exitCodes.refused || after === undefined) return stale
  return { exit: exitCodes.locked, problems: [heldProblem(after), ...stale.problems] }
}

async function putOpenOnesBack(run: Run): Promise<NotReady | undefined> {
  const failed = await askAll(run, 'put-back', host => putOpenSwitchesBack(run, host))
  if (failed === undefined) return undefined
  // Not a refusal: what could be put back was changed.
  const isStuck = failed.problems.some(({ code }) => code === 'stuck')
  return { ...failed, exit: isStuck ? exitCodes.splitOrUnknown : exitCodes.notSwitched }
}

/** Asks all hosts at once and collects what stands against going on. A host that was lost makes it a failure, not a refusal. */
async function askAll(
  run: Run,
  code: string,
  work: (host: HostRun) => Promise<readonly Problem[]>,
): Promise<NotReady | undefined> {
  const errors: unknown[] = []
  const found = await Promise.all(
    [...run.hosts.values()].map(async host => {
      try {
        return await work(host)
      } catch (error) {
        errors.push(error)
        const outcome: Outcome = outcomeOfError(error)
        worsen(host, outcome)
        return [problem(code, host.plan.host, describe(outcome))]
      }
    }),
  )
  const problems = found.flat()
  if (problems.length === 0) return undefined
  const refused = errors.every(error => error instanceof RemoteRefusal)
  return { exit: refused ? exitCodes.refused : exitCodes.notSwitched, problems }
}
