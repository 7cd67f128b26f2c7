import type { HostName, PhaseName } from '../model/names.ts'
import type { HostSteps, Plan, PlannedPhase } from '../model/plan.ts'
import type { HostRun, Run } from './run.ts'

const noSteps: HostSteps = { before: [], inside: [], after: [] }

/** The steps of this phase on this host. */
export const stepsOn = (phase: PlannedPhase, host: HostRun): HostSteps =>
  phase.hosts.get(host.plan.host) ?? noSteps

export const phaseNamed = (plan: Plan, name: PhaseName): PlannedPhase | undefined =>
  plan.phases.find(phase => phase.name === name)

/** Says that a phase begins. What it returns says that it is over, once. */
export function tellPhase(run: Run, phase: PhaseName, hosts: readonly HostName[]): () => void {
  const { emit, monotonicMs } = run.deps
  const startedMs = monotonicMs()
  let told = false
  emit({ type: 'phase-started', phase, hosts })
  return () => {
    if (told) return
    told = true
    emit({ type: 'phase-finished', phase, durationMs: Math.round(monotonicMs() - startedMs) })
  }
}
