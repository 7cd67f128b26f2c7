import { neutralSlots, type Slot, type StageSlot, slotNames } from '../model/names.ts'
import type { StageStepsBySlot, StepsBySlot } from '../model/recipe.ts'
import type { Step } from '../model/step.ts'
import { suggestion } from './closest.ts'
import type { Place } from './place.ts'
import { checkShares } from './read-share.ts'
import { readStep } from './read-step.ts'
import { readEntries, readList } from './readers.ts'

/** The steps of one slot from outside. */
export function readSteps(value: unknown, place: Place, slot: Slot | undefined): readonly Step[] {
  const steps = readList(value, place, 'a list of steps', readStep)
  if (slot !== undefined) checkShares(steps, slot, place)
  return steps
}

/** Steps by slot from outside. A name that is no slot is said with the slot that was probably meant. */
export function readStepsBySlot(value: unknown, place: Place): StepsBySlot {
  const bySlot: Partial<Record<Slot, readonly Step[]>> = {}
  for (const [name, written] of readEntries(value, place, 'lists of steps by slot')) {
    const slot = slotNames.find(known => known === name)
    const steps = readSteps(written, place.at(name), slot)
    if (slot === undefined)
      place
        .at(name)
        .wrong('unknown-slot', `there is no slot '${name}'`, suggestion(name, slotNames, 'the slots are'))
    else bySlot[slot] = steps
  }
  return bySlot
}

/** Steps that belong to a stage, by slot: up to the seal there are none, because a revision belongs to no stage. */
export function readStageSteps(value: unknown, place: Place): StageStepsBySlot {
  const bySlot = readStepsBySlot(value, place)
  const own: Partial<Record<StageSlot, readonly Step[]>> = {}
  for (const slot of slotNames) {
    const steps = bySlot[slot]
    if (steps === undefined) continue
    if (isStageSlot(slot)) own[slot] = steps
    else
      place
        .at(slot)
        .wrong(
          'stage-neutral-slot',
          `steps of '${slot}' cannot be set per stage: until the switch a revision knows no stage`,
          'set them for all stages, or use before:switch or a later slot',
        )
  }
  return own
}

const isStageSlot = (slot: Slot): slot is StageSlot => !neutralSlots.includes(slot)
