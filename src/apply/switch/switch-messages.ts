import type { RevisionName } from '../../model/names.ts'
import type { PlannedStep } from '../../model/plan.ts'
import type { Answer, Body } from '../../remote/messages.ts'
import { isUndoneOnPutBack, revertiblePhases } from '../revertible.ts'
import type { HostRun, Run } from '../run.ts'
import { probeSpec, runSpec, writeFileSpec } from '../step-specs.ts'
import { undoName } from '../undo.ts'

export type LinkReport = Answer<'fire'>['link']

/** Everything that a host needs to act without its runner: what to switch, what from, and how to undo what was started. */
export function armBody(run: Run, host: HostRun, hosts: readonly HostRun[]): Body<'arm'> {
  const { plan } = run
  if (plan.switchKind === undefined) throw new Error('a plan that switches nothing was armed')
  return {
    id: plan.run.id,
    kind: plan.switchKind,
    stage: plan.stage,
    from: host.plan.from ?? null,
    to: host.plan.to ?? null,
    recovers: plan.recovers?.id ?? null,
    hosts: hosts.map(({ plan: { host: name } }) => name),
    except: [...plan.leftOut],
    exception: plan.policy?.exception ?? null,
    atMs: plan.run.atMs,
    undo: undoSpecs(run, revertibleSteps(run, host)),
  }
}

/** How a host undoes those of these steps that it can undo without its runner. */
export const undoSpecs = (run: Run, steps: readonly PlannedStep[]): Body<'arm'>['undo'] =>
  steps.filter(isUndoneOnPutBack).flatMap(step => undoSpec(run, step))

function revertibleSteps({ plan }: Run, host: HostRun): readonly PlannedStep[] {
  return plan.phases
    .filter(phase => revertiblePhases.some(name => name === phase.name))
    .flatMap(phase => {
      const steps = phase.hosts.get(host.plan.host)
      return steps === undefined ? [] : [...steps.before, ...steps.inside, ...steps.after]
    })
}

/** What the runner does cannot be done by a host whose runner is gone; it undoes it while it lives. */
function undoSpec({ deps }: Run, { id, undo }: PlannedStep): Body<'arm'>['undo'] {
  if (undo === undefined) return []
  const step = undoName(id)
  const options = { step, build: undefined, secrets: deps.secrets }
  const { action } = undo
  switch (action.kind) {
    case 'local':
    case 'call':
    // It leaves nothing behind that could be undone, and undoes nothing itself.
    case 'boot-probe':
    // Only a step of the build is shared or sends, and none of those is undone.
    case 'build':
    case 'take':
    case 'reuse':
    case 'send-file':
      return []
    case 'exec':
      return [{ of: id, run: runSpec(undo, action, options), probe: null }]
    case 'write-file':
      return [{ of: id, run: writeFileSpec(undo, action, options), probe: null }]
    case 'http-probe':
      return [{ of: id, run: null, probe: probeSpec(undo, action, step) }]
  }
}

/** Does the link read as it did before the switch? */
export const readsOld = (link: LinkReport, { plan: { from } }: HostRun): boolean => reads(link, from)

/** Does the link read as this run switches it? */
export const readsNew = (link: LinkReport, { plan: { to } }: HostRun): boolean => reads(link, to)

/** Is the link exactly this text, or absent where there is to be none? */
function reads(link: LinkReport, text: string | undefined): boolean {
  return text === undefined ? link.kind === 'absent' : link.kind === 'link' && link.text === text
}

/** What a read-back names as live. */
export const liveIn = (link: LinkReport): RevisionName | undefined =>
  link.kind === 'link' ? (link.revision ?? undefined) : undefined

/** Of a link that is at neither end of the switch, or not at the end that its host has recorded. */
export const movedText = (link: LinkReport): string =>
  `the link was moved by somebody else: it ${shownLink(link)} and is left alone`

/** What a link is, as a part of a sentence. */
export function shownLink(link: LinkReport): string {
  switch (link.kind) {
    case 'link':
      return `names ${link.text ?? 'nothing'}`
    case 'absent':
      return 'is not there'
    case 'directory':
      return 'is a directory'
    case 'other':
      return 'is no link'
  }
}
