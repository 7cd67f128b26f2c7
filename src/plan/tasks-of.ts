import type { HostName } from '../model/names.ts'
import type { HostPlan, PlannedPhase, PlannedStep, Task } from '../model/plan.ts'

/** Everything of a plan that runs, or may. */
export interface Laid {
  readonly phases: readonly PlannedPhase[]
  readonly failed: ReadonlyMap<HostName, readonly PlannedStep[]>
}

/** Every task of one host, undo, failure and what open switches need included. */
export function tasksOf(
  host: Pick<HostPlan, 'host' | 'putBackFirst'>,
  { phases, failed }: Laid,
): readonly Task[] {
  const steps = phases.flatMap(phase => {
    const own = phase.hosts.get(host.host)
    return own === undefined ? [] : [...own.before, ...own.inside, ...own.after]
  })
  return [
    ...[...steps, ...(failed.get(host.host) ?? [])].flatMap(step =>
      step.undo === undefined ? [step] : [step, step.undo],
    ),
    ...host.putBackFirst.tasks,
  ]
}
