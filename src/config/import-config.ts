import { dirname, extname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openPlainFile, UnreadableFile } from '../artifact/plain-file.ts'
import { StageError } from '../model/stage-error.ts'
import { CONFIGURATION_BYTES } from './limits.ts'
import { faultOfModule } from './module-fault.ts'
import { formatFault, type SourceFault } from './source-fault.ts'

/** The tool's own code: `src` and `recipes`, beside each other in the sources and in `dist`. */
const ownDirectories = ['../', '../../recipes/'].map(path => fileURLToPath(new URL(path, import.meta.url)))

/**
 * Runs a configuration in TypeScript or JavaScript and returns its default export. What it imports may be TypeScript
 * as well; `modules` are at hand by name, whatever is installed where it stands.
 *
 * @param onRead is told of each file that is read, before it runs
 * @throws StageError `config` naming the line, when it cannot be read or does not run to its end
 */
export async function importConfig(
  file: string,
  modules: ReadonlyMap<string, unknown>,
  onRead: (file: string) => void = () => undefined,
): Promise<unknown> {
  if (extname(file) === '.js') await requirePlainPackages(file)
  const module = await run(file, modules, onRead)
  if (typeof module === 'object' && module !== null && 'default' in module) return module.default
  throw new StageError('config', `${file} has no default export`, {
    hint: 'end it with: export default defineConfig({ … })',
  })
}

/**
 * jiti asks the nearest `package.json` what kind of module a `.js` is, and the whole process would wait with it where that is
 * a pipe.
 *
 * @throws UnreadableFile
 */
async function requirePlainPackages(file: string): Promise<void> {
  const directory = dirname(file)
  const isPackage = await openPlainFile(join(directory, 'package.json'), {
    mostBytes: CONFIGURATION_BYTES,
  }).then(
    async opened => {
      await opened.close()
      return true
    },
    (error: unknown) => {
      if (error instanceof UnreadableFile) throw error
      return false
    },
  )
  if (!isPackage && directory !== dirname(directory)) await requirePlainPackages(directory)
}

async function run(
  file: string,
  modules: ReadonlyMap<string, unknown>,
  onRead: (file: string) => void,
): Promise<unknown> {
  const { createJiti } = await import('jiti')
  // A cache that others can write to would be a way to run their code as whoever deploys.
  const uncached = { fsCache: false, moduleCache: false }
  const compiler = createJiti(file, uncached)
  const compiled = new Map<string, string>()
  const jiti = createJiti(file, {
    ...uncached,
    virtualModules: Object.fromEntries(modules),
    sourceMaps: true,
    // jiti's own compiler; what it made is what errors tell the lines of.
    transform: options => {
      if (options.filename !== undefined) onRead(options.filename)
      const code = compiler.transform(options)
      if (options.filename !== undefined) compiled.set(options.filename, code)
      return { code }
    },
  })
  try {
    return await jiti.import(file)
  } catch (error) {
    throw faultError(faultOfModule(error, file, { isTheirs, compiled, names: namesIn(modules) }), error)
  }
}

const namesIn = (modules: ReadonlyMap<string, unknown>): readonly string[] =>
  [...modules.values()].flatMap(module =>
    typeof module === 'object' && module !== null ? Object.keys(module) : [],
  )

function isTheirs(file: string): boolean {
  return !file.includes(`${sep}node_modules${sep}`) && !ownDirectories.some(own => file.startsWith(own))
}

/** The end of a command because of a fault in a source file. */
export function faultError(fault: SourceFault, cause: unknown): StageError {
  const hint = cause instanceof StageError ? cause.hint : fault.hint
  return new StageError('config', formatFault(fault), hint === undefined ? { cause } : { cause, hint })
}
