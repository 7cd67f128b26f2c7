import { compareVersions, type Fact, pythonFact, type RecipeContext, satisfies } from 'stage-deploy'
import { hostProgram } from './host-program.ts'
import type { PythonOptions, PythonSettings } from './options.ts'

/** What one interpreter said of itself when it was run. */
export interface Interpreter {
  readonly path: string
  /** `3.11.2` */
  readonly version: string
  readonly final: boolean
  readonly implementation: string
  readonly freeThreaded: boolean
  readonly venv: boolean
  /** A pip wheel, where ensurepip would take it from. */
  readonly pipWheel: string | undefined
  readonly platform: string
}

/** What the python recipe asks of every host. */
export interface PythonFacts {
  readonly interpreters: readonly Interpreter[]
}
export type PythonContext = RecipeContext<PythonFacts>

/** Finds the interpreters of a host by running them. */
export function interpretersFact(settings: PythonSettings): Fact<readonly Interpreter[]> {
  return pythonFact(discovery(settings.interpreter), readInterpreters)
}

/** The interpreter given by path is looked at too: sys.argv is filled in, since a fact in Python has no arguments. */
function discovery(interpreter: PythonOptions['interpreter']): string {
  const paths = interpreter?.startsWith('/') ? [interpreter] : []
  return `import sys\nsys.argv[1:] = ${JSON.stringify(paths)}\n${hostProgram('discover')}`
}

function readInterpreters(out: string): readonly Interpreter[] {
  const found: unknown = JSON.parse(out)
  if (!Array.isArray(found)) throw new Error('the host did not list its interpreters')
  return found.map(readInterpreter)
}

function readInterpreter(found: unknown): Interpreter {
  const said = new Map(Object.entries(typeof found === 'object' && found !== null ? found : {}))
  const text = (key: string): string => {
    const value = said.get(key)
    if (typeof value !== 'string') throw new Error(`an interpreter did not say its ${key}`)
    return value
  }
  const wheel = said.get('pipWheel')
  return {
    path: text('path'),
    version: text('version'),
    final: said.get('final') === true,
    implementation: text('implementation'),
    freeThreaded: said.get('freeThreaded') === true,
    venv: said.get('venv') === true,
    pipWheel: typeof wheel === 'string' ? wheel : undefined,
    platform: text('platform'),
  }
}

/** `3.11` of `3.11.2`. */
const xy = (interpreter: Interpreter): string => interpreter.version.split('.').slice(0, 2).join('.')

/** What this host could use: no pre-releases and no free-threaded builds unless asked for by path. */
function suitable(
  settings: PythonSettings,
  context: PythonContext,
  facts: PythonFacts,
): readonly Interpreter[] {
  const { interpreter = 'auto', requires } = settings
  const rules = [requires, context.revision.requiresPython].filter(rule => rule !== undefined).filter(Boolean)
  const allowed = facts.interpreters.filter(found =>
    rules.every(rule => satisfies(found.version, rule, { prereleases: true })),
  )
  if (interpreter.startsWith('/')) return allowed.filter(found => found.path === interpreter)
  const released = allowed.filter(found => found.final && !found.freeThreaded)
  return interpreter === 'auto' ? released : released.filter(found => xy(found) === interpreter)
}

/** The same X.Y on every host: what was verified on one is what runs on all. */
export function chooseInterpreter(settings: PythonSettings, context: PythonContext): Interpreter | undefined {
  const everywhere = [...context.fleet.values()].map(facts => suitable(settings, context, facts))
  const own = suitable(settings, context, context.facts)
  const common = own.filter(found =>
    everywhere.every(others => others.some(other => xy(other) === xy(found))),
  )
  return common.toSorted((a, b) => compareVersions(b.version, a.version))[0]
}

/** Why this host cannot build; each a sentence. */
export function problemsOf(settings: PythonSettings, context: PythonContext): readonly string[] {
  const chosen = chooseInterpreter(settings, context)
  if (chosen === undefined) return [noInterpreter(settings, context)]
  const missing: string[] = []
  if (!chosen.venv)
    missing.push(`${chosen.path} has no venv module: install python3-venv (Debian), or a complete Python`)
  if (chosen.pipWheel === undefined) {
    missing.push(`${chosen.path} has no pip to build with: install python3-pip-whl or python3-venv (Debian)`)
  }
  return missing
}

function noInterpreter({ interpreter = 'auto', requires }: PythonSettings, context: PythonContext): string {
  const here = context.facts.interpreters.map(found => `${found.version} (${found.path})`).join(', ')
  const rules = [
    ...(interpreter === 'auto' ? [] : [`interpreter ${interpreter}`]),
    ...(requires === undefined ? [] : [`requires ${requires}`]),
    ...(context.revision.requiresPython === undefined
      ? []
      : [`Requires-Python ${context.revision.requiresPython}`]),
    ...(context.fleet.size > 1 ? ['the same X.Y on every host'] : []),
  ]
  const asked = rules.length === 0 ? 'a released CPython' : rules.join(', ')
  return `no suitable Python for ${asked}; this host has ${here === '' ? 'none' : here}`
}
