import { homedir } from 'node:os'
import { type ApplyDeps, apply } from '../apply/apply.ts'
import { sharedFile } from '../artifact/shared-file.ts'
import { secretsOfPlan, secretsOfTarget } from '../config/resolve-secrets.ts'
import { type SecretValues, secretValues } from '../config/secret-values.ts'
import type { HostName, RevisionName } from '../model/names.ts'
import { type ExitCode, exitCodes } from '../model/outcome.ts'
import type { Plan, RunIdentity } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { Host, Target } from '../model/target.ts'
import { basisOf } from '../plan/basis.ts'
import type { Planned } from '../plan/plan-run.ts'
import { formatPlan, planAsJson } from '../report/plan-table.ts'
import { messagesOf } from '../report/run-message.ts'
import { formatSummary } from '../report/summary.ts'
import { jsonText } from '../report/wire.ts'
import { askForSecret } from './ask-for-secret.ts'
import { awaitUnlocked } from './await-unlocked.ts'
import { type FilesOfPlan, openFilesOfPlan } from './files-of-plan.ts'
import { type RunFlags, waitLockMs } from './flags.ts'
import { holdEnd } from './held-end.ts'
import type { Interrupts } from './interrupts.ts'
import { type KeptBuilds, keptBuilds } from './kept-builds.ts'
import { markHeapAtOnce } from './mark-heap-at-once.ts'
import { openLog } from './open-log.ts'
import { hasSharedBuilds, openProductCache } from './product-cache.ts'
import { type Display, openDisplay } from './reporters.ts'
import { tellResult, writeResult } from './results.ts'
import { runIdentity } from './run-identity.ts'
import { runLocally } from './run-locally.ts'
import { say } from './say.ts'
import { addressWebhooks, sendWebhooks } from './send-webhooks.ts'
import { openSession, type Session } from './session.ts'
import { columnsOf, type Surroundings } from './surroundings.ts'
import { toolName } from './tool.ts'

/** Everything that a command works with. */
export interface Command {
  readonly around: Surroundings
  readonly interrupts: Interrupts
}

/** A run on the hosts of a stage: how its plan is made, from what they say. */
export interface StageRun {
  readonly target: Target
  readonly flags: RunFlags
  /** May it come to building: does it need what the configuration names from the verification on? A way back asks only for what it runs. */
  readonly builds: boolean
  /** What is wrong before any host is asked. */
  readonly problems: readonly Problem[]
  readonly plan: (session: Session, run: RunIdentity, kept: KeptBuilds) => Promise<Planned>
}

/**
 * observe → plan → apply → report, for every command that switches or builds. A dry run prints the very plan that a
 * run applies.
 */
export async function runOnStage({ around, interrupts }: Command, wanted: StageRun): Promise<ExitCode> {
  const { target, flags } = wanted
  // A secret that is missing is found before any host is asked; recipes may need more than the configuration names.
  const secrets = secretValues({
    environment: around.env,
    directory: target.directory,
    home: homedir(),
    onHost: (host, command) => askForSecret(session, host, command, interrupts.interrupted),
    hasTerminal: around.stdin.isTTY === true,
    signal: interrupts.interrupted,
  })
  const known =
    flags.dryRun === true || !wanted.builds ? undefined : await secrets.resolve(secretsOfTarget(target))
  const run = runIdentity(around, known)
  const display = await openDisplay(around, flags, true)
  const { emit } = display.events
  if (known !== undefined) display.events.hideSecrets(known)
  const notice = (message: string) => emit({ type: 'notice', host: undefined, message })
  const { project, stage } = target
  const log = await openLog(around, flags, { project, stage, id: run.id }, notice)
  if (flags.dryRun !== true) display.events.subscribe(log)
  const session = openSession(target, run, around, { emit, interrupts })
  const acknowledge = () => {
    if (display.recorder.record().finished === undefined) notice(interrupted)
  }
  interrupts.interrupted.addEventListener('abort', acknowledge, { once: true })
  interrupts.abandoned.addEventListener('abort', display.abandon, { once: true })
  const was = new Map<HostName, RevisionName | undefined>()
  await using kept = keptBuilds(openProductCache(around, emit))
  try {
    if (wanted.problems.length > 0) return refuse(display, wanted.problems)
    const deadlineMs = performance.now() + waitLockMs(flags)
    // What is planned while another run changes the stage would not hold.
    await awaitUnlocked(target, session, { emit, deadlineMs, signal: interrupts.interrupted })
    if (interrupts.interrupted.aborted) return finishEarly(display, exitCodes.interrupted)
    const planned = await wanted.plan(session, run, kept)
    if (planned.kind === 'plan') for (const { host, live } of planned.plan.hosts) was.set(host, live)
    if (interrupts.interrupted.aborted) return finishEarly(display, exitCodes.interrupted)
    const atHand = { session, display, secrets, kept, deadlineMs }
    return await carryOut({ around, interrupts }, wanted, planned, atHand)
  } finally {
    interrupts.interrupted.removeEventListener('abort', acknowledge)
    await session.close()
    await display.events.end()
    // A dry run that came to a plan has printed it and has nothing to sum up.
    const over = display.recorder.record().finished !== undefined
    if (flags.json !== true && over) {
      parted(around, flags)
      await printSummary({ around, interrupts }, display, log.path, was)
    }
  }
}

/** What a run has at hand. */
interface AtHand {
  readonly session: Session
  readonly display: Display
  readonly secrets: SecretValues
  readonly kept: KeptBuilds
  /** Until when it waits for a lock, by the monotonic clock. */
  readonly deadlineMs: number
}

async function carryOut(
  command: Command,
  wanted: StageRun,
  planned: Planned,
  atHand: AtHand,
): Promise<ExitCode> {
  const { display } = atHand
  switch (planned.kind) {
    case 'refused':
      return refuse(display, planned.problems)
    case 'nothing':
      for (const problem of planned.warnings) display.events.emit({ type: 'problem', problem })
      return finishEarly(display, exitCodes.done, planned.reason)
    case 'plan': {
      const { plan } = planned
      await using sent = await openFilesOfPlan(plan, command.interrupts.interrupted)
      if (sent.problems.length > 0) return refuse(display, sent.problems)
      if (wanted.flags.dryRun === true) return await printPlan(command, wanted.flags, display, plan)
      return await applyPlan(command, wanted, plan, { ...atHand, files: sent.files })
    }
  }
}

const interrupted = 'Interrupted: this ends as soon as no host is half way. A second signal leaves at once.'

async function applyPlan(
  { around, interrupts }: Command,
  wanted: StageRun,
  plan: Plan,
  { session, display, secrets: values, kept, deadlineMs, files }: AtHand & Pick<FilesOfPlan, 'files'>,
): Promise<ExitCode> {
  const secrets = await values.resolve(secretsOfPlan(plan))
  const webhooks = await addressWebhooks(plan, values, display.events.emit)
  const hidden = new Map([...webhooks.secrets, ...secrets])
  const hide = display.events.hideSecrets(hidden)
  const held = holdEnd(display.events.emit, around.now)
  const hostNamed = (name: HostName): Host => {
    const host = wanted.target.hosts.find(candidate => candidate.name === name)
    if (host === undefined) throw new Error(`the plan names a host that the target does not have: ${name}`)
    return host
  }
  const wantedOn = new Map(plan.hosts.map(host => [host.host, host.wanted]))
  const check = [...new Set(wantedOn.values())].filter(name => name !== undefined)
  const look = { stages: [...wanted.target.stages.keys()], check, recipes: [] }
  await using sdist = sharedFile(plan.sdist?.path ?? '')
  if (hasSharedBuilds(plan)) await kept.cache.prepare()
  const deps: ApplyDeps = {
    emit: held.emit,
    connect: (name, signal) => session.reconnect(hostNamed(name), signal),
    observe: (_name, end, limitMs) => session.observeAgain(end, look, { limitMs }),
    basisOf: facts => basisOf(facts, plan.stage, wantedOn.get(facts.host)),
    secrets,
    hide,
    readSdist(signal) {
      markHeapAtOnce()
      return sdist.read(signal)
    },
    files,
    products: kept.cache,
    kept: kept.found,
    runLocally,
    interrupted: interrupts.interrupted,
    abandoned: interrupts.abandoned,
    keepFailed: wanted.flags.keepFailed === true,
    waitLockMs: Math.max(0, deadlineMs - performance.now()),
    tool: toolName(),
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
  }
  const exit = await interrupts.changingHosts(async () => (await apply(plan, session.ends, deps)).exit)
  // Every host is done with and let go: from here on nothing can hold one up.
  const end = held.finished()
  if (end !== undefined) {
    const say = messagesOf(plan, { ...display.recorder.record(), finished: end }, hidden)
    await sendWebhooks(webhooks.addressed, say, {
      emit: display.events.emit,
      abandoned: interrupts.abandoned,
    })
  }
  held.release()
  return exit
}

function refuse(display: Display, problems: readonly Problem[]): ExitCode {
  for (const problem of problems) display.events.emit({ type: 'problem', problem })
  const has = (code: string) => problems.some(problem => problem.code === code)
  const split = has('split')
  const locked = has('locked') || has('frozen')
  const exit = split ? exitCodes.splitOrUnknown : locked ? exitCodes.locked : exitCodes.refused
  return finishEarly(display, exit)
}

/** @param summary what the events do not say */
function finishEarly(display: Display, exit: ExitCode, summary = ''): ExitCode {
  display.events.emit({ type: 'run-finished', exit, summary, hosts: {}, durationMs: 0 })
  return exit
}

async function printPlan(
  { around, interrupts }: Command,
  flags: RunFlags,
  display: Display,
  plan: Plan,
): Promise<ExitCode> {
  // A live view that is still drawing would draw over it.
  await display.events.end()
  if (flags.json !== true) parted(around, flags)
  const text = flags.json === true ? jsonText(planAsJson(plan)) : formatPlan(plan, display.paint)
  return tellResult(around.stdout, text, { exit: exitCodes.done, interrupted: interrupts.interrupted })
}

/** In a terminal, the course of a run and its result stand on one screen: an empty line parts them. */
function parted({ stderr }: Surroundings, { quiet }: RunFlags): void {
  if (stderr.isTTY === true && quiet !== true) stderr.write('\n')
}

/** The exit of a run is what the hosts say, whoever can read it: a summary that is lost is told on standard error. */
async function printSummary(
  { around, interrupts }: Command,
  display: Display,
  logPath: string | undefined,
  was: ReadonlyMap<HostName, RevisionName | undefined>,
): Promise<void> {
  const { paint, recorder } = display
  const options = { columns: columnsOf(around.stdout), paint, logPath, was }
  const summary = formatSummary(recorder.record(), options)
  if (!(await writeResult(around.stdout, summary, interrupts.abandoned)))
    say(around.stderr, summary.split('\n'))
}
