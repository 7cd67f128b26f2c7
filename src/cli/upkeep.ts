import { maintain } from '../apply/maintenance.ts'
import { resolveTarget } from '../config/resolve-target.ts'
import type { Emit } from '../model/event.ts'
import type { HostFacts, Observation } from '../model/facts.ts'
import { frozenProblem } from '../model/frozen.ts'
import type { HostName, RevisionName, StageName } from '../model/names.ts'
import { type ExitCode, exitCodes } from '../model/outcome.ts'
import type { RunIdentity } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { Target } from '../model/target.ts'
import type { Look } from '../observe/observe-host.ts'
import { unreadProblem } from '../plan/problems.ts'
import { stageOf } from '../plan/stage-history.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import { jsonText, toWire } from '../report/wire.ts'
import { hostFilter, type RunFlags, waitLockMs } from './flags.ts'
import type { Interrupts } from './interrupts.ts'
import { readConfiguration } from './read-configuration.ts'
import { openDisplay } from './reporters.ts'
import { tellResult } from './results.ts'
import { runIdentity } from './run-identity.ts'
import type { Command } from './run-on-stage.ts'
import { openSession, type Session } from './session.ts'

/** One request to every host of a stage, decided on what the host says. */
export interface Upkeep {
  /** What would be done on this host. */
  readonly describe: (facts: HostFacts) => string
  /** Why it cannot be done on this host; undefined: it can. */
  readonly refuse: (facts: HostFacts) => Problem | undefined
  /** Why it makes no sense on all hosts together, all of which were read; undefined: it does. */
  readonly refuseAll: (hosts: readonly HostFacts[]) => Problem | undefined
  readonly work: (facts: HostFacts, end: RemoteEnd) => Promise<string>
  /** For what is done on all hosts or on none. */
  readonly takeBack: ((host: HostName, end: RemoteEnd) => Promise<string>) | undefined
  /** The revision that must be nobody else's meanwhile, by its name on this host. */
  readonly revision: (facts: HostFacts) => RevisionName | undefined
  /** May it be done though the stage is frozen? */
  readonly evenFrozen: boolean
}

/**
 * Does upkeep on the hosts of a stage. What was said before the locks were taken may be old by then: the work is decided on
 * what a host says under them.
 */
export async function upkeep(
  command: Command,
  stage: StageName,
  flags: RunFlags,
  upkeepOf: (target: Target, run: RunIdentity) => Upkeep,
): Promise<ExitCode> {
  const { around, interrupts } = command
  const config = await readConfiguration(command, flags)
  const target = resolveTarget(config, stage, hostFilter(flags))
  // It is over at once, and what it did is told host by host: that it connected is worth no line.
  const display = await openDisplay(around, { ...flags, quiet: flags.verbose !== true }, false)
  const { emit } = display.events
  const run = runIdentity(around)
  const session = openSession(target, run, around, { emit, interrupts, leavesAtOnce: true })
  interrupts.abandoned.addEventListener('abort', display.abandon, { once: true })
  const startedMs = performance.now()
  try {
    const ended = await doUpkeep(command, { target, flags, run, session, emit, todo: upkeepOf(target, run) })
    const exit = interrupts.abandoned.aborted ? exitCodes.interrupted : ended
    const durationMs = Math.round(performance.now() - startedMs)
    // The one result of a dry run is what it printed; a refusal is told like that of any run.
    if (flags.dryRun !== true || (exit !== exitCodes.done && exit !== exitCodes.unwritten))
      emit({ type: 'run-finished', exit, summary: '', hosts: {}, durationMs })
    return exit
  } finally {
    await session.close()
    await display.events.end()
  }
}

interface Doing {
  readonly target: Target
  readonly flags: RunFlags
  readonly run: RunIdentity
  readonly session: Session
  readonly emit: Emit
  readonly todo: Upkeep
}

async function doUpkeep({ around, interrupts }: Command, doing: Doing): Promise<ExitCode> {
  const { target, flags, session, emit, todo } = doing
  const observations = await session.observe(target.hosts, lookOf(target))
  const facts = new Map(
    [...observations.values()].flatMap(seen => (seen.kind === 'read' ? [[seen.facts.host, seen.facts]] : [])),
  )
  const ofAll = todo.refuseAll([...facts.values()])
  const problems = [
    ...[...observations].flatMap(([host, seen]) => problemsOf(host, target.stage, seen, todo)),
    // A host that was not read may be the one that it makes sense on.
    ...(ofAll === undefined || facts.size < observations.size ? [] : [ofAll]),
  ]
  for (const problem of problems) emit({ type: 'problem', problem })
  if (interrupts.interrupted.aborted) return exitCodes.interrupted
  if (problems.length > 0) return exitOf(problems)
  if (flags.dryRun !== true) return underLocks(interrupts, doing, facts)
  const said = new Map([...facts].map(([host, one]) => [host, todo.describe(one)]))
  const lines = [...said].map(([host, what]) => `${host}  ${what}`)
  const result = flags.json === true ? jsonText(toWire({ v: 1, hosts: said })) : lines.join('\n')
  return tellResult(around.stdout, result, { exit: exitCodes.done, interrupted: interrupts.interrupted })
}

const lookOf = (target: Target): Look => ({ stages: [...target.stages.keys()], check: [], recipes: [] })

function underLocks(
  { interrupted, changingHosts }: Interrupts,
  { target, flags, run, session, emit, todo }: Doing,
  facts: Map<HostName, HostFacts>,
): Promise<ExitCode> {
  const { stage } = target
  const objection = async (host: HostName, end: RemoteEnd): Promise<Problem | undefined> => {
    const now = await session.observeAgain(end, lookOf(target))
    facts.set(host, now)
    return problemsOf(host, stage, { kind: 'read', facts: now }, todo)[0]
  }
  const work = async (host: HostName, end: RemoteEnd): Promise<string> => {
    const now = facts.get(host)
    if (now === undefined) throw new Error(`a host that was not read: ${host}`)
    return todo.work(now, end)
  }
  const { takeBack } = todo
  const revisions = new Map([...facts.values()].map(one => [one.host, todo.revision(one)]))
  return changingHosts(() =>
    maintain(
      { runId: run.id, stage, revisions, ends: session.ends, objection, work, takeBack },
      { emit, monotonicMs: () => performance.now(), interrupted, waitLockMs: waitLockMs(flags) },
    ),
  )
}

function problemsOf(
  host: HostName,
  stage: StageName,
  seen: Observation,
  { refuse, evenFrozen }: Upkeep,
): readonly Problem[] {
  if (seen.kind === 'unread') return [unreadProblem(host, seen)]
  const { frozen } = stageOf(seen.facts, stage)
  const refused = refuse(seen.facts)
  return [
    ...(frozen === undefined || evenFrozen ? [] : [frozenProblem(host, stage, frozen)]),
    ...(refused === undefined ? [] : [refused]),
  ]
}

const exitOf = (problems: readonly Problem[]): ExitCode =>
  problems.some(({ code }) => code === 'frozen') ? exitCodes.locked : exitCodes.refused
