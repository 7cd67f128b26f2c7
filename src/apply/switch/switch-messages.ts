import type { RevisionName } from '../../model/names.ts'
import type { PlannedPhase, PlannedStep } from '../../model/plan.ts'
import type { Answer, Body } from '../../remote/messages.ts'
import type { HostRun, Run } from '../run.ts'
import { probeSpec, runSpec } from '../run-step.ts'

type LinkReport = Answer<'fire'>['link']

/** The phases between the first rename and the decision. */
const revertible = ['switch', 'activate', 'health']

/** Everything that a host needs to act without its runner: what to switch, what from, and how to undo what was started. */
export function armBody(run: Run, host: HostRun, hosts: readonly HostRun[]): Body<'arm'> {
  const { plan } = run
  if (plan.switchKind === undefined) throw new Error('a plan that switches nothing was armed')
  return {
    id: plan.run.id,
    kind: plan.switchKind,
    stage: plan.stage,
    from: host.plan.from ?? null,
    to: plan.revision.name,
    hosts: hosts.map(({ plan: { host: name } }) => name),
    except: [...plan.leftOut],
    atMs: plan.run.atMs,
    undo: undoable(plan.phases, host).flatMap(step => undoSpec(run, step)),
  }
}

function undoable(phases: readonly PlannedPhase[], host: HostRun): readonly PlannedStep[] {
  return phases
    .filter(phase => revertible.includes(phase.name))
    .flatMap(phase => {
      const steps = phase.hosts.get(host.plan.host)
      return steps === undefined ? [] : [...steps.before, ...steps.inside, ...steps.after]
    })
}

/** A local step cannot be undone by a host whose runner is gone; the runner undoes it while it lives. */
function undoSpec(run: Run, step: PlannedStep): Body<'arm'>['undo'] {
  const { undo } = step
  if (undo === undefined) return []
  const { action } = undo
  const name = undoName(step.id)
  switch (action.kind) {
    case 'local':
      return []
    case 'exec':
      return [{ of: step.id, run: runSpec(undo, action.argv, name, null, run.deps.secrets), probe: null }]
    case 'http-probe':
      return [{ of: step.id, run: null, probe: probeSpec(undo, action, name) }]
  }
}

export const undoName = (step: string): string => `undo ${step}`

/** Does the link read as it did before the switch? */
export function readsOld(link: LinkReport, host: HostRun): boolean {
  return host.plan.from === undefined ? link.kind === 'absent' : link.text === host.plan.from
}

/** What a read-back names as live. */
export const liveIn = (link: LinkReport): RevisionName | undefined =>
  link.kind === 'link' ? (link.revision ?? undefined) : undefined
