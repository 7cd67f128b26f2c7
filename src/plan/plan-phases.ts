import type { HostName, Intent, PhaseName, Slot } from '../model/names.ts'
import type { HostPlan, HostSteps, PlannedPhase, PlannedStep } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { Target } from '../model/target.ts'
import { onceWithoutHost, planSlot, type StepHost } from './plan-steps.ts'
import { refusal } from './problems.ts'

interface PlannedPhases {
  readonly phases: readonly PlannedPhase[]
  readonly failed: ReadonlyMap<HostName, readonly PlannedStep[]>
  readonly problems: readonly Problem[]
}

/** Phases whose width `parallel` bounds; all others go to all hosts at once. */
const bounded: readonly PhaseName[] = ['upload', 'build', 'verify']

/**
 * Lays the steps out in phases. A host takes part in the build phases if the revision does not stand there, and in
 * the phases from `switch` on if the revision is not live there. No phase at all: there is nothing to do.
 */
export function planPhases(
  target: Target,
  plans: readonly HostPlan[],
  hosts: readonly StepHost[],
  intent: Intent,
): PlannedPhases {
  const name = (host: HostPlan) => host.host
  const builds = plans.filter(plan => !plan.stands).map(name)
  const switches = intent === 'prepare' ? [] : plans.filter(plan => plan.live !== plan.wanted).map(name)
  const due = plans.some(plan => plan.putBackFirst.switches.length > 0)
  if (builds.length === 0 && switches.length === 0 && !due)
    return { phases: [], failed: new Map(), problems: [] }

  const lay = (phase: PhaseName, takingPart: readonly HostName[]): PlannedPhase => ({
    name: phase,
    hosts: stepsOf(phase, hosts, takingPart),
    parallel: bounded.includes(phase) ? target.parallel : undefined,
  })
  const everyone = plans.map(name)
  const building: readonly PhaseName[] = ['upload', 'build', 'verify', 'seal']
  const switching: readonly PhaseName[] = ['switch', 'activate', 'health', 'prune']
  const phases = [
    lay('lock', everyone),
    ...(builds.length > 0 ? building.map(phase => lay(phase, builds)) : []),
    ...(switches.length > 0 ? switching.map(phase => lay(phase, switches)) : []),
  ]
  const problems = [
    ...building.flatMap(phase => onceProblems(target, phase, hosts, builds)),
    ...switching.flatMap(phase => onceProblems(target, phase, hosts, switches)),
  ]
  const failed = new Map(hosts.map(host => [host.name, planSlot(host, 'failed', hosts)]))
  return { phases, failed, problems }
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
    takingPart.map(name => {
      const host = among.find(candidate => candidate.name === name)
      if (host === undefined) return [name, { before: [], inside: [], after: [] }]
      return [name, { before: steps(host, before), inside: steps(host, inside), after: steps(host, after) }]
    }),
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

function onceProblems(
  target: Target,
  phase: PhaseName,
  hosts: readonly StepHost[],
  takingPart: readonly HostName[],
): readonly Problem[] {
  const among = hosts.filter(host => takingPart.includes(host.name))
  if (among.length === 0) return []
  const slots = Object.values(slotsOf(phase)).filter((slot): slot is Slot => slot !== undefined)
  return slots.flatMap(slot =>
    onceWithoutHost(slot, among).map(label => {
      const message = `a step of ${slot} runs once, on a host with the label "${label}", and none of ${takingPart.join(', ')} has it`
      return refusal(
        'once-without-host',
        target.stage,
        message,
        `give a host of ${target.stage} that label, or select one that has it`,
      )
    }),
  )
}
