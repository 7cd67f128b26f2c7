import { isSpecifier, type Secret } from 'stage-deploy'

/** How Python projects are built and verified. Every option has a default. */
export interface PythonOptions {
  /**
   * `'auto'`: the highest X.Y that every host has, found by running it, and that `requires` and the sdist's own
   * Requires-Python allow; or one X.Y, as `'3.11'`; or the absolute path of an interpreter.
   */
  readonly interpreter?: 'auto' | `${number}.${number}` | `/${string}`
  /** A PEP 440 specifier for the Python, on top of the sdist's own: `'>=3.9'`. */
  readonly requires?: string
  /** The environment's directory inside the revision. Default: `.env`. */
  readonly environment?: string
  /** A lock file inside the sdist; hashes are enforced when it has them. The project's own requirements are not resolved then. */
  readonly requirements?: string
  /** The index for the build only; passed by environment, so a secret is in no process list. */
  readonly index?: string | Secret
  readonly extras?: readonly string[]
  /** More arguments for pip while it builds wheels; index settings of the host are ignored. */
  readonly pipArgs?: readonly string[]
  /** Narrows what is verified unasked. */
  readonly check?: { readonly compile?: boolean; readonly imports?: boolean }
}

const known = [
  'interpreter',
  'requires',
  'environment',
  'requirements',
  'index',
  'extras',
  'pipArgs',
  'check',
] as const satisfies readonly (keyof PythonOptions)[]

/** The options with their defaults. */
export type PythonSettings = PythonOptions &
  Required<Pick<PythonOptions, 'environment' | 'extras' | 'pipArgs'>>

/**
 * Fills in the defaults. A configuration in JSON or YAML has no compiler, so everything is looked at once more.
 *
 * @throws TypeError with everything that is wrong
 */
export function readOptions(options: PythonOptions): PythonSettings {
  const unknown = Object.keys(options).filter(key => !known.some(name => name === key))
  const {
    interpreter = 'auto',
    requires,
    environment = '.env',
    requirements,
    extras = [],
    pipArgs = [],
  } = options
  const wrong = [
    ...unknown.map(key => `${key} is not an option (there are ${known.join(', ')})`),
    ...(/^(auto|\d+\.\d+|\/.+)$/.test(interpreter)
      ? []
      : [`interpreter: "${interpreter}" is neither auto, nor X.Y, nor an absolute path`]),
    ...(requires === undefined || isSpecifier(requires)
      ? []
      : [`requires: "${requires}" is not a PEP 440 specifier`]),
    ...(isInside(environment)
      ? []
      : [`environment: "${environment}" is not a directory inside the revision`]),
    ...(requirements === undefined || isInside(requirements)
      ? []
      : [`requirements: "${requirements}" is not a file inside the sdist`]),
    ...(isListOfTexts(extras) ? [] : ['extras: not a list of texts']),
    ...(isListOfTexts(pipArgs) ? [] : ['pipArgs: not a list of texts']),
  ]
  if (wrong.length > 0) throw new TypeError(`python: ${wrong.join('; ')}`)
  return { ...options, environment, extras, pipArgs }
}

function isInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split('/').includes('..')
}

const isListOfTexts = (value: readonly unknown[]): boolean =>
  Array.isArray(value) && value.every(item => typeof item === 'string')
