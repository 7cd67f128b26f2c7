import {
  compareVersions,
  type Fact,
  isSpecifier,
  pythonFact,
  type RecipeContext,
  satisfies,
} from 'stage-deploy'
import { hostProgram } from './host-program.ts'
import type { PythonSettings } from './options.ts'

/** What one interpreter said of itself when it was run. */
export interface Interpreter {
  readonly path: string
  /** `3.11.2`; of a pre-release too. */
  readonly version: string
  readonly final: boolean
  readonly implementation: string
  readonly freeThreaded: boolean
  readonly venv: boolean
  /** A pip wheel of the host, where ensurepip would take it from. */
  readonly pipWheel: string | undefined
  /** Of compiled extensions: `cpython-311-x86_64-linux-gnu`. */
  readonly abi: string
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
function discovery(interpreter: string): string {
  const paths = interpreter.startsWith('/') ? [interpreter] : []
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
  const version = text('version')
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`an interpreter calls its version ${version}`)
  const wheel = said.get('pipWheel')
  return {
    path: text('path'),
    version,
    final: said.get('final') === true,
    implementation: text('implementation'),
    freeThreaded: said.get('freeThreaded') === true,
    venv: said.get('venv') === true,
    pipWheel: typeof wheel === 'string' ? wheel : undefined,
    abi: text('abi'),
    platform: text('platform'),
  }
}

/** `3.11` of `3.11.2`. */
const xy = (interpreter: Interpreter): string => interpreter.version.split('.').slice(0, 2).join('.')

/** What hosts have in common on which the same wheels can be installed: implementation, X.Y, ABI, platform, C library. */
export const platformKey = (interpreter: Interpreter): string =>
  [`${interpreter.implementation} ${xy(interpreter)}`, interpreter.abi, interpreter.platform].join(', ')

const lacksPip = ({ pip }: PythonSettings, { pipWheel }: Interpreter): boolean =>
  pipWheel === undefined && pip === undefined

/** What is asked of a Python. A Requires-Python that is no specifier is ignored, as pip does. */
function rulesOf({ requires }: PythonSettings, { revision }: PythonContext) {
  const own = revision.requiresPython
  return {
    requires: requires === undefined || requires === '' ? undefined : requires,
    requiresPython: own === undefined || own === '' || !isSpecifier(own) ? undefined : own,
  }
}

const isPath = ({ interpreter }: PythonSettings): boolean => interpreter.startsWith('/')

/** What a host could use: released CPythons with a GIL, or whatever stands at the path that was asked for. */
function suitable(
  settings: PythonSettings,
  context: PythonContext,
  facts: PythonFacts,
): readonly Interpreter[] {
  const { interpreter } = settings
  const rules = Object.values(rulesOf(settings, context)).filter(text => text !== undefined)
  const allowed = facts.interpreters.filter(found =>
    rules.every(text => satisfies(found.version, text, { prereleases: true })),
  )
  if (isPath(settings)) return allowed.filter(found => found.path === interpreter)
  const usual = allowed.filter(
    found => found.final && !found.freeThreaded && found.implementation === 'cpython',
  )
  return interpreter === 'auto' ? usual : usual.filter(found => xy(found) === interpreter)
}

/**
 * The highest X.Y that every host has: what was verified on one is what runs on all. One that every host can build
 * with comes before a higher one that lacks pip somewhere. What was asked for by path is what stands there, on every host
 * for itself: then hosts may have Pythons of several platforms.
 */
export function chooseInterpreter(settings: PythonSettings, context: PythonContext): Interpreter | undefined {
  const fleet = [...context.fleet.values()].map(facts => suitable(settings, context, facts))
  const own = suitable(settings, context, context.facts)
  if (isPath(settings)) return own[0]
  const highestCommon = (fits: (found: Interpreter) => boolean) =>
    own
      .filter(found => fits(found))
      .filter(found => fleet.every(others => others.some(other => fits(other) && xy(other) === xy(found))))
      .toSorted((a, b) => compareVersions(b.version, a.version))[0]
  return highestCommon(found => found.venv && !lacksPip(settings, found)) ?? highestCommon(() => true)
}

/** Why this host cannot build; each a sentence. */
export function problemsOf(settings: PythonSettings, context: PythonContext): readonly string[] {
  const chosen = chooseInterpreter(settings, context)
  if (chosen === undefined) return [noInterpreter(settings, context)]
  const { path, venv } = chosen
  return [
    ...(venv ? [] : [`${path} has no venv module: install python3-venv (Debian), or a complete Python`]),
    ...(lacksPip(settings, chosen)
      ? [
          `${path} has no pip to build with: install python3-pip-whl or python3-venv (Debian), or send one, with the option \`pip\``,
        ]
      : []),
  ]
}

function noInterpreter(settings: PythonSettings, context: PythonContext): string {
  const { interpreter } = settings
  const { requires, requiresPython } = rulesOf(settings, context)
  const here = context.facts.interpreters.map(found => `${found.version} (${found.path})`).join(', ')
  const asked = [
    interpreter === 'auto' ? 'a released CPython' : `interpreter ${interpreter}`,
    ...(requires === undefined ? [] : [`requires ${requires}`]),
    ...(requiresPython === undefined ? [] : [`Requires-Python ${requiresPython}`]),
    ...(context.fleet.size > 1 && !isPath(settings) ? ['the same X.Y on every host'] : []),
  ]
  return `no suitable Python: wanted is ${asked.join(', ')}; this host has ${here === '' ? 'none' : here}`
}
