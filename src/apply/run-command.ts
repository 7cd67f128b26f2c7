import pLimit from 'p-limit'
import type { Emit } from '../model/event.ts'
import type { HostName } from '../model/names.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Answer } from '../remote/messages.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import { outcomeOfEnd, outcomeOfError } from './outcome-of.ts'

/** How its output is called among events. */
const STEP = 'run'

/** One program to run on every host, and where. */
export interface FleetCommand {
  readonly argv: readonly string[]
  readonly timeoutMs: number
  /** The hosts in order, with what is different on each. */
  readonly hosts: readonly CommandHost[]
}

export interface CommandHost {
  readonly name: HostName
  readonly end: RemoteEnd
  /** Absolute. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

export interface RunCommandDeps {
  readonly emit: Emit
  /** How many hosts at once; 1: one after the other, in their order. */
  readonly parallel: number
  /** Stops what runs, and nothing is begun any more. */
  readonly signal: AbortSignal
  readonly monotonicMs: () => number
}

/**
 * Runs the same program on every host. Each host runs to its own end: that it failed on one says nothing about the others.
 * Resolves when all have ended; never rejects. Takes no lock, for nothing of ours is changed.
 */
export async function runCommand(
  command: FleetCommand,
  deps: RunCommandDeps,
): Promise<ReadonlyMap<HostName, Outcome>> {
  const limit = pLimit(deps.parallel)
  const outcomes = await Promise.all(
    command.hosts.map(async host => [host.name, await limit(() => onHost(command, host, deps))] as const),
  )
  return new Map(outcomes)
}

async function onHost(
  command: FleetCommand,
  host: CommandHost,
  { emit, signal, monotonicMs }: RunCommandDeps,
): Promise<Outcome> {
  const startedMs = monotonicMs()
  const told = (outcome: Outcome, code: number | undefined): Outcome => {
    const durationMs = Math.round(monotonicMs() - startedMs)
    emit({ type: 'command-finished', host: host.name, outcome, code, durationMs })
    return outcome
  }
  try {
    const ended = await request(command, host, emit, AbortSignal.any([signal]))
    return told(
      outcomeOfEnd(ended, '--timeout'),
      ended.kind === 'exited' ? (ended.code ?? undefined) : undefined,
    )
  } catch (error) {
    return told(outcomeOfError(error), undefined)
  }
}

function request(
  { argv, timeoutMs }: FleetCommand,
  { name, end, cwd, env }: CommandHost,
  emit: Emit,
  signal: AbortSignal,
): Promise<Answer<'run'>> {
  const plain = { secret: [], sudo: false, input: null, build: null }
  const spec = { step: STEP, argv: [...argv], env: { ...env }, cwd, timeoutMs, ...plain }
  return end.request(
    'run',
    { spec, undoOf: null },
    {
      signal,
      onOutput: (stream, line) => emit({ type: 'output', host: name, step: STEP, stream, line }),
    },
  )
}
