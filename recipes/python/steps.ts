import { basename } from 'node:path/posix'
import { pathToFileURL } from 'node:url'
import { type ExecOptions, exec, type HostPaths, type Step, sendFile } from 'stage-deploy'
import { hostProgram } from './host-program.ts'
import { type Interpreter, type PythonContext, platformKey } from './interpreters.ts'
import type { PythonSettings } from './options.ts'

/** The pip that builds on a host: its own, or else the one that is sent. */
interface Pip {
  /** `23.0.1` of `pip-23.0.1-py3-none-any.whl` (PEP 427). */
  readonly version: string
  /** Where its wheel is on the host. */
  readonly wheel: string
  /** Where it is unpacked for this build alone: what another build runs could have changed what they shared. */
  readonly directory: string
  /** The file of the runner that is sent for it; undefined: the host has it. */
  readonly sent: string | undefined
}

/** Names the directory of what is sent in DEPLOY_PRODUCTS. */
const PIP_PRODUCTS = 'pip'

export function pipOf({ pip }: PythonSettings, paths: HostPaths, { pipWheel }: Interpreter): Pip {
  const name = basename(pipWheel ?? pip ?? '')
  const version = /^pip-([^-]+)-/.exec(name)?.[1] ?? 'unknown'
  return {
    version,
    wheel: pipWheel ?? `${paths.products}/${PIP_PRODUCTS}/${name}`,
    directory: `${paths.products}/.pip-${version}`,
    sent: pipWheel === undefined ? pip : undefined,
  }
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
  const pip = pipOf(settings, paths, chosen)
  const make = [chosen.path, '-I', '-c', hostProgram('make_environment'), settings.environment]
  const venv = [...make, '--without-pip', '--prompt', revision.name, environment]
  const unpack = [hostProgram('unpack_pip'), pip.wheel, pip.directory]
  const builds = wheelBuilds(settings, context)
  const install = [
    `${pip.directory}/pip`,
    settings.environment,
    ...builds.map(({ name }) => `${paths.products}/${name}`),
  ]
  return [
    exec(venv, {
      title: `create ${settings.environment} with Python ${chosen.version}`,
      ...settings.limits.install,
    }),
    ...(pip.sent === undefined
      ? []
      : [sendFile(pip.sent, { name: PIP_PRODUCTS, title: `send pip ${pip.version}` })]),
    exec([interpreter, '-I', '-c', ...unpack], {
      title: `unpack pip ${pip.version}`,
      ...settings.limits.install,
    }),
    ...builds.map(build => wheelStep(settings, context, chosen, build)),
    exec([interpreter, '-I', '-c', hostProgram('install'), ...install], {
      title: 'install exactly these wheels',
      ...settings.limits.install,
      env: pipEnvironment,
    }),
  ]
}

/** One run of `pip wheel`. */
interface WheelBuild {
  /** Of the directory for its wheels. */
  readonly name: string
  readonly title: string
  readonly args: readonly string[]
  /** The same, without what differs from host to host. */
  readonly inputs: readonly string[]
}

function wheelBuilds(settings: PythonSettings, context: PythonContext): readonly WheelBuild[] {
  const { requirements, extras } = settings
  if (requirements === undefined) {
    const args = [sdistReference(context, extras)]
    const title = 'build wheels of the project and all it needs'
    return [{ name: 'wheels', title, args, inputs: extras.map(extra => `[${extra}]`) }]
  }
  const project = ['--no-deps', sdistReference(context, [])]
  const locked = ['--requirement', requirements]
  return [
    { name: 'wheels', title: 'build the wheel of the project', args: project, inputs: ['--no-deps'] },
    {
      name: 'locked-wheels',
      title: `build wheels of what ${requirements} names`,
      args: locked,
      inputs: locked,
    },
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

function wheelStep(
  settings: PythonSettings,
  { paths }: PythonContext,
  chosen: Interpreter,
  { name, title, args, inputs }: WheelBuild,
): Step {
  const { environment, build, pipArgs, index } = settings
  const interpreter = `${paths.revision}/${environment}/bin/python`
  // The variables of a configuration, which reach every step, may have passwords too: only the host sees them all.
  const guarded = [interpreter, '-I', '-c', hostProgram('guarded_pip')]
  const wheel = [...guarded, `${pipOf(settings, paths, chosen).directory}/pip`, 'wheel', ...pipFlags]
  const into = ['--wheel-dir', `${paths.products}/${name}`, '--progress-bar', 'off']
  const options: ExecOptions = {
    env: index === undefined ? pipEnvironment : { ...pipEnvironment, PIP_INDEX_URL: index },
    ...settings.limits.build,
    title,
  }
  // Hosts of one platform may have other versions of pip, and other paths to it: that decides nothing.
  const share = {
    ...{ key: platformKey(chosen), name, inputs: [...pipArgs, ...inputs] },
    ...(settings.builder === undefined ? {} : { builder: settings.builder }),
    builderOption: 'python({ builder })',
  }
  return exec(
    [...wheel, ...into, ...pipArgs, ...args],
    build === 'per-host' ? options : { ...options, share },
  )
}

/** What is verified without being asked. */
export function verifySteps(
  settings: PythonSettings,
  { paths, revision }: PythonContext,
  chosen: Interpreter,
): readonly Step[] {
  const { compile, imports } = settings.check
  const interpreter = `${paths.revision}/${settings.environment}/bin/python`
  const pip = `${pipOf(settings, paths, chosen).directory}/pip`
  const run = (what: 'compile' | 'imports', title: string) =>
    exec([interpreter, '-I', '-c', hostProgram('installed'), what, revision.project], {
      title,
      ...settings.limits.verify,
    })
  return [
    exec([interpreter, pip, ...pipFlags, 'check'], {
      title: 'pip check',
      env: pipEnvironment,
      ...settings.limits.verify,
    }),
    ...(compile ? [run('compile', 'byte-compile what is installed')] : []),
    ...(imports ? [run('imports', 'import the packages, load the console scripts')] : []),
  ]
}
