import { type Slot, slotNames } from '../model/names.ts'
import type { StepsBySlot } from '../model/recipe.ts'
import type { Step } from '../model/step.ts'
import { suggestion } from './closest.ts'
import type { Place } from './place.ts'
import { readStep } from './read-step.ts'
import { readEntries, readList } from './readers.ts'

/** A list of steps from outside. */
export function readSteps(value: unknown, place: Place): readonly Step[] {
  return readList(value, place, 'a list of steps', readStep)
}

/** Steps by slot from outside. A name that is no slot is said with the slot that was probably meant. */
export function readStepsBySlot(value: unknown, place: Place): StepsBySlot {
  const bySlot: Partial<Record<Slot, readonly Step[]>> = {}
  for (const [name, written] of readEntries(value, place, 'lists of steps by slot')) {
    const slot = slotNames.find(known => known === name)
    const steps = readSteps(written, place.at(name))
    if (slot === undefined)
      place
        .at(name)
        .wrong('unknown-slot', `there is no slot '${name}'`, suggestion(name, slotNames, 'the slots are'))
    else bySlot[slot] = steps
  }
  return bySlot
}
