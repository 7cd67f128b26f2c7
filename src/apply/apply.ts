import type { HostResult } from '../model/event.ts'
import type { HostName } from '../model/names.ts'
import { type ExitCode, failed, unknown } from '../model/outcome.ts'
import type { Plan } from '../model/plan.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import type { ApplyDeps } from './apply-deps.ts'
import { type Ended, exitOf, unrecordedOn } from './ended.ts'
import { runFailedSlot } from './failed-slot.ts'
import { tellMoved } from './moved.ts'
import { stackOf } from './outcome-of.ts'
import { problem } from './problem.ts'
import { hostResults, isMidSwitch, readBack } from './read-back.ts'
import { createRun, type Run, worsen } from './run.ts'
import { runPhases } from './run-phases.ts'

export type { ApplyDeps } from './apply-deps.ts'

/** What a run came to, from what the hosts said at its end. */
export interface RunResult {
  readonly exit: ExitCode
  readonly hosts: Readonly<Record<HostName, HostResult>>
}

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
  const { emit } = run.deps
  begin(run)
  const ended = await untilAbandoned(run, conduct(run), { kind: 'abandoned' })
  if (ended.kind !== 'abandoned') await untilAbandoned(run, conclude(run, ended), undefined)
  for (const { end } of run.hosts.values()) end.kill()
  const exit = exitOf(run, ended)
  const hosts = hostResults(run, exit)
  const durationMs = Math.round(deps.monotonicMs() - startedMs)
  emit({ type: 'run-finished', exit, summary: '', hosts, durationMs })
  run.progress.over = true
  return { exit, hosts }
}

function begin({ plan, deps: { emit } }: Run): void {
  emit({
    type: 'run-started',
    run: plan.run.id,
    intent: plan.intent,
    project: plan.project,
    stage: plan.stage,
    revision: plan.revision.name,
    hosts: plan.hosts.map(host => host.host),
  })
  for (const warning of plan.warnings) emit({ type: 'problem', problem: warning })
}

async function conduct(run: Run): Promise<Ended> {
  try {
    return await runPhases(run)
  } catch (error) {
    return { kind: 'bug', error }
  }
}

/** Reads the hosts back, and only then lets them go. */
async function conclude(run: Run, ended: Ended): Promise<void> {
  const { emit } = run.deps
  if (ended.kind === 'refused') for (const one of ended.problems) emit({ type: 'problem', problem: one })
  if (ended.kind === 'bug')
    emit({ type: 'problem', problem: problem('bug', run.plan.stage, stackOf(ended.error)) })
  const hosts = [...run.hosts.values()]
  // A host that went away without anybody asking it something is still not ok.
  for (const host of hosts)
    if (host.end.isLost && host.outcome.kind === 'ok') worsen(host, unknown('the connection was lost'))
  if (!isMidSwitch(run)) await readBack(run)
  tellUnrecorded(run)
  tellMoved(run)
  const switchFailed = ended.kind === 'switched' && run.progress.verdict !== 'kept'
  if (ended.kind === 'not-switched' || ended.kind === 'bug' || switchFailed) await runFailedSlot(run)
  await Promise.all(hosts.map(({ end }) => end.close()))
}

/** A switch that was kept and is not on the record is worse than one that failed: the next run would put it back. */
function tellUnrecorded(run: Run): void {
  const { stage } = run.plan
  for (const host of unrecordedOn(run)) {
    const why = `it kept the switch, and its journal could not take that: ${host.unrecorded}`
    worsen(host, failed(why))
    const hint = `make room for the journal, then \`deploy recover ${stage} --forward\`: until then it calls the switch open`
    run.deps.emit({ type: 'problem', problem: problem('unrecorded', host.plan.host, why, hint) })
  }
}

/** The second signal ends every wait: what is known by then is reported. */
async function untilAbandoned<T>({ deps: { abandoned } }: Run, work: Promise<T>, instead: T): Promise<T> {
  let stop: () => void = () => undefined
  const left = new Promise<T>(resolve => {
    stop = () => resolve(instead)
  })
  if (abandoned.aborted) stop()
  abandoned.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, left])
  } finally {
    abandoned.removeEventListener('abort', stop)
  }
}
