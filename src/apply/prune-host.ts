import { type Outcome, ok } from '../model/outcome.ts'
import type { PlannedPhase } from '../model/plan.ts'
import { stepsOn } from './build.ts'
import { describe, outcomeOfError } from './outcome-of.ts'
import type { HostRun, Run } from './run.ts'
import { runSteps } from './run-step.ts'

/**
 * Removes what retention no longer covers. The run is kept by now: nothing here can fail it, everything that does not
 * work is a warning.
 */
export async function pruneHost(
  run: Run,
  phase: PlannedPhase,
  host: HostRun,
  signal: AbortSignal,
): Promise<Outcome> {
  const steps = stepsOn(phase, host)
  const warn = (message: string) => run.deps.emit({ type: 'notice', host: host.plan.host, message })
  try {
    const before = await runSteps(run, host, steps.before, signal, false)
    if (before.kind !== 'ok') warn(`before:prune: ${describe(before)}`)
    const body = { stage: run.plan.stage, revisions: [...host.plan.prune] }
    const { removed, kept } = await host.end.request('prune', body)
    if (removed.length > 0) warn(`pruned ${removed.join(', ')}`)
    for (const { name, why } of kept) warn(`not pruned: ${name}, ${why}`)
    const after = await runSteps(run, host, [...steps.inside, ...steps.after], signal, false)
    if (after.kind !== 'ok') warn(`prune: ${describe(after)}`)
  } catch (error) {
    warn(`prune: ${describe(outcomeOfError(error))}`)
  }
  return ok
}
