import type { PlannedStep } from '../model/plan.ts'

/** The phases between the first thing done for a switch and the decision to keep it. */
export const revertiblePhases = ['switch', 'activate', 'health'] as const

/**
 * Is this step undone when the switch is put back? What was done up to the seal is not: a revision that stands is as
 * good after a switch that failed as before it.
 */
export function isUndoneOnPutBack(step: PlannedStep): boolean {
  const [, phase = step.slot] = step.slot.split(':')
  return step.undo !== undefined && revertiblePhases.some(name => name === phase)
}
