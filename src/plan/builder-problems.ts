import type { HostName } from '../model/names.ts'
import type { HostPlan, HostSteps } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { Target } from '../model/target.ts'
import { suggestion } from '../recipe/closest.ts'
import { refusal } from './problems.ts'
import { type BuildGroup, buildGroups, isCalled, type Sharing } from './shared-builds.ts'

/**
 * Builds for which no host is left of those that the configuration lets build. No other host is taken instead: the
 * others were passed over for a reason, such as a compiler that they do not have.
 */
export function builderProblems(
  target: Target,
  plans: readonly HostPlan[],
  steps: ReadonlyMap<HostName, HostSteps>,
  sharing: Sharing,
): readonly Problem[] {
  return [...buildGroups(steps, sharing).values()].flatMap(group =>
    group.builder === undefined ? withoutBuilder(group, target, plans, sharing.labels) : [],
  )
}

function withoutBuilder(
  { shared, title, hosts }: BuildGroup,
  { stage, hosts: selected, leftOut }: Target,
  plans: readonly HostPlan[],
  labels: Sharing['labels'],
): readonly Problem[] {
  const { builder = '', builderOption, key } = shared
  const called = selected.map(({ name }) => name).filter(host => isCalled(host, labels, builder))
  const what = `nobody builds "${title}" for ${hosts.join(', ')} (${key})`
  const problem = (why: string, hint: string) => [refusal('no-builder', stage, `${what}: ${why}`, hint)]
  // Of a host that could not be read that is said, and nobody knows what it would build.
  if (called.some(name => !plans.some(({ host }) => host === name))) return []
  if (leftOut.includes(builder)) {
    const hint = `select ${builder} too, or name another host or label with ${builderOption}`
    return problem(`${builder}, which builds for them, is left out of this run`, hint)
  }
  if (called.length === 0) {
    const names = [...selected.map(({ name }) => name), ...new Set([...labels.values()].flat())]
    const out = leftOut.length === 0 ? '' : `; left out of this run: ${leftOut.join(', ')}`
    const hint = `${suggestion(builder, names, 'hosts and labels of this run are')}${out}`
    return problem(`no selected host is called '${builder}' or has that label (${builderOption})`, hint)
  }
  const standing = called.filter(name => plans.some(({ host, stands }) => host === name && stands))
  if (standing.length > 0) {
    const other = `name another host or label with ${builderOption}`
    const hint = `deploy from the machine that kept what was built, ship a new version, or ${other}`
    return problem(
      `${standing.join(', ')} already has the revision, and a revision is never built twice`,
      hint,
    )
  }
  const hint = `give one of these hosts what it takes to build, and the label that ${builderOption} names`
  return problem(
    `what ${called.join(', ')} builds does not fit them: another platform, or other inputs`,
    hint,
  )
}
