import { basename, dirname, extname, resolve } from 'node:path'
import { cosmiconfig, defaultLoaders } from 'cosmiconfig'
import { StageError } from '../model/stage-error.ts'
import { faultOfJson, faultOfYaml } from './data-fault.ts'
import { faultError, importConfig } from './import-config.ts'

/** Looked for in this order, in the working directory and then in each directory above it. */
const searchPlaces = [
  'stage.config.ts',
  'stage.config.mts',
  'stage.config.js',
  'stage.config.mjs',
  'stage.config.json',
  'stage.config.yaml',
  'stage.config.yml',
  'package.json',
]
const extensions = ['.ts', '.mts', '.js', '.mjs', '.json', '.yaml', '.yml']

/** What a configuration file holds, as it is written. */
export interface FoundConfig {
  /** Absolute. */
  readonly file: string
  readonly value: unknown
}

/**
 * Finds and reads the configuration: the named file, or the nearest one from the working directory upward.
 *
 * @param modules what a configuration in TypeScript or JavaScript may import by name
 * @throws StageError `config` when there is none, or when it cannot be read, showing the line
 */
export async function findConfig(
  from: { readonly cwd: string; readonly file: string | undefined },
  modules: ReadonlyMap<string, unknown>,
): Promise<FoundConfig> {
  // Made only here: cosmiconfig reads the working directory's package.json for settings of its own as soon as it is made.
  const explorer = await expected('the search for a configuration failed', async () => explorerWith(modules))
  if (from.file !== undefined) return load(explorer, resolve(from.cwd, from.file))
  for (const directory of upward(resolve(from.cwd))) {
    const result = await expected(`${directory} cannot be searched`, () => explorer.search(directory))
    if (result !== null) return unwrapped(result)
  }
  throw new StageError('config', `no configuration in ${resolve(from.cwd)} or in a directory above it`, {
    hint: `write stage.config.ts (see stage.config.example.ts); looked for ${searchPlaces.join(', ')} with a key "stage"`,
  })
}

type Explorer = Pick<ReturnType<typeof cosmiconfig>, 'load' | 'search'>

function explorerWith(modules: ReadonlyMap<string, unknown>): Explorer {
  // Wrapped, so that cosmiconfig does not see the configuration's own keys: it would act on `$import`.
  const code = async (file: string) => ({ value: await importConfig(file, modules) })
  const yaml = async (file: string, text: string) => ({ value: await parsed(file, text, parseYaml) })
  const json = async (file: string, text: string) => {
    const value: unknown = await parsed(file, text, parseJson)
    if (basename(file) !== 'package.json') return { value }
    const stage = typeof value === 'object' && value !== null && 'stage' in value ? value.stage : undefined
    return stage === undefined ? {} : { stage: { value: stage } }
  }
  return cosmiconfig('stage', {
    searchPlaces,
    searchStrategy: 'none',
    ignoreEmptySearchPlaces: false,
    cache: false,
    loaders: {
      '.ts': code,
      '.mts': code,
      '.js': code,
      '.mjs': code,
      '.json': json,
      '.yaml': yaml,
      '.yml': yaml,
    },
  })
}

async function load(explorer: Explorer, file: string): Promise<FoundConfig> {
  if (!extensions.includes(extname(file)))
    throw new StageError('config', `${file} is no configuration by its name`, {
      hint: `it ends in one of ${extensions.join(' ')}`,
    })
  const result = await expected(`${file} cannot be read`, () => explorer.load(file))
  if (result !== null) return unwrapped(result)
  throw new StageError('config', `${file} has no key "stage"`)
}

/** Runs a part of the search. What the system refuses there is a fault of the configuration, not a bug. */
async function expected<Result>(failure: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof StageError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new StageError('config', `${failure}: ${reason}`, { cause: error })
  }
}

function unwrapped(result: { readonly filepath: string; readonly config: unknown }): FoundConfig {
  const { filepath: file, config } = result
  if (typeof config === 'object' && config !== null && 'value' in config) return { file, value: config.value }
  throw new StageError('config', `${file} is empty`, { hint: 'see stage.config.example.ts' })
}

async function parsed(
  file: string,
  text: string,
  parse: (file: string, text: string) => unknown,
): Promise<unknown> {
  try {
    return parse(file, text)
  } catch (error) {
    const fault = parse === parseJson ? faultOfJson(error, file, text) : faultOfYaml(error, file)
    throw await faultError(fault, error)
  }
}

const parseJson = (_file: string, text: string): unknown => JSON.parse(text)
const parseYaml = (file: string, text: string): unknown => defaultLoaders['.yaml'](file, text)

function* upward(directory: string): Generator<string> {
  yield directory
  const parent = dirname(directory)
  if (parent !== directory) yield* upward(parent)
}
