import { stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { defaultLoaders } from 'cosmiconfig'
import { readPlainText, UnreadableFile } from '../artifact/plain-file.ts'
import { StageError } from '../model/stage-error.ts'
import { faultOfJson, faultOfYaml } from './data-fault.ts'
import { faultError, importConfig } from './import-config.ts'
import { CONFIGURATION_BYTES } from './limits.ts'
import { distrust } from './whose-file.ts'

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

/** Where a search begins, or the file that was named, and whose files may be found: undefined where all may. */
export interface SearchFrom {
  readonly cwd: string
  readonly file: string | undefined
  readonly trusted: ReadonlySet<number> | undefined
  /** Is told of each file that is read. */
  readonly onRead: (file: string) => void
}

/**
 * Finds and reads the configuration: the named file, or the nearest one from the working directory upward. Nothing else
 * is read on the way: cosmiconfig's own search would also obey settings, and run code, from the working directory.
 *
 * @param modules what a configuration in TypeScript or JavaScript may import by name
 * @throws StageError `config` when there is none, when it is somebody else's, or when it cannot be read, naming the line
 */
export async function findConfig(
  { cwd, file: named, trusted, onRead }: SearchFrom,
  modules: ReadonlyMap<string, unknown>,
): Promise<FoundConfig> {
  if (named !== undefined)
    return await loadNamed(resolve(cwd, named), { modules, trusted: undefined, onRead })
  for (const directory of upward(resolve(cwd))) {
    for (const name of searchPlaces) {
      const file = join(directory, name)
      const isThere = await expected(`${directory} cannot be searched`, () => isFile(file))
      const read = isThere ? await load(file, { modules, trusted, onRead }) : undefined
      if (read !== undefined) return { file, value: read.value }
    }
  }
  throw new StageError('config', `no configuration in ${resolve(cwd)} or in a directory above it`, {
    hint: `\`deploy init\` writes one here, with comments; looked for ${searchPlaces.join(', ')} with a key "stage"`,
  })
}

async function isFile(path: string): Promise<boolean> {
  try {
    return !(await stat(path)).isDirectory()
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      ['ENOENT', 'ENOTDIR', 'EACCES'].includes(`${error.code}`)
    )
      return false
    throw error
  }
}

interface Reading extends Pick<SearchFrom, 'trusted' | 'onRead'> {
  readonly modules: ReadonlyMap<string, unknown>
}

interface Read {
  readonly value: unknown
}

/** Undefined: a package.json without a configuration, whoever it belongs to. */
async function load(file: string, options: Reading): Promise<Read | undefined> {
  const { trusted, onRead } = options
  const isPackage = basename(file) === 'package.json'
  // Looked at before it is read: what is read then cannot have been put there by others meanwhile.
  const refused = await expected(`${file} cannot be looked at`, async () =>
    trusted === undefined ? undefined : await distrust(file, trusted),
  )
  if (refused !== undefined && !isPackage) throw refused
  onRead(file)
  const text = await expected(`${file} cannot be read`, () => readPlainText(file, CONFIGURATION_BYTES))
  if (text.trim() === '')
    throw new StageError('config', `${file} is empty`, { hint: 'see stage.config.example.ts' })
  if (!isPackage) return { value: await evaluated(file, text, options) }
  const value: unknown = await parsed(file, text, parseJson)
  const stage = typeof value === 'object' && value !== null && 'stage' in value ? value.stage : undefined
  if (stage === undefined) return undefined
  if (refused !== undefined) throw refused
  return { value: stage }
}

async function loadNamed(file: string, options: Reading): Promise<FoundConfig> {
  if (!extensions.includes(extname(file)))
    throw new StageError('config', `${file} is no configuration by its name`, {
      hint: `it ends in one of ${extensions.join(' ')}`,
    })
  const read = await load(file, options)
  if (read === undefined) throw new StageError('config', `${file} has no key "stage"`)
  return { file, value: read.value }
}

async function evaluated(file: string, text: string, { modules, onRead }: Reading): Promise<unknown> {
  switch (extname(file)) {
    case '.json':
      return await parsed(file, text, parseJson)
    case '.yaml':
    case '.yml':
      return await parsed(file, text, parseYaml)
    default:
      return await expected(`${file} cannot be read`, () => importConfig(file, modules, onRead))
  }
}

/** Runs a part of the search. What the system refuses there is a fault of the configuration, not a bug. */
async function expected<Result>(failure: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof StageError) throw error
    if (error instanceof UnreadableFile) throw new StageError('config', error.message, { cause: error })
    const reason = error instanceof Error ? error.message : String(error)
    throw new StageError('config', `${failure}: ${reason}`, { cause: error })
  }
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
    throw faultError(fault, error)
  }
}

const parseJson = (_file: string, text: string): unknown => JSON.parse(text)
const parseYaml = (file: string, text: string): unknown => defaultLoaders['.yaml'](file, text)

function* upward(directory: string): Generator<string> {
  yield directory
  const parent = dirname(directory)
  if (parent !== directory) yield* upward(parent)
}
