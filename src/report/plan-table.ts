import { type PhaseName, phaseNames } from '../model/names.ts'
import type { HostPlan, Plan, PlannedPhase } from '../model/plan.ts'
import { printable } from '../shell/printable.ts'
import { counted, listed } from './cut.ts'
import { formatLimit } from './duration.ts'
import { grouped } from './grouped.ts'
import { headline } from './headline.ts'
import { type Paint, withoutColour } from './paint.ts'
import { stepLines, taskLines } from './plan-step-lines.ts'
import { finishedLines, shownWebhook } from './plan-webhooks.ts'
import { problemLines } from './problems.ts'
import { shownPlan } from './shown-plan.ts'
import { cell, tableLines } from './text-table.ts'
import { toWire, type Wire } from './wire.ts'

const INDENT = '  '
/** Host columns of a plan are never cut: a plan is read, and compared, in full. */
const UNCUT = Number.MAX_SAFE_INTEGER

/** A plan for people: what every host is and becomes, and every step of every phase, as it will be run. */
export function formatPlan(plan: Plan, paint: Paint = withoutColour): string {
  const sections = [
    titleLines(plan, paint),
    hostLines(plan, paint),
    problemLines(plan.warnings, paint),
    ...plan.hosts.map(host => putBackLines(host, paint)),
    ...phaseSections(plan, paint),
    failedLines(plan, paint),
    finishedLines(plan, paint),
  ]
  return sections
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')
}

/** A plan for programs: as it is, Maps as objects, `undefined` as `null`, functions opaque. See `docs/events.md`. */
export const planAsJson = (plan: Plan): Wire =>
  shownPlan(toWire({ ...plan, finished: plan.finished.map(shownWebhook) }, { functions: 'opaque' }))

function titleLines(plan: Plan, paint: Paint): readonly string[] {
  const { revision, sdist, leftOut } = plan
  return [
    paint('bold', headline({ ...plan, revision: revision.name, hosts: plan.hosts.length })),
    ...(sdist === undefined ? [] : [`sdist ${printable(sdist.path)}, ${formatBytes(sdist.bytes)}`]),
    ...(revision.sha256 === '' ? [] : [`sha256 ${revision.sha256}`]),
    ...recoverLines(plan),
    ...policyLines(plan),
    ...(leftOut.length === 0 ? [] : [`left out: ${leftOut.join(', ')}`]),
  ]
}

/** Why the stage takes the revision. */
function policyLines({ policy, stage }: Plan): readonly string[] {
  if (policy === undefined) return []
  const { scheme, version, channel, accepts, exception, after } = policy
  const as = scheme === 'semver' ? `version ${version}, ` : ''
  const lines = [`${as}channel ${channel}`]
  if (exception !== undefined)
    lines.push(`let in, as ${stage} accepts ${accepts.join(', ')} only: ${printable(exception.reason)}`)
  if (after !== undefined) lines.push(`after ${after.stage}: was live there on ${after.hosts.join(', ')}`)
  return lines
}

function recoverLines({ recovers }: Plan): readonly string[] {
  if (recovers === undefined) return []
  const goal = recovers.way === 'back' ? 'every host to where it came from' : 'all hosts to where it went'
  return [`mends the switch ${recovers.id}, ${recovers.way}: ${goal}`]
}

function hostLines(plan: Plan, paint: Paint): readonly string[] {
  const switches = takingPart(plan, 'switch')
  const rows = plan.hosts.map(host => [
    cell(host.host),
    cell(host.live ?? 'none'),
    cell(switches.has(host.host) ? printable(host.to ?? 'no link') : 'unchanged'),
    cell(
      plan.recovers === undefined ? (host.stands ? 'stands verified' : 'is built') : mendingText(plan, host),
    ),
    cell(printable(host.root)),
  ])
  const about = plan.recovers === undefined ? plan.revision.name : 'how'
  const header = ['host', 'live', 'becomes', about, 'root']
  return tableLines(header, rows, { columns: UNCUT, indent: '', paint })
}

/** What a recovery does on a host. */
function mendingText(plan: Plan, { host, closes }: HostPlan): string {
  if (takingPart(plan, 'switch').has(host)) return 'is switched'
  const close = closes === undefined ? '' : `, closed as ${closes === 'kept' ? 'kept' : 'put back'}`
  return takingPart(plan, 'activate').has(host) ? `is activated${close}` : `stays${close}`
}

function putBackLines({ host, root, live, putBackFirst }: HostPlan, paint: Paint): readonly string[] {
  const { switches, undoes } = putBackFirst
  if (switches.length === 0 && undoes === undefined) return []
  const home = `${root}/${live ?? ''}`
  const open = switches.length === 0 ? [] : [`put back ${listed(switches)}, which was never kept`]
  const due = undoes === undefined ? [] : [`undo ${listed(undoes.steps)} of ${undoes.id}, which was put back`]
  return [
    paint('bold', `first, on ${host}: ${[...open, ...due].join('; ')}`),
    ...putBackFirst.tasks.flatMap(task => taskLines(task, home)).map(line => INDENT + line),
  ]
}

/** A section for each phase; those in a row in which nothing is done for one reason share a line. */
function phaseSections(plan: Plan, paint: Paint): readonly (readonly string[])[] {
  const phases = phaseNames.map(name => ({ name, idle: idleText(plan, name) }))
  return phases.flatMap(({ name, idle }, index) => {
    if (idle === undefined) return [phaseLines(plan, name, paint)]
    if (phases[index - 1]?.idle === idle) return []
    const end = phases.findIndex((other, later) => later > index && other.idle !== idle)
    const names = phases.slice(index, end === -1 ? undefined : end).map(phase => phase.name)
    return [[`${paint('bold', names.join(', '))}  ${paint('dim', idle)}`]]
  })
}

/** Why nothing is done in a phase; undefined where something is. */
function idleText(plan: Plan, name: PhaseName): string | undefined {
  const phase = plan.phases.find(candidate => candidate.name === name)
  if (phase === undefined) return `skipped: ${skippedText(plan, name)}`
  const busy = plan.hosts.some(host => hostStepLines(plan, phase, host, withoutColour).length > 0)
  return busy ? undefined : 'nothing to do'
}

function phaseLines(plan: Plan, name: PhaseName, paint: Paint): readonly string[] {
  const phase = plan.phases.find(candidate => candidate.name === name)
  if (phase === undefined) return []
  const bodies = grouped(
    plan.hosts.filter(host => phase.hosts.has(host.host)),
    host => hostStepLines(plan, phase, host, paint).join('\n'),
  )
  const absent = plan.hosts.filter(host => !phase.hosts.has(host.host)).map(host => host.host)
  const { size } = phase.hosts
  const width = phase.parallel === undefined || phase.parallel >= size ? '' : `, ${phase.parallel} at once`
  return [
    `${paint('bold', name)}  ${paint('dim', counted(size, 'host') + width)}`,
    ...batchLines(phase),
    ...[...bodies].flatMap(([body, hosts]) => groupLines(hosts, body, plan)),
    ...(absent.length === 0 ? [] : [`${INDENT}not on ${absent.join(', ')}: ${absentText(plan, name)}`]),
  ]
}

/** Which hosts are worked on together, in order. */
function batchLines({ batches }: PlannedPhase): readonly string[] {
  if (batches === undefined) return []
  const pause = batches.pauseMs === 0 ? '' : ` (${formatLimit(batches.pauseMs)} between)`
  return [`${INDENT}in batches${pause}: ${batches.hosts.map(hosts => hosts.join(', ')).join(', then ')}`]
}

/** What some hosts have in common, under their names. */
function groupLines(hosts: readonly HostPlan[], body: string, plan: Plan): readonly string[] {
  const all = hosts.length === plan.hosts.length && hosts.length > 1
  return [
    `${INDENT}${all ? 'all hosts' : hosts.map(host => host.host).join(', ')}`,
    ...(body === '' ? [] : body.split('\n').map(line => INDENT.repeat(2) + line)),
  ]
}

function hostStepLines(plan: Plan, phase: PlannedPhase, host: HostPlan, paint: Paint): readonly string[] {
  const steps = phase.hosts.get(host.host)
  if (steps === undefined) return []
  const home = homeOf(host)
  const lines = (some: typeof steps.before) => some.flatMap(step => stepLines(step, home, paint))
  return [
    ...lines(steps.before),
    ...ownWork(plan, phase.name, host),
    ...lines(steps.inside),
    ...lines(steps.after),
  ]
}

/** What a phase does by itself, between `before` and what recipes and hooks put inside. */
function ownWork(plan: Plan, phase: PhaseName, host: HostPlan): readonly string[] {
  switch (phase) {
    case 'lock':
      return [
        `take the lock of ${plan.stage}`,
        ...host.makes.map(path => `make {root}/shared/${printable(path)}`),
      ]
    case 'upload':
      return ['receive the sdist and check its sha256']
    case 'build':
      return [`unpack into {root}/${host.wanted}`]
    case 'seal':
      return [
        ...plan.shared.map(path => `link ${printable(path)} to {root}/shared/${printable(path)}`),
        'write the verdict and make the revision read-only',
      ]
    case 'switch':
      return [`${plan.stage}: ${printable(host.from ?? 'no link')} → ${printable(host.to ?? 'no link')}`]
    case 'prune':
      return [pruneText(host)]
    case 'verify':
    case 'activate':
    case 'health':
      return []
  }
}

function pruneText({ prune, pruneLater }: HostPlan): string {
  if (prune.length === 0) return 'nothing to remove'
  const later = pruneLater === 0 ? '' : `; later runs remove ${pruneLater} more`
  return `remove ${prune.join(', ')}${later}`
}

function skippedText(plan: Plan, phase: PhaseName): string {
  if (plan.recovers !== undefined) return `a recovery ${isBuilding(phase) ? 'builds' : 'removes'} nothing`
  if (isBuilding(phase)) return `${plan.revision.name} stands verified on every host`
  return plan.intent === 'prepare'
    ? 'prepare switches nothing'
    : `${plan.revision.name} is live on every host`
}

function absentText(plan: Plan, phase: PhaseName): string {
  if (plan.recovers !== undefined) return 'as it should be already'
  return isBuilding(phase)
    ? `${plan.revision.name} stands verified there`
    : `${plan.revision.name} is live there`
}

function isBuilding(phase: PhaseName): boolean {
  return phaseNames.indexOf(phase) < phaseNames.indexOf('switch')
}

function failedLines(plan: Plan, paint: Paint): readonly string[] {
  const hosts = plan.hosts.filter(host => (plan.failed.get(host.host) ?? []).length > 0)
  const bodies = grouped(hosts, host =>
    (plan.failed.get(host.host) ?? []).flatMap(step => stepLines(step, homeOf(host), paint)).join('\n'),
  )
  if (bodies.size === 0) return []
  return [
    `${paint('bold', 'failed')}  ${paint('dim', 'only if the run fails')}`,
    ...[...bodies].flatMap(([body, group]) => groupLines(group, body, plan)),
  ]
}

/** What paths of a host's steps are shown relative to. */
const homeOf = ({ root, wanted }: HostPlan): string => (wanted === undefined ? root : `${root}/${wanted}`)

function takingPart(plan: Plan, phase: PhaseName): ReadonlySet<string> {
  return new Set(plan.phases.find(candidate => candidate.name === phase)?.hosts.keys() ?? [])
}

function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} KiB`
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`
}
