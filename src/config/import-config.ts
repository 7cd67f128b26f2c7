import { readFile } from 'node:fs/promises'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StageError } from '../model/stage-error.ts'
import { faultOfModule } from './module-fault.ts'
import { formatFault, type SourceFault } from './source-fault.ts'

/** The tool's own code: `src` and `recipes`, beside each other in the sources and in `dist`. */
const ownDirectories = ['../', '../../recipes/'].map(path => fileURLToPath(new URL(path, import.meta.url)))

/**
 * Runs a configuration in TypeScript or JavaScript and returns its default export. What it imports may be TypeScript
 * as well; `modules` are at hand by name, whatever is installed where it stands.
 *
 * @throws StageError `config` showing the line, when it cannot be read or does not run to its end
 */
export async function importConfig(file: string, modules: ReadonlyMap<string, unknown>): Promise<unknown> {
  const module = await run(file, modules)
  if (typeof module === 'object' && module !== null && 'default' in module) return module.default
  throw new StageError('config', `${file} has no default export`, {
    hint: 'end it with: export default defineConfig({ … })',
  })
}

async function run(file: string, modules: ReadonlyMap<string, unknown>): Promise<unknown> {
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
      const code = compiler.transform(options)
      if (options.filename !== undefined) compiled.set(options.filename, code)
      return { code }
    },
  })
  try {
    return await jiti.import(file)
  } catch (error) {
    throw await faultError(faultOfModule(error, file, { isTheirs, compiled }), error)
  }
}

function isTheirs(file: string): boolean {
  return !file.includes(`${sep}node_modules${sep}`) && !ownDirectories.some(own => file.startsWith(own))
}

/** The end of a command because of a fault in a source file, which is read once more to show the line. */
export async function faultError(fault: SourceFault, cause: unknown): Promise<StageError> {
  const source = await readFile(fault.file, 'utf8').catch(() => undefined)
  const hint = cause instanceof StageError ? cause.hint : undefined
  return new StageError(
    'config',
    formatFault(fault, source),
    hint === undefined ? { cause } : { cause, hint },
  )
}
