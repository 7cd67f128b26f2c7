import { type HostName, slotNames } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import type { AnyRecipe, RecipeContext, StageContext, StepsBySlot } from '../model/recipe.ts'
import { StageError } from '../model/stage-error.ts'
import type { Target } from '../model/target.ts'
import type { HostRead } from './hosts-read.ts'
import { refusal } from './problems.ts'
import type { PlanRequest } from './request.ts'
import { stands } from './stands.ts'
import { pathsOf } from './step-environment.ts'
import { type StepHost, type StepSource, stepHost } from './step-host.ts'

/** What steps are asked for. */
type Asked = Pick<PlanRequest, 'intent' | 'wanted'>

type Answers = Readonly<Record<string, unknown>>

/**
 * Asks every recipe, for every host, whether it may run there, which variables it gives and which steps it adds.
 * A recipe that refuses a host, or throws, gives problems and no steps there.
 */
export function stepHosts(
  target: Target,
  read: readonly HostRead[],
  request: PlanRequest,
): { readonly hosts: readonly StepHost[]; readonly problems: readonly Problem[] } {
  const asked = read.map(one => askForSteps(target, one, read, request))
  return { hosts: asked.map(({ host }) => host), problems: asked.flatMap(({ problems }) => problems) }
}

/** The same for one host, and the revision that is wanted there. */
export function askForSteps(
  target: Target,
  one: HostRead,
  read: readonly HostRead[],
  request: Asked,
): { readonly host: StepHost; readonly problems: readonly Problem[] } {
  const replies = target.recipes.map(recipe => ask(recipe, target, one, read, request))
  const sources = [
    ...replies.flatMap(reply => (reply.source === undefined ? [] : [reply.source])),
    { origin: 'verify', steps: { verify: target.verify } },
    { origin: 'hooks', steps: target.hooks },
    { origin: `hooks of ${target.stage}`, steps: target.stageHooks },
  ]
  const env = Object.assign({}, ...replies.map(reply => reply.env))
  return {
    host: stepHost(target, one, request.wanted, { sources, env }),
    problems: replies.flatMap(reply => reply.problems),
  }
}

/** What one recipe says for one host. */
interface Reply {
  readonly source: StepSource | undefined
  readonly env: Readonly<Record<string, string>>
  readonly problems: readonly Problem[]
}

const silence: Reply = { source: undefined, env: {}, problems: [] }

function ask(
  recipe: AnyRecipe,
  target: Target,
  one: HostRead,
  read: readonly HostRead[],
  request: Asked,
): Reply {
  // Where a fact is missing preflight says so, and nothing can be decided on the rest.
  if (read.some(({ facts }) => facts.unanswered.some(fact => fact.recipe === recipe.name))) return silence
  const { neutral, staged } = contextsOf(recipe, target, one, read, request)
  const problem = (message: string, hint?: string) =>
    refusal(`recipe-${recipe.name}`, one.host.name, message, hint)
  try {
    const reasons = recipe.check(staged)
    if (reasons.length > 0) return { ...silence, problems: reasons.map(reason => problem(reason)) }
    const steps = joined(recipe.steps(neutral), recipe.stageSteps(staged))
    return { source: { origin: recipe.name, steps }, env: recipe.env(neutral), problems: [] }
  } catch (error) {
    return { ...silence, problems: [thrown(recipe, error, problem)] }
  }
}

/** A recipe is somebody's code: its fault is one problem among others, with the line that threw. */
function thrown(
  { name }: AnyRecipe,
  error: unknown,
  problem: (message: string, hint?: string) => Problem,
): Problem {
  if (error instanceof StageError) return problem(error.message, error.hint)
  if (!(error instanceof Error)) return problem(`the recipe ${name} threw ${String(error)}`)
  const line = error.stack?.split('\n').find(text => text.trimStart().startsWith('at '))
  return problem(`the recipe ${name} threw ${error.name}: ${error.message}`, line?.trim())
}

/** Those of every stage come first. */
function joined(steps: StepsBySlot, ofStage: StepsBySlot): StepsBySlot {
  const slots = slotNames.filter(slot => steps[slot] !== undefined || ofStage[slot] !== undefined)
  return Object.fromEntries(slots.map(slot => [slot, [...(steps[slot] ?? []), ...(ofStage[slot] ?? [])]]))
}

/** What a recipe is told where the stage must not matter, and where it may. */
function contextsOf(
  recipe: AnyRecipe,
  { stage, leftOut }: Target,
  { host, facts }: HostRead,
  read: readonly HostRead[],
  { intent, wanted }: Asked,
): { readonly neutral: RecipeContext<Answers>; readonly staged: StageContext<Answers> } {
  const answersOf = (other: HostRead): Answers => other.facts.answers.get(recipe.name) ?? {}
  const { name, project, version, sha256, requiresPython } = wanted
  const neutral = {
    intent,
    host: { name: host.name, labels: host.labels },
    revision: { name, project, version, sha256, requiresPython },
    builds: !stands(facts, wanted),
    paths: pathsOf(host.root, name),
    facts: facts.answers.get(recipe.name) ?? {},
    fleet: new Map<HostName, Answers>(read.map(other => [other.host.name, answersOf(other)])),
  }
  return {
    neutral,
    staged: { ...neutral, stage, leftOut, paths: { ...neutral.paths, link: `${host.root}/${stage}` } },
  }
}
