import { CommanderError, type Command as Program } from 'commander'
import { type ExitCode, exitCodes } from '../model/outcome.ts'
import { StageError } from '../model/stage-error.ts'
import { killSurvivors } from '../transport/no-survivors.ts'
import type { Action } from './action.ts'
import { exitCodeOf } from './exit-code.ts'
import { readHostLists } from './host-lists.ts'
import { catchInterrupts } from './interrupts.ts'
import { leave } from './leave.ts'
import { buildProgram } from './program.ts'
import { exitOfTelling, unwrittenLines, watchOutput } from './results.ts'
import { say } from './say.ts'
import { type Surroundings, surroundingsOf } from './surroundings.ts'
import { supportedNode } from './tool.ts'

/** Runs the command line and resolves with its exit code. Never rejects. */
async function main(
  around: Surroundings,
  outputFailure: () => Promise<Error | undefined>,
): Promise<ExitCode> {
  const chosen: Action[] = []
  const program = buildProgram(action => chosen.push(action))
  for (const command of withSubcommands(program)) command.exitOverride()
  const interrupts = catchInterrupts(process, () => performance.now(), leave)
  const lists = { cwd: around.cwd, signal: interrupts.interrupted }
  program.hook('preAction', (_program, called) => readHostLists(called, lists))
  try {
    await program.parseAsync([...around.argv], { from: 'user' })
    const [action] = chosen
    if (action === undefined) return exitCodes.done
    const { checkNodeVersion } = await import('./node-version.ts')
    checkNodeVersion(process.versions.node, supportedNode())
    return await action({ around, interrupts })
  } catch (error) {
    const exit = await explain(around, error)
    // A help or a version is a result.
    return exitOfTelling(exit, exit !== exitCodes.done || (await outputFailure()) === undefined)
  } finally {
    interrupts.stop()
  }
}

/** A command and all below it: `deploy version` has commands of its own. */
const withSubcommands = (command: Program): readonly Program[] => [
  command,
  ...command.commands.flatMap(withSubcommands),
]

/** Says why a command ended before it could say anything itself. */
async function explain(around: Surroundings, error: unknown): Promise<ExitCode> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  const { errorLines } = await import('./error-lines.ts')
  say(around.stderr, errorLines(around, error))
  return error instanceof StageError ? exitCodeOf(error) : exitCodes.bug
}

// Whoever reads us may go away first (`deploy status | head`): that is no failure of ours.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

process.on('exit', killSurvivors)

const outputFailure = watchOutput(process.stdout)
main(surroundingsOf(process), outputFailure).then(async code => {
  process.exitCode = code
  const failure = await outputFailure()
  if (failure !== undefined) say(process.stderr, unwrittenLines(failure, code))
  // Nothing may keep a finished command alive: a timer or a socket of a library that forgot to let go.
  setTimeout(() => process.exit(code), LINGER_MS).unref()
})

/** For standard output to drain into a slow pipe. */
const LINGER_MS = 2_000
