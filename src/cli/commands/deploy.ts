import { sdistWrittenBy, snapshotSdists } from '../../artifact/built-sdist.ts'
import { findSdist } from '../../artifact/find-sdist.ts'
import { readSdist, type Sdist } from '../../artifact/read-sdist.ts'
import { resolveTarget } from '../../config/resolve-target.ts'
import type { StageName } from '../../model/names.ts'
import type { ExitCode } from '../../model/outcome.ts'
import { StageError } from '../../model/stage-error.ts'
import type { Target } from '../../model/target.ts'
import { occupiedProblems } from '../../plan/preflight-sdist.ts'
import type { Wanted } from '../../plan/request.ts'
import { closest } from '../../recipe/closest.ts'
import { outputText } from '../../report/output-text.ts'
import { shownCommand } from '../../shell/shown-command.ts'
import { pythonRules } from '../../version/python-rules.ts'
import { hostFilter, type RunFlags } from '../flags.ts'
import { leftOutHosts } from '../left-out.ts'
import { readConfiguration } from '../read-configuration.ts'
import { runLocally } from '../run-locally.ts'
import type { Command } from '../run-on-stage.ts'
import { runRevision } from '../run-revision.ts'
import { versionProblems } from '../said-version.ts'
import { say } from '../say.ts'

/** What stands on the command line. */
export interface DeployRequest {
  readonly intent: 'deploy' | 'prepare'
  readonly stage: StageName
  readonly sdist: string | undefined
  /** Commands that may have been meant by a word that is no stage. */
  readonly commands: readonly string[]
}

/** `deploy STAGE [SDIST]` and `deploy prepare STAGE [SDIST]`: everything, or everything up to the seal. */
export async function deploy(
  command: Command,
  { intent, stage, sdist: named, commands }: DeployRequest,
  flags: RunFlags,
): Promise<ExitCode> {
  const config = await readConfiguration(command, flags)
  refuseMisspeltCommand(stage, [...config.stages.keys()], commands)
  const target = resolveTarget(config, stage, hostFilter(flags))
  const path = await sdistPath(command, target, named, flags)
  const sdist = await readSdist(path, pythonRules)
  checkProject(sdist, target)
  const wanted = wantedOf(sdist)
  const disagreeing = await versionProblems(sdist, target, command.interrupts.interrupted)
  return runRevision(command, {
    target,
    intent,
    flags,
    alsoAsk: [],
    leftOut: leftOutHosts(config, target),
    check: [wanted.name],
    problems: [...disagreeing, ...occupiedProblems(sdist, target)],
    decide: () => ({ kind: 'chosen', value: wanted }),
  })
}

/** `deploy rolback production` deploys to no stage. */
function refuseMisspeltCommand(
  word: string,
  stages: readonly StageName[],
  commands: readonly string[],
): void {
  const meant = closest(word, commands)
  if (meant === undefined || stages.includes(word) || closest(word, stages) !== undefined) return
  throw new StageError('usage', `there is no command and no stage '${word}'`, {
    hint: `did you mean \`deploy ${meant}\`? the stages are: ${stages.join(', ')}`,
  })
}

/** An sdist as the revision that it becomes. */
export function wantedOf(sdist: Sdist): Wanted {
  return {
    name: sdist.revision,
    project: sdist.name,
    version: sdist.version,
    sha256: sdist.sha256,
    requiresPython: sdist.requiresPython,
    sdist: { path: sdist.path, bytes: sdist.size, unpackedBytes: sdist.unpackedSize },
  }
}

async function sdistPath(
  command: Command,
  target: Target,
  argument: string | undefined,
  flags: RunFlags,
): Promise<string> {
  const options = { project: target.project, rules: pythonRules }
  if (argument !== undefined) {
    if (flags.build === true) {
      throw new StageError('usage', 'an sdist was named and --build was given', {
        hint: 'leave one of the two out',
      })
    }
    return findSdist(argument, command.around.cwd, options)
  }
  const { artifact, directory } = target
  if (flags.build !== true) return findSdist(artifact.sdist, directory, options)
  if (artifact.build === undefined) {
    throw new StageError('config', '--build was given and the configuration has no `artifact.build`', {
      hint: "write artifact: { sdist: 'dist/*.tar.gz', build: ['python3', '-m', 'build', '--sdist'] }",
    })
  }
  const before = await snapshotSdists(artifact.sdist, directory)
  await build(command, artifact.build, directory)
  return sdistWrittenBy(artifact.sdist, directory, before)
}

/** A build has no time limit of its own: a timer of Node takes no more milliseconds (node:timers, `setTimeout`). */
const NO_LIMIT_MS = 2 ** 31 - 1

/** What the build prints goes to standard error: standard output is for results. */
async function build(
  { around, interrupts }: Command,
  argv: readonly string[],
  directory: string,
): Promise<void> {
  const { interrupted: signal } = interrupts
  const task = {
    title: 'build',
    action: { kind: 'local', argv },
    env: {},
    cwd: directory,
    timeoutMs: NO_LIMIT_MS,
    timeoutOption: 'nothing',
  } as const
  let missing: string | undefined
  const onOutput = (_: string, line: string) => {
    missing ??= missingBuilder(line)
    say(around.stderr, [outputText(line)])
  }
  const outcome = await runLocally(task, { env: {}, signal, onOutput })
  if (signal.aborted) throw new StageError('interrupted', 'Interrupted. Nothing was touched.')
  if (outcome.kind === 'ok') return
  const what = outcome.kind === 'failed' ? outcome.reason : outcome.kind
  throw new StageError('artifact', `the build failed: ${what}: ${shownCommand(argv)}`, {
    hint: missing ?? `it runs in ${directory}`,
  })
}

/** What to install, where the builder itself is not there: of every new machine, and of most virtual environments. */
function missingBuilder(line: string): string | undefined {
  const [, python] = /^(\S+): No module named build$/.exec(line) ?? []
  if (python === undefined) return undefined
  return `this Python has no \`build\`: ${python} -m pip install build; or write what builds your project, such as build: ['uv', 'build', '--sdist']`
}

function checkProject(sdist: Sdist, target: Target): void {
  if (pythonRules.sameProject(sdist.name, target.project)) return
  throw new StageError(
    'artifact',
    `${sdist.path} is the project ${sdist.name}, the configuration is for ${target.project}`,
    {
      hint: 'name another sdist, or mend `project` in the configuration',
    },
  )
}
