import type { HostName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import type { Recipe, RecipeContext } from '../model/recipe.ts'
import type { Target } from '../model/target.ts'
import type { FactsOfHost } from './plan-run.ts'
import type { StepHost, StepSource } from './plan-steps.ts'
import { stands } from './preflight.ts'
import { refusal } from './problems.ts'
import type { PlanRequest } from './request.ts'
import { liveOf, stageOf } from './stage-history.ts'
import { pathsOf, type RevisionOnHost } from './step-environment.ts'

type Context = RecipeContext<Readonly<Record<string, unknown>>>

/**
 * Asks every recipe, for every host, whether it may run there, which variables it gives and which steps it adds.
 * A recipe that refuses a host gives one problem a reason; it is not asked for steps then.
 */
export function stepHosts(
  target: Target,
  read: readonly FactsOfHost[],
  request: PlanRequest,
): { readonly hosts: readonly StepHost[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const hosts = read.map(one => {
    const sources: StepSource[] = []
    const env: Record<string, string> = {}
    for (const recipe of target.recipes) {
      const context = contextOf(recipe, one, read, request)
      if (context === undefined) continue
      const reasons = recipe.check(context)
      problems.push(...reasons.map(reason => refusal(`recipe-${recipe.name}`, one.host.name, reason)))
      if (reasons.length > 0) continue
      Object.assign(env, recipe.env(context))
      sources.push({ origin: recipe.name, steps: recipe.steps(context) })
    }
    sources.push({ origin: 'config', steps: target.hooks })
    sources.push({ origin: target.stage, steps: target.stageHooks })
    return stepHost(target, one, request, sources, env)
  })
  return { hosts, problems }
}

function stepHost(
  target: Target,
  { host, facts }: FactsOfHost,
  { wanted }: PlanRequest,
  sources: readonly StepSource[],
  env: Readonly<Record<string, string>>,
): StepHost {
  const on = { project: wanted.project, host: host.name, root: host.root }
  const history = stageOf(facts, target.stage)
  const live = facts.revisions.find(revision => revision.name === liveOf(history))
  const old: RevisionOnHost | undefined =
    live === undefined ? undefined : { ...on, name: live.name, version: live.version }
  const below = live === undefined ? undefined : history.stack[history.stack.indexOf(live.name) + 1]
  return {
    name: host.name,
    labels: host.labels,
    sources,
    revision: { ...on, name: wanted.name, version: wanted.version },
    old,
    beforeOld: below,
    stage: target.stage,
    directory: target.directory,
    env: { ...env, ...target.env },
    stageEnv: target.stageEnv,
  }
}

/** Undefined: a fact of this recipe is missing somewhere; preflight says so, and nothing can be decided on it. */
function contextOf(
  recipe: Recipe,
  one: FactsOfHost,
  read: readonly FactsOfHost[],
  { intent, wanted }: PlanRequest,
): Context | undefined {
  const { host, facts } = one
  if (read.some(other => other.facts.unanswered.some(({ recipe: name }) => name === recipe.name)))
    return undefined
  const answersOf = (other: FactsOfHost) => other.facts.answers.get(recipe.name) ?? {}
  const fleet = new Map<HostName, Readonly<Record<string, unknown>>>(
    read.map(other => [other.host.name, answersOf(other)]),
  )
  return {
    intent,
    host: { name: host.name, labels: host.labels },
    revision: {
      name: wanted.name,
      project: wanted.project,
      version: wanted.version,
      sha256: wanted.sha256,
      requiresPython: wanted.requiresPython,
    },
    builds: !stands(facts, wanted),
    paths: pathsOf(host.root, wanted.name),
    facts: answersOf(one),
    fleet,
  }
}
