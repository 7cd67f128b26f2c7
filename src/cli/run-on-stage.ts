import { createReadStream } from 'node:fs'
import { apply } from '../apply/apply.ts'
import { resolveSecrets, secretsOfPlan, secretsOfTarget } from '../config/resolve-secrets.ts'
import type { Observation } from '../model/facts.ts'
import type { HostName, Intent, RevisionName } from '../model/names.ts'
import { type ExitCode, exitCodes } from '../model/outcome.ts'
import type { Plan, RunIdentity } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { Host, Target } from '../model/target.ts'
import { basisOf } from '../plan/basis.ts'
import { hostsOfStage } from '../plan/fleet-problems.ts'
import { needsMoreHosts } from '../plan/open-switches.ts'
import { type Planned, planRun } from '../plan/plan-run.ts'
import type { PlanRequest, Wanted } from '../plan/request.ts'
import { formatPlan, planAsJson } from '../report/plan-table.ts'
import { formatSummary } from '../report/summary.ts'
import { jsonText } from '../report/wire.ts'
import type { RunFlags } from './flags.ts'
import type { Interrupts } from './interrupts.ts'
import { openLog } from './open-log.ts'
import { type Display, openDisplay } from './reporters.ts'
import { runIdentity } from './run-identity.ts'
import { runLocally } from './run-locally.ts'
import { openSession, type Session } from './session.ts'
import { columnsOf, type Surroundings } from './surroundings.ts'
import { toolName } from './tool.ts'

/** Everything that a command works with. */
export interface Command {
  readonly around: Surroundings
  readonly interrupts: Interrupts
}

/** The revision that a command is about, or why it cannot be decided. */
export type Decision =
  | { readonly kind: 'chosen'; readonly value: Wanted }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

/** What a command asks for: how it decides which revision, from what the hosts said. */
export interface StageRun {
  readonly target: Target
  readonly intent: Intent
  readonly flags: RunFlags
  /** Hosts outside the target that have to be asked too: those of the stage that is promoted. */
  readonly alsoAsk: readonly Host[]
  /** Hosts of the stage that the user left out: asked only when an open switch cannot be judged without them. */
  readonly leftOut: readonly Host[]
  /** Revisions that are looked at more closely, when they are known before the hosts are asked. */
  readonly check: readonly RevisionName[]
  readonly decide: (
    observations: ReadonlyMap<HostName, Observation>,
    session: Session,
  ) => Promise<Decision> | Decision
}

/**
 * observe → plan → apply → report, for every command that switches or builds. A dry run prints the very plan that a
 * run applies.
 */
export async function runOnStage({ around, interrupts }: Command, wanted: StageRun): Promise<ExitCode> {
  const { target, flags } = wanted
  // A secret that is missing is found before any host is asked; recipes may need more than the configuration names.
  if (flags.dryRun !== true) resolveSecrets(secretsOfTarget(target), around.env)
  const run = runIdentity(around)
  const display = openDisplay(around, flags, true)
  const { emit } = display.events
  const log = await openLog(around, flags, { atMs: run.atMs, stage: target.stage, id: run.id }, message =>
    emit({ type: 'notice', host: undefined, message }),
  )
  if (flags.dryRun !== true) display.events.subscribe(log)
  const session = openSession(target, run, around, { emit, signal: interrupts.interrupted })
  const was = new Map<HostName, RevisionName | undefined>()
  try {
    const planned = await decideAndPlan(wanted, session, run)
    if (planned.kind === 'plan') for (const { host, live } of planned.plan.hosts) was.set(host, live)
    if (interrupts.interrupted.aborted) return finishEarly(display, exitCodes.interrupted, interruptedEarly)
    return await carryOut({ around, interrupts }, wanted, planned, session, display)
  } finally {
    await session.close()
    if (interrupts.abandoned.aborted) display.abandon()
    await display.events.end()
    // A dry run that came to a plan has printed it and has nothing to sum up.
    const over = display.recorder.record().finished !== undefined
    if (flags.json !== true && over) printSummary(around, display, log.path, was)
  }
}

async function carryOut(
  command: Command,
  wanted: StageRun,
  planned: Planned,
  session: Session,
  display: Display,
): Promise<ExitCode> {
  switch (planned.kind) {
    case 'refused':
      return refuse(display, planned.problems)
    case 'nothing':
      for (const problem of planned.warnings) display.events.emit({ type: 'problem', problem })
      return finishEarly(display, exitCodes.done, planned.reason)
    case 'plan':
      if (wanted.flags.dryRun !== true) return applyPlan(command, wanted, planned.plan, session, display)
      return printPlan(command.around, wanted.flags, display, planned.plan)
  }
}

const interruptedEarly = 'Interrupted before anything was changed.'

async function decideAndPlan(wanted: StageRun, session: Session, run: RunIdentity): Promise<Planned> {
  const { target, intent, flags } = wanted
  const names = new Set(target.hosts.map(host => host.name))
  const hosts = [...target.hosts, ...wanted.alsoAsk.filter(host => !names.has(host.name))]
  const look = { stages: [...target.stages.keys()], check: wanted.check, recipes: target.recipes }
  const first = await session.observe(hosts, look)
  const missing = needsMoreHosts(target.stage, first, hostsOfStage(target)) ? wanted.leftOut : []
  const others =
    missing.length === 0 ? noObservations : await session.observe(missing, { ...look, recipes: [] })
  const decision = await wanted.decide(new Map([...first, ...others]), session)
  if (decision.kind === 'refused') return { kind: 'refused', problems: decision.problems }
  const { name } = decision.value
  // Whatever is about to be switched to has its interpreter started once, before anything is decided on it.
  const again = wanted.check.includes(name) ? first : await session.observe(hosts, { ...look, check: [name] })
  const observations = new Map([...again, ...others])
  const request: PlanRequest = {
    intent,
    wanted: decision.value,
    allowDowngrade: flags.allowDowngrade === true,
  }
  return planRun(target, observations, request, run)
}

const noObservations: ReadonlyMap<HostName, Observation> = new Map()

async function applyPlan(
  { around, interrupts }: Command,
  wanted: StageRun,
  plan: Plan,
  session: Session,
  display: Display,
): Promise<ExitCode> {
  const secrets = resolveSecrets(secretsOfPlan(plan), around.env)
  display.events.hideSecrets(secrets)
  const hostNamed = (name: HostName): Host => {
    const host = wanted.target.hosts.find(candidate => candidate.name === name)
    if (host === undefined) throw new Error(`the plan names a host that the target does not have: ${name}`)
    return host
  }
  const look = { stages: [...wanted.target.stages.keys()], check: [plan.revision.name], recipes: [] }
  const { exit } = await apply(plan, session.ends, {
    emit: display.events.emit,
    connect: (name, signal) => session.reconnect(hostNamed(name), signal),
    observe: (_name, end) => session.observeAgain(end, look),
    basisOf: facts => basisOf(facts, plan.stage, plan.revision.name),
    secrets,
    readSdist: path => createReadStream(path, { highWaterMark: SDIST_CHUNK_BYTES }),
    runLocally,
    interrupted: interrupts.interrupted,
    abandoned: interrupts.abandoned,
    keepFailed: wanted.flags.keepFailed === true,
    tool: toolName(),
    monotonicMs: () => performance.now(),
  })
  return exit
}

/** As large as a frame may be without starving heartbeats (`src/remote/outbox.ts` bounds what is queued). */
const SDIST_CHUNK_BYTES = 256 * 1024

function refuse(display: Display, problems: readonly Problem[]): ExitCode {
  for (const problem of problems) display.events.emit({ type: 'problem', problem })
  const has = (code: string) => problems.some(problem => problem.code === code)
  const split = has('split')
  const exit = split ? exitCodes.splitOrUnknown : has('locked') ? exitCodes.locked : exitCodes.refused
  return finishEarly(
    display,
    exit,
    split ? 'Refused because of a split. Nothing was changed.' : 'Refused. Nothing was changed.',
  )
}

function finishEarly(display: Display, exit: ExitCode, summary: string): ExitCode {
  display.events.emit({ type: 'run-finished', exit, summary, hosts: {}, durationMs: 0 })
  return exit
}

function printPlan(around: Surroundings, flags: RunFlags, display: Display, plan: Plan): ExitCode {
  const text = flags.json === true ? jsonText(planAsJson(plan)) : formatPlan(plan, display.paint)
  around.stdout.write(`${text}\n`)
  return exitCodes.done
}

function printSummary(
  around: Surroundings,
  display: Display,
  logPath: string | undefined,
  was: ReadonlyMap<HostName, RevisionName | undefined>,
): void {
  const { paint, recorder } = display
  const options = { columns: columnsOf(around.stdout), paint, logPath, was }
  around.stdout.write(`${formatSummary(recorder.record(), options)}\n`)
}
