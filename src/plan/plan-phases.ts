import type { HostName, Intent, PhaseName, Slot } from '../model/names.ts'
import type { HostPlan, HostSteps, PlannedPhase, PlannedStep } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { Target } from '../model/target.ts'
import { batchesOf } from './batches.ts'
import { builderProblems } from './builder-problems.ts'
import { onceProblems } from './once-problems.ts'
import { planSlot } from './plan-steps.ts'
import { joinSharedBuilds, type Sharing, sharedTwiceProblems } from './shared-builds.ts'
import type { StepHost } from './step-host.ts'
import { waitingProblems } from './waiting-circle.ts'

interface PlannedPhases {
  /** Empty: there is nothing to do. */
  readonly phases: readonly PlannedPhase[]
  readonly failed: ReadonlyMap<HostName, readonly PlannedStep[]>
  readonly problems: readonly Problem[]
}

/** Phases whose width `parallel` bounds; all others go to all hosts at once. */
const bounded: readonly PhaseName[] = ['upload', 'build', 'verify']
const building: readonly PhaseName[] = ['upload', 'build', 'verify', 'seal']
const switching: readonly PhaseName[] = ['switch', 'activate', 'health', 'prune']

/**
 * Lays the steps out in phases. A host takes part in the build phases if the revision does not stand there, and in
 * the phases from `switch` on if the revision is not live there.
 */
export function planPhases(
  target: Target,
  plans: readonly HostPlan[],
  hosts: readonly StepHost[],
  { intent, kept }: { readonly intent: Intent; readonly kept: Sharing['kept'] },
): PlannedPhases {
  const sharing = { labels: new Map(hosts.map(({ name, labels }) => [name, labels])), kept }
  const namesOf = (some: readonly HostPlan[]) => some.map(plan => plan.host)
  const builds = namesOf(plans.filter(plan => !plan.stands))
  const switches = intent === 'prepare' ? [] : namesOf(plans.filter(plan => plan.live !== plan.wanted))
  const mends = plans.some(
    ({ putBackFirst: { switches: open, undoes } }) => open.length > 0 || undoes !== undefined,
  )
  if (builds.length === 0 && switches.length === 0 && !mends)
    return { phases: [], failed: new Map(), problems: [] }
  const parts = [
    { names: ['lock'] as const, takingPart: namesOf(plans) },
    ...(builds.length > 0 ? [{ names: building, takingPart: builds }] : []),
    ...(switches.length > 0 ? [{ names: switching, takingPart: switches }] : []),
  ]
  const phases = parts.flatMap(({ names, takingPart }) =>
    names.map((name): PlannedPhase => {
      const steps = joinSharedBuilds(stepsOf(name, hosts, takingPart), sharing)
      return {
        name,
        hosts: steps,
        parallel: bounded.includes(name) ? target.parallel : undefined,
        batches: name === 'activate' ? batchesOf(steps, target.activate) : undefined,
      }
    }),
  )
  const problems = parts.flatMap(({ names, takingPart }) =>
    names.flatMap(slotsIn).flatMap(slot => onceProblems(target, slot, hosts, takingPart)),
  )
  const failed = new Map(hosts.map(host => [host.name, planSlot(host, 'failed', hosts)]))
  const once = [...problems, ...onceProblems(target, 'failed', hosts, namesOf(plans))]
  return { phases, failed, problems: [...once, ...sharedProblems(target, plans, phases, sharing)] }
}

/** What is wrong with what hosts build for each other. */
function sharedProblems(
  target: Target,
  plans: readonly HostPlan[],
  phases: readonly PlannedPhase[],
  sharing: Sharing,
): readonly Problem[] {
  return phases.flatMap(({ hosts }) => [
    ...sharedTwiceProblems(hosts),
    ...builderProblems(target, plans, hosts, sharing),
    ...waitingProblems(target.stage, hosts),
  ])
}

function stepsOf(
  phase: PhaseName,
  hosts: readonly StepHost[],
  takingPart: readonly HostName[],
): ReadonlyMap<HostName, HostSteps> {
  const among = hosts.filter(host => takingPart.includes(host.name))
  const { before, inside, after } = slotsOf(phase)
  const steps = (host: StepHost, slot: Slot | undefined) =>
    slot === undefined ? [] : planSlot(host, slot, among)
  return new Map(
    among.map(host => [
      host.name,
      { before: steps(host, before), inside: steps(host, inside), after: steps(host, after) },
    ]),
  )
}

interface PhaseSlots {
  readonly before: Slot | undefined
  readonly inside: Slot | undefined
  readonly after: Slot | undefined
}

/** The slots of a phase. Locking and sealing have none: what they do is nobody's to change. */
function slotsOf(phase: PhaseName): PhaseSlots {
  switch (phase) {
    case 'lock':
    case 'seal':
      return { before: undefined, inside: undefined, after: undefined }
    case 'switch':
      return { before: 'before:switch', inside: undefined, after: 'after:switch' }
    case 'upload':
    case 'build':
    case 'verify':
    case 'activate':
    case 'health':
    case 'prune':
      return { before: `before:${phase}`, inside: phase, after: `after:${phase}` }
  }
}

function slotsIn(phase: PhaseName): readonly Slot[] {
  const { before, inside, after } = slotsOf(phase)
  return [before, inside, after].filter(slot => slot !== undefined)
}
