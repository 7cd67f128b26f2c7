import type { HostName, PhaseName } from '../../src/model/names.ts'
import type { Plan, PlannedStep, Task } from '../../src/model/plan.ts'
import type { Problem } from '../../src/model/problem.ts'
import type { Planned } from '../../src/plan/plan-run.ts'
import { formatPlan } from '../../src/report/plan-table.ts'

/** What planning came to, as it is shown: the plan, the reason why there is none, or the problems. */
export function plannedText(planned: Planned): string {
  switch (planned.kind) {
    case 'plan':
      return formatPlan(planned.plan)
    case 'nothing':
      return [planned.reason, ...planned.warnings.map(problemText)].join('\n')
    case 'refused':
      return problemsText(planned.problems)
  }
}

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

/** What a task runs, and for which revision: `reload in /var/webcode/shop-1.4.0`. */
export function taskText({ action, cwd, env }: Task): string {
  const what = action.kind === 'http-probe' ? `GET ${action.url}` : action.argv.join(' ')
  const previous = env['DEPLOY_PREVIOUS']
  const after = previous === undefined ? '' : ` after ${previous === '' ? 'nothing' : String(previous)}`
  return `${what} in ${cwd} for ${String(env['DEPLOY_REVISION'])}${after}`
}
