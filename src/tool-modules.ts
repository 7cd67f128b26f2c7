import { readdir } from 'node:fs/promises'

/** What a configuration imports by these names is the running tool, wherever the configuration stands. */
export type ToolModules = ReadonlyMap<string, unknown>

const recipeFile = /^(?<name>[a-z][a-z0-9-]*)\.[jt]s$/

/**
 * The modules of the running tool by the names that a configuration imports them by: `stage-deploy`, and
 * `stage-deploy/recipes/NAME` for every recipe that comes with it. A Python repository has no node_modules, and the
 * objects must be those of this process: a second copy would throw another class of errors.
 */
export async function loadToolModules(): Promise<ToolModules> {
  const recipes = new URL('../recipes/', import.meta.url)
  const names = (await readdir(recipes)).flatMap(file => {
    const name = recipeFile.exec(file)?.groups?.['name']
    return name === undefined ? [] : [{ name, href: new URL(file, recipes).href }]
  })
  const modules = await Promise.all(
    names.map(
      async ({ name, href }): Promise<[string, unknown]> => [
        `stage-deploy/recipes/${name}`,
        await import(href),
      ],
    ),
  )
  return new Map([['stage-deploy', await import('./index.ts')], ...modules])
}
