import type { Sdist } from '../artifact/read-sdist.ts'
import type { Problem } from '../model/problem.ts'
import type { AnyRecipe } from '../model/recipe.ts'
import { environmentFileOf, sharedPaths } from '../model/shared.ts'
import type { Target } from '../model/target.ts'
import { refusal } from './problems.ts'

type Content = Pick<Sdist, 'files' | 'directories'>

/** What an sdist has where something else belongs: it would be refused on every host, after it was sent there. */
export function occupiedProblems(
  sdist: Content,
  { shared, recipes, stage }: Pick<Target, 'shared' | 'recipes' | 'stage'>,
): readonly Problem[] {
  return [
    ...sharedPaths(shared).flatMap(path => {
      const own = inPlaceOf(path, sdist)
      if (own === undefined) return []
      const message = `${path} is shared by all revisions, and the sdist has ${own} of its own`
      const hint =
        'leave it out of the sdist, or do not share it: what was verified is never replaced by a link'
      return [refusal('shared-occupied', 'shared', message, hint)]
    }),
    ...recipes.flatMap(recipe => reservedProblems(recipe, sdist, stage)),
  ]
}

function reservedProblems(
  { name, reserves }: Pick<AnyRecipe, 'name' | 'reserves'>,
  sdist: Content,
  stage: string,
): readonly Problem[] {
  return reserves.flatMap(({ path, option }) => {
    const own = inPlaceOf(path, sdist)
    if (own === undefined) return []
    const message = `the recipe ${name} makes ${path} in every revision, and the sdist has ${own} of its own`
    const elsewhere = option === undefined ? '' : `, or give it another name with ${option}`
    const variables = `a stage's variables belong to {root}/shared/${environmentFileOf(stage)}`
    return [refusal('path-occupied', name, message, `leave it out of the sdist${elsewhere}; ${variables}`)]
  })
}

/** What stands at a path, or in it, or is no directory where a path leads through. */
const inPlaceOf = (path: string, { files, directories }: Content): string | undefined =>
  files.find(file => file === path || file.startsWith(`${path}/`) || path.startsWith(`${file}/`)) ??
  directories.find(directory => directory === path || directory.startsWith(`${path}/`))
