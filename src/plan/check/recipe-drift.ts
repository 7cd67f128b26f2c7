import type { Drift, ExpectationAnswer } from '../../model/check.ts'
import type { HostFacts } from '../../model/facts.ts'
import type { AnyRecipe, Expectation } from '../../model/recipe.ts'
import { StageError } from '../../model/stage-error.ts'
import type { Host, Target } from '../../model/target.ts'
import { withoutCredentials } from '../../shell/credentials.ts'
import { liveIn } from './link-drift.ts'
import { advice, drift } from './mend.ts'

/** What one recipe expects of one host; or rows that say why it could not be asked. */
export interface RecipeExpectations {
  readonly recipe: string
  readonly expectations: readonly Expectation[]
  readonly drift: readonly Drift[]
}

/** Asks every recipe what it expects of this host. A recipe that throws, or whose facts are missing, expects nothing, and says so. */
export function recipeExpectations(
  target: Pick<Target, 'project' | 'recipes' | 'stage'>,
  host: Host,
  facts: HostFacts,
): readonly RecipeExpectations[] {
  return target.recipes.map(recipe => {
    const asked = recipe.expect === undefined ? [] : facts.unanswered
    const missing = asked.filter(fact => fact.recipe === recipe.name)
    const unknown = missing.map(({ fact, reason }) =>
      failed(recipe.name, `fact ${fact}`, 'an answer', reason),
    )
    if (missing.length > 0) return { recipe: recipe.name, expectations: [], drift: unknown }
    return expectationsOf(recipe, target, host, facts)
  })
}

function expectationsOf(
  recipe: AnyRecipe,
  { project, stage }: Pick<Target, 'project' | 'stage'>,
  host: Host,
  facts: HostFacts,
): RecipeExpectations {
  const live = liveIn(facts, stage)
  const { root } = host
  // The steps of a switch are told the name as the sdist spells it, and this has to be what they wrote.
  const shipped = facts.revisions.find(({ name }) => name === live)?.project
  try {
    const expectations =
      recipe.expect?.({
        project: shipped ?? project,
        stage,
        host: { name: host.name, labels: host.labels },
        live,
        paths: {
          root,
          link: `${root}/${stage}`,
          revision: live === undefined ? undefined : `${root}/${live}`,
          shared: `${root}/shared`,
        },
        facts: facts.answers.get(recipe.name) ?? {},
      }) ?? []
    return { recipe: recipe.name, expectations, drift: [] }
  } catch (error) {
    // A recipe is somebody's code: its fault is one row among others.
    const reason = withoutCredentials(
      error instanceof StageError ? error.message : `it threw ${String(error)}`,
    )
    const told = failed(recipe.name, `recipe ${recipe.name}`, 'what it expects', reason)
    return { recipe: recipe.name, expectations: [], drift: [told] }
  }
}

/** Programs that recipes need and that are not there any more. */
export function programDrift({ recipes }: Pick<Target, 'recipes'>, facts: HostFacts): readonly Drift[] {
  return recipes.flatMap(({ name, requires }) =>
    requires
      .filter(program => facts.programs.get(program) === undefined)
      .map(program => ({
        ...drift(`program ${program}`, 'on the PATH', 'not there', advice(`install ${program} on the host`)),
        recipe: name,
      })),
  )
}

/**
 * Compares what recipes expect with what was found.
 *
 * @param answers to all expectations, in their order
 */
export function recipeDrift(
  asked: readonly RecipeExpectations[],
  answers: readonly ExpectationAnswer[],
): readonly Drift[] {
  const all = asked.flatMap(({ recipe, expectations }) =>
    expectations.map(expectation => ({ recipe, expectation })),
  )
  const compared = all.flatMap(({ recipe, expectation }, index) =>
    compare(recipe, expectation, answers[index]),
  )
  return [...asked.flatMap(one => one.drift), ...compared]
}

function compare(
  recipe: string,
  { field, expected, severity, mend }: Expectation,
  answer: ExpectationAnswer | undefined,
): readonly Drift[] {
  if (answer?.kind === 'answered' && answer.actual === expected) return []
  const actual =
    answer?.kind === 'answered'
      ? answer.actual
      : `could not be found out: ${answer?.reason ?? 'the host did not answer'}`
  return [{ field, expected, actual, severity, recipe, mend }]
}

const failed = (recipe: string, field: string, expected: string, actual: string): Drift => ({
  ...drift(field, expected, actual, advice(`see what the recipe ${recipe} asks`)),
  recipe,
})
