import type { HostName, PhaseName, Slot } from '../model/names.ts'
import type { HostSteps, PlannedPhase, PlannedStep } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { Target } from '../model/target.ts'
import { onceProblems } from './once-problems.ts'
import { planSlot } from './plan-steps.ts'
import type { Mending } from './recovery-steps.ts'
import type { StepHost } from './step-host.ts'

interface RecoveryPhases {
  readonly phases: readonly PlannedPhase[]
  readonly failed: ReadonlyMap<HostName, readonly PlannedStep[]>
  readonly problems: readonly Problem[]
}

/**
 * What makes processes use what is live, and looks whether it serves. `before:switch` was run by the switch that split: it is
 * not run again, but for what was undone of it.
 */
const slots: readonly Slot[] = [
  'after:switch',
  'before:activate',
  'activate',
  'after:activate',
  'before:health',
  'health',
  'after:health',
]

/** Lays a recovery out in phases: nothing is built, and nothing pruned. */
export function recoveryPhases(target: Target, mending: readonly Mending[]): RecoveryPhases {
  const busy = mending.filter(({ part }) => part !== 'left')
  const hosts = busy.flatMap(({ steps }) => (steps === undefined ? [] : [steps]))
  const steps = (slot: Slot) => (one: Mending) => stepsOf(one, slot, hosts)
  const phase = (
    name: PhaseName,
    some: readonly Mending[],
    of: (one: Mending) => HostSteps,
  ): PlannedPhase => ({
    name,
    hosts: new Map(some.map(one => [one.host, of(one)])),
    parallel: undefined,
  })
  const afterSwitch = steps('after:switch')
  const activate = around('activate', hosts)
  const switched = busy.filter(({ part }) => part === 'switched')
  const phases = [
    phase('lock', mending, () => noSteps),
    phase('switch', switched, one => ({ ...noSteps, before: undoneSteps(one), after: afterSwitch(one) })),
    phase('activate', busy, one => {
      const { before, ...rest } = activate(one)
      // It is not switched, so what comes after a switch has no other place on this host.
      return one.part === 'activated'
        ? { before: [...afterSwitch(one), ...before], ...rest }
        : { before, ...rest }
    }),
    phase('health', busy, around('health', hosts)),
  ]
  const names = hosts.map(({ name }) => name)
  const all = mending.flatMap(({ steps: host }) => (host === undefined ? [] : [host]))
  return {
    phases,
    failed: new Map(all.map(host => [host.name, planSlot(host, 'failed', all)])),
    problems: slots.flatMap(slot => onceProblems(target, slot, hosts, names)),
  }
}

const noSteps: HostSteps = { before: [], inside: [], after: [] }

/**
 * Steps of `before:switch` that this host undid when it put itself back. By their ids: what its journal has is no more than
 * that. A step that runs once is run again where it was undone.
 */
const undoneSteps = ({ steps, undone }: Mending): readonly PlannedStep[] =>
  steps === undefined ? [] : planSlot(steps, 'before:switch', [steps]).filter(({ id }) => undone.includes(id))

const around =
  (name: 'activate' | 'health', hosts: readonly StepHost[]) =>
  (one: Mending): HostSteps => ({
    before: stepsOf(one, `before:${name}`, hosts),
    inside: stepsOf(one, name, hosts),
    after: stepsOf(one, `after:${name}`, hosts),
  })

/** A host that is not switched has nothing to be put back to: its steps are not undone. */
function stepsOf({ steps, part }: Mending, slot: Slot, hosts: readonly StepHost[]): readonly PlannedStep[] {
  if (steps === undefined) return []
  const planned = planSlot(steps, slot, hosts)
  return part === 'activated' ? planned.map(step => ({ ...step, undo: undefined })) : planned
}
