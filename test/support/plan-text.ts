import { builtBy } from '../../src/model/builder.ts'
import type { HostName, PhaseName } from '../../src/model/names.ts'
import type { Plan, PlannedStep, Task } from '../../src/model/plan.ts'
import type { Problem } from '../../src/model/problem.ts'
import type { Planned } from '../../src/plan/plan-run.ts'

/** What planning came to: the plan, the reason why there is none, or the problems. */
export function plannedText(planned: Planned): string {
  switch (planned.kind) {
    case 'plan':
      return planText(planned.plan)
    case 'nothing':
      return [planned.reason, ...planned.warnings.map(problemText)].join('\n')
    case 'refused':
      return problemsText(planned.problems)
  }
}

/** Everything that a plan decides, one thing a line; how users see it is the business of `src/report`. */
function planText(plan: Plan): string {
  const { intent, stage, revision, sdist, leftOut, hosts, phases, failed, warnings } = plan
  return [
    `${intent} ${revision.name} to ${stage}, ${sdist === undefined ? 'nothing to upload' : sdist.path}`,
    ...(leftOut.length === 0 ? [] : [`left out: ${leftOut.join(' ')}`]),
    ...warnings.map(problemText),
    ...hosts.flatMap(({ host, from, putBackFirst: { switches, tasks } }) => [
      `${host}: from ${from ?? 'no link'}${switches.length === 0 ? '' : `, after ${switches.join(' ')} was put back`}`,
      ...tasks.map(task => `  ${taskText(task)}`),
    ]),
    ...phases.flatMap(({ name, hosts: takingPart, parallel, batches }) => [
      `${name}: ${[...takingPart.keys()].join(' ')}${parallel === undefined ? '' : `, ${parallel} at once`}`,
      ...(batches === undefined
        ? []
        : [`  in batches: ${batches.hosts.map(some => some.join(' ')).join(' | ')}, ${batches.pauseMs} ms`]),
      ...indented(stepsText(plan, name)),
      ...(name === 'prune' ? indented(pruneText(plan)) : []),
    ]),
    ...[...failed].flatMap(([host, steps]) => steps.map(step => `failed: ${host} ${taskText(step)}`)),
  ].join('\n')
}

const pruneText = ({ hosts }: Plan): string =>
  hosts
    .filter(({ prune }) => prune.length > 0)
    .map(({ host, prune }) => `${host} without ${prune.join(' ')}`)
    .join('\n')

const indented = (text: string): readonly string[] =>
  text === '' ? [] : text.split('\n').map(line => `  ${line}`)

/** One problem a line: `web1 ! conflict: … → what to do`; a warning has a `?`. */
export const problemsText = (problems: readonly Problem[]): string => problems.map(problemText).join('\n')

function problemText({ where, severity, code, message, hint }: Problem): string {
  return `${where} ${severity === 'error' ? '!' : '?'} ${code}: ${message}${hint === undefined ? '' : ` → ${hint}`}`
}

/** The plan, or a failing test that says why there is none. */
export function planOf(planned: Planned): Plan {
  if (planned.kind !== 'plan') throw new Error(`there is no plan: ${plannedText(planned)}`)
  return planned.plan
}

/** Every phase with the hosts that take part: `build: web1 web2`. */
export const phasesText = ({ phases }: Plan): string =>
  phases.map(({ name, hosts }) => `${name}: ${[...hosts.keys()].join(' ')}`).join('\n')

/** All steps of a phase on one host. */
export function stepsOn(plan: Plan, phase: PhaseName, host: HostName): readonly PlannedStep[] {
  const steps = plan.phases.find(({ name }) => name === phase)?.hosts.get(host)
  return steps === undefined ? [] : [...steps.before, ...steps.inside, ...steps.after]
}

/** The steps of a phase: `web1 activate/1 (hooks): reload in /var/webcode/shop-1.4.0, undo: reload in …`. */
export function stepsText(plan: Plan, phase: PhaseName): string {
  return plan.hosts
    .flatMap(({ host }) =>
      stepsOn(plan, phase, host).map(step => {
        const undo = step.undo === undefined ? '' : `, undo: ${taskText(step.undo)}`
        return `${host} ${step.id} (${step.origin}): ${taskText(step)}${undo}`
      }),
    )
    .join('\n')
}

function actionText(action: Task['action']): string {
  switch (action.kind) {
    case 'http-probe':
      return `GET ${action.url}`
    case 'take':
      return `take ${action.shared.name} from ${action.from}`
    case 'reuse':
      return `receive ${action.shared.name}, ${builtBy(action.builder)}`
    case 'send-file':
      return `send ${action.file} as ${action.name}`
    case 'build':
      return `${action.argv.join(' ')} [${action.shared.name} for ${action.hosts.join(' ')}]`
    case 'exec':
      return `${action.sudo ? 'sudo ' : ''}${action.argv.join(' ')}`
    case 'local':
      return action.argv.join(' ')
    case 'write-file':
      return `${action.sudo ? 'sudo ' : ''}write ${action.path} 0${action.mode.toString(8)} ${JSON.stringify(action.content)}`
    case 'boot-probe':
      return `boot ${action.argv.join(' ')} until GET ${action.path}`
    case 'call':
      return 'call a function'
  }
}

/** What a task runs, and for which revision: `reload in /var/webcode/shop-1.4.0`. */
export function taskText({ action, cwd, env }: Task): string {
  const what = actionText(action)
  const previous = env['DEPLOY_PREVIOUS']
  const after = previous === undefined ? '' : ` after ${previous === '' ? 'nothing' : String(previous)}`
  if (action.kind === 'take' || action.kind === 'reuse') return what
  return `${what} in ${cwd} for ${String(env['DEPLOY_REVISION'])}${after}`
}
