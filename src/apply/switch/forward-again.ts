import { type Outcome, ok, unknown } from '../../model/outcome.ts'
import type { PlannedStep } from '../../model/plan.ts'
import { outcomeOfError } from '../outcome-of.ts'
import type { HostRun, Run } from '../run.ts'
import { runSteps } from '../run-step.ts'
import { within } from '../within.ts'
import { findOut, RECONNECT_LIMIT_MS } from './reconnect.ts'
import { armBody, liveIn } from './switch-messages.ts'

const MESSAGE_LIMIT_MS = 10_000

/**
 * After the first `keep` the way is only forward: a host that has put itself back is armed, fired, activated and kept once
 * more, again on new connections if it is lost meanwhile, until its time is up.
 */
export async function forwardAgain(run: Run, host: HostRun, hosts: readonly HostRun[]): Promise<Outcome> {
  const deadlineMs = run.deps.monotonicMs() + RECONNECT_LIMIT_MS
  let last: Outcome = unknown('its time was up')
  while (run.deps.monotonicMs() < deadlineMs && !run.deps.abandoned.aborted) {
    try {
      last = await onceMore(run, host, hosts)
      if (last.kind === 'ok') return ok
    } catch (error) {
      last = outcomeOfError(error)
    }
    const found = await findOut(run, host)
    if (found?.record === 'kept' && found.link === 'new') return ok
    if (found === undefined || !found.locked || found.link === 'other') break
  }
  return last
}

async function onceMore(run: Run, host: HostRun, hosts: readonly HostRun[]): Promise<Outcome> {
  const { plan, deps } = run
  const id = plan.run.id
  const { end } = host
  await end.request('lock', { name: plan.revision.name, mode: 'shared' })
  const { links } = await end.request('read-back', { stages: [plan.stage] })
  const link = links[plan.stage]
  if (link?.text === plan.revision.name) {
    // It was fired and its remote end died without putting back: start from where it was before.
    await within(MESSAGE_LIMIT_MS, 'put back', end.request('put-back', { id }))
    await end.request('put-back-done', { id, undo: [] })
  }
  await within(MESSAGE_LIMIT_MS, 'arm', end.request('arm', armBody(run, host, hosts)))
  const fired = await within(MESSAGE_LIMIT_MS, 'fire', end.request('fire', { id, delayUs: 0 }))
  if (liveIn(fired.link) !== plan.revision.name)
    return unknown(`its link names ${fired.link.text ?? 'nothing'}`)
  const steps = await runSteps(run, host, stepsToKeep(run, host), deps.abandoned, false)
  if (steps.kind !== 'ok') return steps
  const kept = await within(MESSAGE_LIMIT_MS, 'keep', end.request('keep', { id }))
  deps.emit({ type: 'kept', host: host.plan.host, live: liveIn(kept.link) })
  return ok
}

function stepsToKeep(run: Run, host: HostRun): readonly PlannedStep[] {
  return run.plan.phases.flatMap(phase => {
    const steps = phase.hosts.get(host.plan.host)
    if (steps === undefined) return []
    if (phase.name === 'switch') return steps.after
    const activates = phase.name === 'activate' || phase.name === 'health'
    return activates ? [...steps.before, ...steps.inside, ...steps.after] : []
  })
}
