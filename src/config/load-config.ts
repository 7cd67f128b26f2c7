import { dirname } from 'node:path'
import { StageError } from '../model/stage-error.ts'
import { findConfig } from './find-config.ts'
import { readConfig } from './read-config.ts'
import type { RecipeFactories } from './read-recipes.ts'
import type { ResolvedConfig } from './resolved-config.ts'
import { withoutWrittenPasswords } from './written-passwords.ts'

/** Where to look for a configuration, and what it may rely on. */
export interface LoadOptions {
  /** The working directory; absolute. */
  readonly cwd: string
  /** `--config`: this file and no other. */
  readonly file?: string
  /** What `~` stands for. */
  readonly home: string
  /** Whose files may be found by the search; left out: everybody's. */
  readonly trusted?: ReadonlySet<number> | undefined
  /** Modules of the running tool by the names that a configuration imports them by. */
  readonly modules: ReadonlyMap<string, unknown>
}

/**
 * Finds, reads and checks the configuration.
 *
 * @throws StageError `config` when there is none, when it cannot be read, or with everything that is wrong with it
 */
export async function loadConfig(options: LoadOptions): Promise<ResolvedConfig> {
  const { cwd, file: named, trusted, modules } = options
  const files = new Set<string>()
  const onRead = (file: string) => void files.add(file)
  try {
    const { file, value } = await findConfig({ cwd, file: named, trusted, onRead }, modules)
    const recipes = recipeFactories(modules)
    return readConfig(value, { file, directory: dirname(file), home: options.home, recipes })
  } catch (error) {
    throw error instanceof StageError ? await withoutWrittenPasswords(error, files) : error
  }
}

const recipeModule = /^stage-deploy\/recipes\/(?<name>.+)$/

/** The recipes among the modules: each module exports a function of its own name. */
function recipeFactories(modules: ReadonlyMap<string, unknown>): RecipeFactories {
  const factories = new Map<string, (options?: unknown) => unknown>()
  for (const [path, module] of modules) {
    const name = recipeModule.exec(path)?.groups?.['name']
    const factory: unknown =
      name !== undefined && typeof module === 'object' && module !== null
        ? Reflect.get(module, name)
        : undefined
    if (name !== undefined && typeof factory === 'function')
      factories.set(name, written => Reflect.apply(factory, undefined, [written]))
  }
  return factories
}
