import type { PlannedStep } from '../../model/plan.ts'
import type { HostRun, Run } from '../run.ts'
import { undoSpecs } from './switch-messages.ts'

/** A host has to know how to undo steps of `before:switch` before the first is started: from then on its runner may die. */
export async function loadUndo(run: Run, host: HostRun, steps: readonly PlannedStep[]): Promise<void> {
  const { plan, limits } = run
  const undo = undoSpecs(run, steps)
  if (undo.length === 0) return
  const options = { limitMs: limits.armMs, what: 'load undo', keepsConnection: true }
  await host.end.request('load-undo', { id: plan.run.id, stage: plan.stage, undo }, options)
}
