import { digestOf } from '../artifact/digest-of.ts'
import { type Builder, builtBy } from '../model/builder.ts'
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
  { key, name, inputs, builder, builderOption }: Share,
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
  const id = digestOf([RULES, host.sha256, key, name, run, variables])
  return { id, key, name, builder, builderOption }
}

/** What decides who builds, besides the steps. */
export interface Sharing {
  readonly labels: ReadonlyMap<HostName, readonly string[]>
  /** What is at hand without building. */
  readonly kept: ReadonlyMap<Sha256, Builder>
}

/** The hosts that said the same of a step, by name, and who of them builds; `undefined`: none of them may. */
export interface BuildGroup {
  readonly shared: SharedBuild
  readonly title: string
  readonly hosts: readonly HostName[]
  readonly builder: HostName | undefined
}

/** Every build that is not at hand. */
export function buildGroups(
  steps: ReadonlyMap<HostName, HostSteps>,
  { labels, kept }: Sharing,
): ReadonlyMap<Sha256, BuildGroup> {
  const groups = new Map<Sha256, { shared: SharedBuild; title: string; hosts: HostName[] }>()
  for (const host of [...steps.keys()].toSorted())
    for (const { title, action } of steps.get(host)?.inside ?? []) {
      if (action.kind !== 'build' || kept.has(action.shared.id)) continue
      const { shared } = action
      const group = groups.get(shared.id) ?? { shared, title, hosts: [] }
      groups.set(shared.id, group)
      group.hosts.push(host)
    }
  return new Map(
    [...groups].map(([id, group]) => {
      const { builder } = group.shared
      const able = group.hosts.filter(host => builder === undefined || isCalled(host, labels, builder))
      return [id, { ...group, builder: able[0] }]
    }),
  )
}

/** Is this the name of that host, or a label that it has? */
export const isCalled = (host: HostName, labels: Sharing['labels'], name: string): boolean =>
  host === name || labels.get(host)?.includes(name) === true

/**
 * Lets one run of a step do for all hosts that said the same of it: one builds, the others take. All receive what
 * is kept.
 */
export function joinSharedBuilds(
  steps: ReadonlyMap<HostName, HostSteps>,
  sharing: Sharing,
): ReadonlyMap<HostName, HostSteps> {
  const groups = buildGroups(steps, sharing)
  if (groups.size === 0 && sharing.kept.size === 0) return steps
  return new Map(
    [...steps].map(([host, slots]) => [
      host,
      { ...slots, inside: slots.inside.map(step => joined(step, host, groups, sharing.kept)) },
    ]),
  )
}

function joined(
  step: PlannedStep,
  host: HostName,
  groups: ReadonlyMap<Sha256, BuildGroup>,
  kept: Sharing['kept'],
): PlannedStep {
  const { action } = step
  if (action.kind !== 'build') return step
  const { shared } = action
  const earlier = kept.get(shared.id)
  // Where nothing is run, nothing of what a program would be told is needed: no secret either.
  if (earlier !== undefined) {
    const title = `${step.title}: ${builtBy(earlier)}, kept on this machine`
    return { ...step, title, action: { kind: 'reuse', shared, builder: earlier }, env: {} }
  }
  const { hosts, builder = host } = groups.get(shared.id) ?? { hosts: [host] }
  if (builder === host) return { ...step, action: { ...action, hosts } }
  const title = `${step.title}: taken from ${builder}`
  return { ...step, title, action: { kind: 'take', from: builder, shared }, env: {} }
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
