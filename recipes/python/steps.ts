import { basename } from 'node:path/posix'
import { pathToFileURL } from 'node:url'
import { exec, type HostPaths, minutes, type Step } from 'stage-deploy'
import { hostProgram } from './host-program.ts'
import type { Interpreter, PythonContext } from './interpreters.ts'
import type { PythonSettings } from './options.ts'

/** Where pip is unpacked. Wheels of pip are named `pip-23.0.1-py3-none-any.whl` (PEP 427). */
export function pipDirectory(paths: HostPaths, { pipWheel = '' }: Interpreter): string {
  const version = /^pip-([^-]+)-/.exec(basename(pipWheel))?.[1] ?? 'unknown'
  return `${paths.tools}/pip-${version}`
}

/** PIP_CONFIG_FILE=/dev/null: pip's documented way to read no configuration file at all. */
const pipEnvironment = { PIP_CONFIG_FILE: '/dev/null' }
const pipFlags = ['--disable-pip-version-check', '--no-input', '--no-color']

/** The environment at its final path, pip beside it, wheels from the sdist file, exactly these installed. */
export function buildSteps(
  settings: PythonSettings,
  context: PythonContext,
  chosen: Interpreter,
): readonly Step[] {
  const { paths, revision } = context
  const environment = `${paths.revision}/${settings.environment}`
  const interpreter = `${environment}/bin/python`
  const pipTree = pipDirectory(paths, chosen)
  const pip = `${pipTree}/pip`
  // Inside the environment: whatever a failed build leaves of them goes with it.
  const wheels = `${environment}/.wheels`
  const venv = [chosen.path, '-I', '-m', 'venv', '--without-pip', '--prompt', revision.name, environment]
  const unpack = [hostProgram('unpack_pip'), chosen.pipWheel ?? '', pipTree, paths.incoming]
  return [
    exec(venv, { title: `create ${settings.environment} with Python ${chosen.version}` }),
    exec([interpreter, '-I', '-c', ...unpack], { title: 'unpack pip, once per host' }),
    ...wheelSteps(settings, context, [interpreter, pip, 'wheel', ...pipFlags, '--wheel-dir', wheels]),
    exec([interpreter, '-I', '-c', hostProgram('install'), pip, wheels, settings.environment], {
      title: 'install exactly these wheels',
      env: pipEnvironment,
    }),
  ]
}

/**
 * The sdist as a PEP 508 direct reference with its hash: pip checks it, and keys its cache of built wheels by it. By
 * path alone it would install the wheel of other bytes that once stood at the same path.
 */
function sdistReference({ paths, revision }: PythonContext, extras: readonly string[]): string {
  const wanted = extras.length === 0 ? '' : `[${extras.join(',')}]`
  return `${revision.project}${wanted} @ ${pathToFileURL(paths.sdist).href}#sha256=${revision.sha256}`
}

function wheelSteps(
  settings: PythonSettings,
  context: PythonContext,
  wheel: readonly string[],
): readonly Step[] {
  const { requirements, extras, pipArgs, index } = settings
  const env = index === undefined ? pipEnvironment : { ...pipEnvironment, PIP_INDEX_URL: index }
  const build = (args: readonly string[], title: string) =>
    exec([...wheel, '--progress-bar', 'off', ...pipArgs, ...args], { env, timeout: minutes(30), title })
  if (requirements === undefined) {
    return [build([sdistReference(context, extras)], 'build wheels of the project and all it needs')]
  }
  return [
    build(['--no-deps', sdistReference(context, [])], 'build the wheel of the project'),
    build(['--requirement', requirements], `build wheels of what ${requirements} names`),
  ]
}

/** What is verified without being asked. */
export function verifySteps(
  settings: PythonSettings,
  { paths, revision }: PythonContext,
  chosen: Interpreter,
): readonly Step[] {
  const { compile, imports } = settings.check
  const interpreter = `${paths.revision}/${settings.environment}/bin/python`
  const pip = `${pipDirectory(paths, chosen)}/pip`
  const run = (what: 'compile' | 'imports', title: string) =>
    exec([interpreter, '-I', '-c', hostProgram('installed'), what, revision.project], { title })
  return [
    exec([interpreter, pip, ...pipFlags, 'check'], { title: 'pip check', env: pipEnvironment }),
    ...(compile ? [run('compile', 'byte-compile what is installed')] : []),
    ...(imports ? [run('imports', 'import the packages, load the console scripts')] : []),
  ]
}
