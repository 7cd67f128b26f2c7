import type { AnyRecipe } from '../model/recipe.ts'
import { StageError } from '../model/stage-error.ts'
import { suggestion } from '../recipe/closest.ts'
import type { Place } from '../recipe/place.ts'
import { isPlainObject, readList, unexpected } from '../recipe/readers.ts'

/** Makes a recipe of its options; the recipes that come with the tool, by name. */
export type RecipeFactories = ReadonlyMap<string, (options?: unknown) => unknown>

/**
 * The recipes: what `defineRecipe` returned, or, in JSON and YAML, the name of one that comes with the tool, alone
 * or with its options: `"python"`, `{ "python": { "requires": ">=3.9" } }`.
 */
export function readRecipes(value: unknown, place: Place, factories: RecipeFactories): readonly AnyRecipe[] {
  const recipes = readList(value, place, 'a list of recipes', (entry, at) => readRecipe(entry, at, factories))
  const read = recipes.filter(recipe => recipe !== undefined)
  for (const [index, recipe] of recipes.entries()) {
    const first = recipes.findIndex(other => other?.name === recipe?.name)
    // What hosts answer is kept by the name of a recipe: the second one would be given the answers of the first.
    if (recipe !== undefined && first !== index && Object.keys(recipe.facts).length > 0)
      place.at(index).wrong('recipe-twice', `there is a recipe '${recipe.name}' already, at [${first}]`)
  }
  return read
}

function readRecipe(value: unknown, place: Place, factories: RecipeFactories): AnyRecipe | undefined {
  if (isRecipe(value)) return value
  if (typeof value === 'string') return makeRecipe(value, {}, place, factories)
  const [entry, ...others] = isPlainObject(value) ? Object.entries(value) : []
  if (entry !== undefined && others.length === 0) return makeRecipe(entry[0], entry[1], place, factories)
  const hint = typeof value === 'function' ? 'call it: python() instead of python' : undefined
  unexpected(value, place, "a recipe: what a recipe's function returned, a name, or { name: options }", hint)
  return undefined
}

function makeRecipe(
  name: string,
  options: unknown,
  place: Place,
  factories: RecipeFactories,
): AnyRecipe | undefined {
  const factory = factories.get(name)
  if (factory === undefined) {
    place.wrong(
      'unknown-recipe',
      `there is no recipe '${name}'`,
      suggestion(name, [...factories.keys()], 'there are'),
    )
    return undefined
  }
  try {
    const recipe = factory(options)
    if (isRecipe(recipe)) return recipe
    place.wrong('recipe', `the recipe '${name}' returned something else`)
  } catch (error) {
    const problems = error instanceof StageError ? error.problems : []
    place.at(name).adopt(problems)
    if (problems.length === 0)
      place.at(name).wrong('recipe', error instanceof Error ? error.message : String(error))
  }
  return undefined
}

function isRecipe(value: unknown): value is AnyRecipe {
  if (!isPlainObject(value) || typeof value['name'] !== 'string') return false
  const functions = [value['check'], value['env'], value['steps']]
  return (
    Array.isArray(value['requires']) &&
    Array.isArray(value['builders']) &&
    Array.isArray(value['reserves']) &&
    isPlainObject(value['facts']) &&
    Array.isArray(value['finished']) &&
    functions.every(each => typeof each === 'function')
  )
}
