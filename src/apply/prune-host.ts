import { ok } from '../model/outcome.ts'
import type { PlannedPhase } from '../model/plan.ts'
import { fileWork } from './limits.ts'
import type { HostWork } from './on-every-host.ts'
import { describe, outcomeOfError } from './outcome-of.ts'
import { stepsOn } from './phase.ts'
import type { HostRun, Run } from './run.ts'
import { runSteps } from './run-step.ts'

/**
 * Removes what retention no longer covers. The run is kept by now: nothing here can fail it, everything that does not
 * work is a warning. Where `before:prune` says no, nothing is removed.
 */
export function pruneWork(run: Run, phase: PlannedPhase): HostWork {
  return async (host, signal) => {
    const { before, inside, after } = stepsOn(phase, host)
    const tell = (message: string) => run.deps.emit({ type: 'notice', host: host.plan.host, message })
    try {
      const ready = await runSteps(run, host, before, { signal })
      if (ready.kind === 'ok') await prune(run, host, tell)
      else tell(`nothing was pruned: before:prune: ${describe(ready)}`)
      const rest = await runSteps(run, host, [...inside, ...after], { signal })
      if (rest.kind !== 'ok') tell(`prune: ${describe(rest)}`)
    } catch (error) {
      tell(`prune: ${describe(outcomeOfError(error))}`)
    }
    return ok
  }
}

async function prune(run: Run, host: HostRun, tell: (message: string) => void): Promise<void> {
  const { prune: planned, pruneInstead, pruneLater } = host.plan
  const { stage } = run.plan
  const body = { stage, revisions: [...planned, ...pruneInstead], atMost: planned.length }
  const { removed, kept, swept } = await host.end.request('prune', body, fileWork(run.limits))
  if (removed.length > 0) tell(`pruned ${removed.join(', ')}`)
  for (const { name, why } of kept) tell(`not pruned: ${name}, ${why}`)
  const later = planned.length + pruneLater - removed.length - kept.length
  if (later > 0) tell(`later runs remove ${later} more; \`deploy prune ${stage}\` removes them now`)
  for (const { name, why } of swept.kept) tell(`not swept: ${name}, ${why}`)
  if (swept.left > 0)
    tell(
      `of ${swept.removed + swept.left} leftovers of dead runs this run removed ${swept.removed}, and later runs ` +
        `remove the rest; \`deploy prune ${stage}\` removes them now`,
    )
}
