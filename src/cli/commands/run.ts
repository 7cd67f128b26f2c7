import { posix } from 'node:path'
import { runCommand } from '../../apply/run-command.ts'
import { resolveTarget } from '../../config/resolve-target.ts'
import type { Emit } from '../../model/event.ts'
import type { StageName } from '../../model/names.ts'
import { type ExitCode, exitCodes } from '../../model/outcome.ts'
import type { Target } from '../../model/target.ts'
import type { ConnectedHost } from '../../observe/connect-host.ts'
import { type CommandDetail, createCommandLines } from '../../report/command-lines.ts'
import { createEventStream, type EventStream } from '../../report/event-stream.ts'
import { createJsonLines } from '../../report/json-lines.ts'
import { outputLost } from '../../report/line-writer.ts'
import { commandArgv } from '../command-argv.ts'
import { type HostFlags, hostFilter } from '../flags.ts'
import { readConfiguration } from '../read-configuration.ts'
import { runIdentity } from '../run-identity.ts'
import type { Command } from '../run-on-stage.ts'
import { openSession } from '../session.ts'
import { columnsOf, type Surroundings, wantsColour } from '../surroundings.ts'
import { unreachedProblems } from '../unreached.ts'

export interface RunCommandFlags extends HostFlags {
  readonly script?: string
  readonly serial?: boolean
  readonly group?: boolean
  readonly timeoutMs: number
  readonly cwd?: string
}

/**
 * `deploy run STAGE -- COMMAND…`. Nothing is run anywhere before every host was reached. 0: it went well on all; 3: a host could
 * not be reached; 8: it failed somewhere; 130: interrupted.
 *
 * @param operands what commander took for the command
 */
export async function run(
  command: Command,
  stage: StageName,
  operands: readonly string[],
  flags: RunCommandFlags,
): Promise<ExitCode> {
  const { around, interrupts } = command
  const argv = await commandArgv(command, operands, flags.script)
  const target = resolveTarget(await readConfiguration(command, flags), stage, hostFilter(flags))
  const events = openEvents(around, flags, target)
  const { emit } = events
  const session = openSession(target, runIdentity(around), around, { emit, interrupts })
  const onInterrupt = () => emit({ type: 'notice', host: undefined, message: interrupted })
  interrupts.interrupted.addEventListener('abort', onInterrupt, { once: true })
  const startedMs = performance.now()
  try {
    const { connected, unreached } = await session.connect(target.hosts)
    for (const problem of unreachedProblems(unreached)) emit({ type: 'problem', problem })
    const exit =
      unreached.length === 0
        ? await interrupts.changingHosts(() => runOn(command, { target, connected, argv, flags, emit }))
        : refusal(command)
    const durationMs = Math.round(performance.now() - startedMs)
    emit({ type: 'run-finished', exit, summary: '', hosts: {}, durationMs })
    return exit
  } finally {
    interrupts.interrupted.removeEventListener('abort', onInterrupt)
    await session.close()
    await events.end()
  }
}

const interrupted =
  'Interrupted: this ends when what runs on the hosts has ended. A second signal leaves at once.'

const refusal = ({ interrupts }: Command): ExitCode =>
  interrupts.interrupted.aborted ? exitCodes.interrupted : exitCodes.refused

async function runOn(
  { interrupts }: Command,
  running: {
    readonly target: Target
    readonly connected: ReadonlyMap<string, ConnectedHost>
    readonly argv: readonly string[]
    readonly flags: RunCommandFlags
    readonly emit: Emit
  },
): Promise<ExitCode> {
  const { target, connected, argv, flags, emit } = running
  const { interrupted: signal, abandoned } = interrupts
  // The hosts kill what runs when they lose us.
  const leave = () => {
    for (const { end } of connected.values()) end.kill()
  }
  abandoned.addEventListener('abort', leave, { once: true })
  const hosts = [...connected.values()].map(({ host, end, opened }) => ({
    ...{ name: host.name, end, cwd: posix.resolve(opened.home, flags.cwd ?? '') },
    env: {
      DEPLOY_PROJECT: target.project,
      DEPLOY_STAGE: target.stage,
      DEPLOY_HOST: host.name,
      DEPLOY_ROOT: host.root,
      DEPLOY_LINK: `${host.root}/${target.stage}`,
      DEPLOY_SHARED: `${host.root}/shared`,
    },
  }))
  const parallel = flags.serial === true ? 1 : target.parallel
  const outcomes = await runCommand(
    { argv, timeoutMs: flags.timeoutMs, hosts },
    { emit, parallel, signal, monotonicMs: () => performance.now() },
  )
  abandoned.removeEventListener('abort', leave)
  if ([...outcomes.values()].every(({ kind }) => kind === 'ok')) return exitCodes.done
  return signal.aborted ? exitCodes.interrupted : exitCodes.drift
}

/** What the hosts print is the result: it goes to standard output, and what they print on standard error there. */
function openEvents(around: Surroundings, flags: RunCommandFlags, target: Target): EventStream {
  const { stdout, stderr, env } = around
  const events = createEventStream(around.now)
  const detail: CommandDetail = flags.quiet === true ? 'quiet' : flags.verbose === true ? 'verbose' : 'normal'
  events.subscribe(
    flags.json === true
      ? createJsonLines(stdout, outputLost)
      : createCommandLines({
          ...{ out: stdout, err: stderr, hosts: target.hosts.map(({ name }) => name), detail },
          grouped: flags.group === true,
          colour: { out: wantsColour(stdout, env, flags.color), err: wantsColour(stderr, env, flags.color) },
          columns: columnsOf(stderr),
        }),
  )
  return events
}
