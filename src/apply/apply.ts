import type { HostResult } from '../model/event.ts'
import type { HostName, PhaseName } from '../model/names.ts'
import { cancelled, type ExitCode, exitCodes, type Outcome, ok, unknown } from '../model/outcome.ts'
import type { Plan, PlannedPhase } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import { buildHost, sealHost, stepsOnly, uploadHost } from './build.ts'
import { cleanUpBuilds } from './clean-up.ts'
import { type HostWork, onEveryHost } from './on-every-host.ts'
import { describe, outcomeOfError } from './outcome-of.ts'
import { prepareHosts } from './prepare-hosts.ts'
import { pruneHost } from './prune-host.ts'
import { readBack } from './read-back.ts'
import { type ApplyDeps, createRun, hostOf, type Run, worsen } from './run.ts'
import { runSteps } from './run-step.ts'
import { summaryOf } from './summary.ts'
import { driveSwitch } from './switch/drive-switch.ts'
import type { SwitchVerdict } from './switch/machine.ts'

/** What a run came to, from what the hosts said at its end. */
export interface RunResult {
  readonly exit: ExitCode
  readonly hosts: Readonly<Record<HostName, HostResult>>
}

/** How a run left its phases. */
type Ended =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly exit: ExitCode; readonly problems: readonly Problem[] }
  | { readonly kind: 'not-switched'; readonly outcome: Outcome }
  | { readonly kind: 'switched'; readonly verdict: SwitchVerdict }
  | { readonly kind: 'abandoned' }

/**
 * Carries a plan out on its hosts and says everything that happens as events, `run-finished` last. Never throws for
 * what a host does: that is an outcome. Closes the connections.
 */
export async function apply(
  plan: Plan,
  ends: ReadonlyMap<HostName, RemoteEnd>,
  deps: ApplyDeps,
): Promise<RunResult> {
  const startedMs = deps.monotonicMs()
  const run = createRun(plan, ends, deps)
  deps.emit({
    type: 'run-started',
    run: plan.run.id,
    intent: plan.intent,
    project: plan.project,
    stage: plan.stage,
    revision: plan.revision.name,
    hosts: plan.hosts.map(host => host.host),
  })
  for (const problem of plan.warnings) deps.emit({ type: 'problem', problem })
  const ended = await Promise.race([conduct(run), whenAbandoned(deps.abandoned)])
  if (ended.kind === 'refused') for (const problem of ended.problems) deps.emit({ type: 'problem', problem })
  markLost(run)
  const hosts = await readBack(run)
  const exit = exitOf(run, ended)
  const hasFailed = ended.kind === 'not-switched' || (ended.kind === 'switched' && ended.verdict !== 'kept')
  if (hasFailed) await runFailedSlot(run)
  if (ended.kind === 'abandoned') for (const host of run.hosts.values()) host.end.kill()
  else await Promise.all([...run.hosts.values()].map(host => host.end.close()))
  const durationMs = Math.round(deps.monotonicMs() - startedMs)
  deps.emit({ type: 'run-finished', exit, summary: summaryOf(plan, exit), hosts, durationMs })
  return { exit, hosts }
}

async function conduct(run: Run): Promise<Ended> {
  try {
    return await runPhases(run)
  } catch (error) {
    return { kind: 'not-switched', outcome: outcomeOfError(error) }
  }
}

async function runPhases(run: Run): Promise<Ended> {
  const locked = await lockPhase(run)
  if (locked !== undefined) return locked
  for (const name of ['upload', 'build', 'verify', 'seal'] as const) {
    const outcome = await phaseOf(run, name, run.deps.interrupted)
    if (outcome.kind !== 'ok') {
      await cleanUpBuilds(run, name === 'verify' ? rejectionOf(run) : undefined)
      return { kind: 'not-switched', outcome }
    }
  }
  const phase = run.plan.phases.find(candidate => candidate.name === 'switch')
  if (phase === undefined) return { kind: 'done' }
  const before = await beforeSwitch(run, phase)
  if (before.kind !== 'ok') return { kind: 'not-switched', outcome: before }
  const verdict = await driveSwitch(run, [...phase.hosts.keys()], signal => afterSwitch(run, phase, signal))
  if (verdict === 'kept') await phaseOf(run, 'prune', run.deps.abandoned)
  return { kind: 'switched', verdict }
}

async function lockPhase(run: Run): Promise<Ended | undefined> {
  const { emit, monotonicMs } = run.deps
  const startedMs = monotonicMs()
  emit({ type: 'phase-started', phase: 'lock', hosts: [...run.hosts.keys()] })
  const ready = await prepareHosts(run)
  emit({ type: 'phase-finished', phase: 'lock', durationMs: Math.round(monotonicMs() - startedMs) })
  if (ready.kind === 'ready') return undefined
  const exits = {
    locked: exitCodes.locked,
    refused: exitCodes.refused,
    failed: exitCodes.notSwitched,
    interrupted: exitCodes.interrupted,
  }
  return { kind: 'refused', exit: exits[ready.code], problems: ready.problems }
}

/** Runs one phase if the plan has it. */
async function phaseOf(run: Run, name: PhaseName, signal: AbortSignal): Promise<Outcome> {
  const phase = run.plan.phases.find(candidate => candidate.name === name)
  if (phase === undefined) return ok
  return onEveryHost(
    run,
    name,
    [...phase.hosts.keys()],
    { parallel: phase.parallel, signal },
    workOf(run, phase),
  )
}

function workOf(run: Run, phase: PlannedPhase): HostWork {
  switch (phase.name) {
    case 'upload':
      return (host, signal) => uploadHost(run, phase, host, signal)
    case 'build':
      return (host, signal) => buildHost(run, phase, host, signal)
    case 'verify':
      return stepsOnly(run, phase, true)
    case 'seal':
      return host => sealHost(run, host)
    case 'prune':
      return (host, signal) => pruneHost(run, phase, host, signal)
    case 'activate':
    case 'health':
      return stepsOnly(run, phase, false)
    case 'lock':
    case 'switch':
      throw new Error(`the phase ${phase.name} is not run host by host`)
  }
}

async function beforeSwitch(run: Run, phase: PlannedPhase): Promise<Outcome> {
  if (run.deps.interrupted.aborted) return cancelled
  const names = [...phase.hosts.keys()]
  const options = { parallel: undefined, signal: run.deps.interrupted }
  return onEveryHost(run, 'switch', names, options, (host, signal) =>
    runSteps(run, host, phase.hosts.get(host.plan.host)?.before ?? [], signal, false),
  )
}

/** `after:switch`, activate, health: between the renames and the decision to keep them. */
async function afterSwitch(run: Run, phase: PlannedPhase, stop: AbortSignal): Promise<Outcome> {
  const signal = AbortSignal.any([stop, run.deps.interrupted])
  const outcomes = await Promise.all(
    [...phase.hosts].map(async ([name, steps]) => {
      const outcome = await runSteps(run, hostOf(run, name), steps.after, signal, false).catch(outcomeOfError)
      worsen(hostOf(run, name), outcome)
      return outcome
    }),
  )
  const bad = outcomes.find(outcome => outcome.kind !== 'ok')
  if (bad !== undefined) return bad
  const activated = await phaseOf(run, 'activate', signal)
  return activated.kind === 'ok' ? phaseOf(run, 'health', signal) : activated
}

/** Why the revision is rejected: some step of the verification said no. Cancelled, lost or interrupted is no verdict. */
function rejectionOf(run: Run): string | undefined {
  const said = [...run.hosts.values()].flatMap(({ plan, outcome }) =>
    outcome.kind === 'failed' ? [`${plan.host}: ${outcome.reason}`] : [],
  )
  return said.length === 0 ? undefined : said.join('; ')
}

async function runFailedSlot(run: Run): Promise<void> {
  await Promise.all(
    [...run.hosts.values()].map(async host => {
      const steps = run.plan.failed.get(host.plan.host) ?? []
      if (host.end.isLost || steps.length === 0) return
      const outcome = await runSteps(run, host, steps, run.deps.abandoned, false).catch(outcomeOfError)
      if (outcome.kind === 'ok') return
      const message = `a step of the slot failed: ${describe(outcome)}`
      run.deps.emit({ type: 'notice', host: host.plan.host, message })
    }),
  )
}

/** A host that went away without anybody asking it something is still not ok. */
function markLost(run: Run): void {
  for (const host of run.hosts.values()) {
    if (host.end.isLost && host.outcome.kind === 'ok') worsen(host, unknown('the connection was lost'))
  }
}

function exitOf(run: Run, ended: Ended): ExitCode {
  switch (ended.kind) {
    case 'done':
      return exitCodes.done
    case 'refused':
      return ended.exit
    case 'not-switched':
      return run.deps.interrupted.aborted ? exitCodes.interrupted : exitCodes.notSwitched
    case 'abandoned':
      return run.progress.fireLeft ? exitCodes.splitOrUnknown : exitCodes.interrupted
    case 'switched':
      return exitOfVerdict(run, ended.verdict)
  }
}

function exitOfVerdict(run: Run, verdict: SwitchVerdict): ExitCode {
  switch (verdict) {
    case 'kept':
      return exitCodes.done
    case 'not-switched':
      return run.deps.interrupted.aborted ? exitCodes.interrupted : exitCodes.notSwitched
    case 'put-back':
      return exitCodes.putBack
    case 'split-or-unknown':
      return exitCodes.splitOrUnknown
  }
}

function whenAbandoned(signal: AbortSignal): Promise<Ended> {
  return new Promise(resolve => {
    const abandon = () => resolve({ kind: 'abandoned' })
    if (signal.aborted) abandon()
    else signal.addEventListener('abort', abandon, { once: true })
  })
}
