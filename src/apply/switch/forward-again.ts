import { failed, type Outcome, ok, unknown } from '../../model/outcome.ts'
import type { PlannedStep } from '../../model/plan.ts'
import { describe, outcomeOfError } from '../outcome-of.ts'
import type { HostRun, Run } from '../run.ts'
import { runSteps } from '../run-step.ts'
import { AT_ONCE } from './fire-times.ts'
import { loadUndo } from './load-undo.ts'
import { putBackHost } from './put-back-host.ts'
import { readLink } from './read-link.ts'
import { findOut } from './reconnect.ts'
import { armBody, liveIn, readsNew, shownLink } from './switch-messages.ts'
import { warnings } from './warnings.ts'

/**
 * After the first `keep` the way is only forward: on a host that has put itself back the steps of `before:switch` that were
 * undone are run once more, and it is armed, fired, activated and kept again. Where it is lost meanwhile that is begun again on a new connection; where it says no, or a step fails, it is put
 * back, so that what is read of it at the end is what stays.
 *
 * Nothing is begun after `deadlineMs`. What was begun before ends within the limits of its messages, 130 s together, and those
 * of its steps and their undo, each of which has its own: a health check that may take two minutes is given them.
 *
 * @returns ok, `failed` (read, and not new) or `unknown`. Never rejects
 */
export async function forwardAgain(
  run: Run,
  host: HostRun,
  hosts: readonly HostRun[],
  deadlineMs: number,
): Promise<Outcome> {
  const undone = new Set<string>()
  for (;;) {
    const outcome = await settled(() => onceMore(run, host, hosts, undone))
    if (outcome.kind === 'ok') return ok
    if (outcome.kind !== 'unknown') {
      const back = await settled(() => putBackHost(run, host))
      if (back.kind === 'ok') return failed(`it was put back again: ${describe(outcome)}`)
      if (back.kind !== 'unknown')
        return failed(`${describe(outcome)}; and to put it back again failed: ${describe(back)}`)
    }
    const found = await findOut(run, host, deadlineMs)
    if (found === undefined) return unknown(describe(outcome))
    if (found.record === 'kept' && found.link === 'new') return ok
    if (!found.locked || found.link === 'other' || outcome.kind !== 'unknown')
      return failed(describe(outcome))
  }
}

async function settled(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work()
  } catch (error) {
    return outcomeOfError(error)
  }
}

/** @param undone ids of steps that were undone and not run again since; kept from one attempt to the next */
async function onceMore(
  run: Run,
  host: HostRun,
  hosts: readonly HostRun[],
  undone: Set<string>,
): Promise<Outcome> {
  const { plan, deps, limits } = run
  const { id } = plan.run
  const within = (limitMs: number) => ({ ...warnings(run, host), limitMs, keepsConnection: true })
  const { wanted } = host.plan
  if (wanted !== undefined) {
    const body = { name: wanted, mode: 'shared' } as const
    const { granted } = await host.end.request('lock', body, within(limits.readBackMs))
    if (!granted) return failed(`${wanted} is locked by another run`)
  }
  // Fired, and its remote end died without putting back; or put back without its undo: begin where it was before.
  const link = await readLink(run, host)
  if (readsNew(link, host) || host.started.length > 0) await putBackHost(run, host)
  for (const { of } of host.undone) undone.add(of)
  host.undone.length = 0
  const prepared = await prepareAgain(run, host, undone)
  if (prepared.kind !== 'ok') return prepared
  await host.end.request('arm', armBody(run, host, hosts), within(limits.armMs))
  const fired = await host.end.request('fire', { id, ...AT_ONCE }, within(limits.fireMs))
  host.live = liveIn(fired.link)
  if (!readsNew(fired.link, host)) return failed(`after the switch the link ${shownLink(fired.link)}`)
  const steps = await runSteps(run, host, stepsToKeep(run, host), { signal: deps.abandoned })
  if (steps.kind !== 'ok') return steps
  const kept = await host.end.request('keep', { id }, within(limits.keepMs))
  host.unrecorded = kept.unrecorded ?? undefined
  return ok
}

/** What `before:switch` had prepared, where that was undone: a step without an undo still stands. */
async function prepareAgain(run: Run, host: HostRun, undone: Set<string>): Promise<Outcome> {
  const before = run.plan.phases.flatMap(({ name, hosts }) =>
    name === 'switch' ? (hosts.get(host.plan.host)?.before ?? []) : [],
  )
  const steps = before.filter(({ id }) => undone.has(id))
  await loadUndo(run, host, steps)
  const outcome = await runSteps(run, host, steps, { signal: run.deps.abandoned })
  if (outcome.kind === 'ok') undone.clear()
  return outcome
}

/** What stands between the rename and the decision. */
function stepsToKeep({ plan }: Run, host: HostRun): readonly PlannedStep[] {
  return plan.phases.flatMap(phase => {
    const steps = phase.hosts.get(host.plan.host)
    if (steps === undefined) return []
    if (phase.name === 'switch') return steps.after
    const makesLive = phase.name === 'activate' || phase.name === 'health'
    return makesLive ? [...steps.before, ...steps.inside, ...steps.after] : []
  })
}
