import { digestOf } from '../artifact/digest-of.ts'
import type { HostName, Sha256 } from '../model/names.ts'
import type { Action, HostSteps, PlannedStep, SharedBuild, Task } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { ExecStep, Share } from '../model/step.ts'
import { refusal } from './problems.ts'
import type { StepHost } from './step-host.ts'

/** A part of every id, so that what was kept under other rules is never found. */
const RULES = 1

/** What one host says of a step that it would share; among whom is found out when all have said so. */
export function sharedBuild(
  step: Pick<ExecStep, 'argv' | 'cwd'> & Pick<Task, 'env'>,
  { key, name, inputs }: Share,
  host: StepHost,
): SharedBuild {
  const { root, path } = host.change.revision
  // Hosts may have different roots: where something is made does not decide what is made.
  const placed = (text: string) => text.replaceAll(path, '{revision}').replaceAll(root, '{root}')
  const variables = Object.entries(step.env)
    .filter(([variable]) => !variable.startsWith('DEPLOY_'))
    .map(([variable, value]) => [variable, typeof value === 'string' ? placed(value) : value])
    .toSorted()
  const run = inputs === undefined ? { argv: step.argv.map(placed), cwd: step.cwd ?? null } : { inputs }
  return { id: digestOf([RULES, host.sha256, key, name, run, variables]), key, name }
}

type Groups = ReadonlyMap<Sha256, readonly HostName[]>

/**
 * Lets one run of a step do for all hosts that said the same of it: the first by name builds, the others take. A host
 * never waits for one that comes after it by name, so that no two can wait for each other.
 */
export function joinSharedBuilds(steps: ReadonlyMap<HostName, HostSteps>): ReadonlyMap<HostName, HostSteps> {
  const groups = groupsOf(steps)
  if (groups.size === 0) return steps
  return new Map(
    [...steps].map(([host, slots]) => [
      host,
      { ...slots, inside: slots.inside.map(step => joined(step, host, groups)) },
    ]),
  )
}

function groupsOf(steps: ReadonlyMap<HostName, HostSteps>): Groups {
  const groups = new Map<Sha256, HostName[]>()
  for (const host of [...steps.keys()].toSorted())
    for (const { action } of steps.get(host)?.inside ?? []) {
      if (action.kind !== 'build') continue
      const group = groups.get(action.shared.id) ?? []
      groups.set(action.shared.id, group)
      group.push(host)
    }
  return groups
}

function joined(step: PlannedStep, host: HostName, groups: Groups): PlannedStep {
  const { action } = step
  if (action.kind !== 'build') return step
  const { shared } = action
  const hosts = groups.get(shared.id) ?? [host]
  const [first = host] = hosts
  if (first === host) return { ...step, action: { ...action, hosts } }
  // Nothing is run here, so nothing of what a program would be told is needed: no secret either.
  const title = `${step.title}: taken from ${first}`
  return { ...step, title, action: { kind: 'take', from: first, shared }, env: {} }
}

/** The directory in DEPLOY_PRODUCTS that an action fills, if it does. */
function filledBy(action: Action): readonly string[] {
  if (action.kind === 'send-file') return [action.name]
  return 'shared' in action ? [action.shared.name] : []
}

/** Steps of a recipe and of a hook, say, that would fill one directory. */
export function sharedTwiceProblems(steps: ReadonlyMap<HostName, HostSteps>): readonly Problem[] {
  return [...steps].flatMap(([host, { inside }]) => {
    const names = inside.flatMap(({ action }) => filledBy(action))
    const twice = names.find((name, index) => names.indexOf(name) < index)
    if (twice === undefined) return []
    const hint = 'give one of them another name'
    return [refusal('shared-twice', host, `two steps of the build fill DEPLOY_PRODUCTS/${twice}`, hint)]
  })
}
