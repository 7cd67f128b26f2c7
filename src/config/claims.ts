import type { AnyRecipe } from '../model/recipe.ts'
import { StageError } from '../model/stage-error.ts'
import type { Host } from '../model/target.ts'
import type { Place } from '../recipe/place.ts'
import type { ResolvedConfig } from './resolved-config.ts'

type Configured = Pick<ResolvedConfig, 'project' | 'hosts' | 'stages' | 'recipes'>

/** Who wants something for himself: a recipe of a stage. */
interface Claimant {
  readonly stage: string
  readonly recipe: string
}

/**
 * What only one stage of a server can have (a port, the name of a unit) is asked of every recipe for every stage and host.
 * Two that want the same on the same server are said; so is what a recipe throws: a stage for which it has no port, say.
 * A server is an address and a port of SSH, whatever the root: all who share it share its ports.
 *
 * @param place of the recipes
 */
export function noClaimTwice({ project, hosts, stages, recipes }: Configured, place: Place): void {
  const claimed = new Map<string, Claimant>()
  for (const { name: stage, hosts: names } of stages.values())
    for (const host of names.flatMap(name => hosts.get(name) ?? []))
      for (const [index, recipe] of recipes.entries()) {
        const at = place.at(index)
        const context = { project, stage, host: { name: host.name, labels: host.labels }, root: host.root }
        for (const claim of claimsOf(recipe, context, at))
          take(claimed, claim, host, { stage, recipe: recipe.name }, at)
      }
}

function claimsOf(
  recipe: AnyRecipe,
  context: Parameters<AnyRecipe['claims']>[0],
  place: Place,
): readonly string[] {
  try {
    return recipe.claims(context)
  } catch (error) {
    // The same for each host of a stage, most often: said once.
    const message = error instanceof Error ? error.message : String(error)
    const said = place.problems.some(problem => problem.where === place.path && problem.message === message)
    if (!said) place.wrong('recipe', message, error instanceof StageError ? error.hint : undefined)
    return []
  }
}

function take(claimed: Map<string, Claimant>, claim: string, host: Host, by: Claimant, place: Place): void {
  const key = JSON.stringify([host.address.toLowerCase(), host.port ?? 22, claim])
  const other = claimed.get(key)
  if (other === undefined) claimed.set(key, by)
  else
    place.wrong(
      'claimed-twice',
      `on ${host.name}, ${claim} is wanted twice: by ${other.recipe} of '${other.stage}' and by ${by.recipe} of '${by.stage}'`,
      'give each of them one of its own',
    )
}
