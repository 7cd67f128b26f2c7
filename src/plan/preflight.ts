import type { HostFacts } from '../model/facts.ts'
import type { Problem } from '../model/problem.ts'
import type { AnyRecipe } from '../model/recipe.ts'
import type { Target } from '../model/target.ts'
import { linkProblems } from './preflight-link.ts'
import { downgradeProblems, revisionProblems } from './preflight-revision.ts'
import { accountWarnings, rootProblems, spaceProblems } from './preflight-root.ts'
import { sharedProblems } from './preflight-shared.ts'
import { refusal } from './problems.ts'
import type { PlanRequest } from './request.ts'

/** Every reason why this host cannot take part, all at once, from what the host said. */
export function preflight(facts: HostFacts, target: Target, request: PlanRequest): readonly Problem[] {
  return [
    ...rootProblems(facts, request.wanted.project),
    ...accountWarnings(facts),
    ...linkProblems(facts, target.stage, request.intent),
    ...revisionProblems(facts, target.stage, request),
    ...downgradeProblems(facts, target, request),
    ...sharedProblems(facts, target, request),
    ...spaceProblems(facts, target.stage, request.wanted),
    ...recipeProblems(facts, target.recipes),
  ]
}

/** Programs that recipes need, and questions of theirs that the host did not answer. */
export function recipeProblems(
  { host, programs, unanswered }: HostFacts,
  recipes: readonly AnyRecipe[],
): readonly Problem[] {
  const missing = recipes.flatMap(({ name, requires }) =>
    requires
      .filter(program => programs.get(program) === undefined)
      .map(program =>
        refusal('program-missing', host, `the recipe ${name} needs ${program}, which is not on the PATH`),
      ),
  )
  const unknown = unanswered.map(({ recipe, fact, reason }) =>
    refusal('fact', host, `the recipe ${recipe} could not find out ${fact}: ${reason}`),
  )
  return [...missing, ...unknown]
}
