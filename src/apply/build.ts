import { type Outcome, ok } from '../model/outcome.ts'
import type { HostSteps, PlannedPhase } from '../model/plan.ts'
import type { HostRun, Run } from './run.ts'
import { runSteps } from './run-step.ts'

const noSteps: HostSteps = { before: [], inside: [], after: [] }

/** The steps of this phase on this host. */
export const stepsOn = (phase: PlannedPhase, host: HostRun): HostSteps =>
  phase.hosts.get(host.plan.host) ?? noSteps

/** Says that something of the runner's own is done on a host, as if it were a step. */
async function asStep(
  run: Run,
  host: HostRun,
  step: string,
  title: string,
  work: () => Promise<void>,
): Promise<Outcome> {
  const { emit, monotonicMs } = run.deps
  const startedMs = monotonicMs()
  const name = host.plan.host
  const finished = (outcome: Outcome) =>
    emit({
      type: 'step-finished',
      host: name,
      step,
      title,
      outcome,
      durationMs: Math.round(monotonicMs() - startedMs),
    })
  emit({ type: 'step-started', host: name, step, title })
  try {
    await work()
    finished(ok)
    return ok
  } catch (error) {
    finished({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
    throw error
  }
}

/** `before:upload`, the stream of the sdist, `after:upload`. */
export async function uploadHost(
  run: Run,
  phase: PlannedPhase,
  host: HostRun,
  signal: AbortSignal,
): Promise<Outcome> {
  const { sdist, revision } = run.plan
  const steps = stepsOn(phase, host)
  if (sdist === undefined) throw new Error('a plan that uploads has no sdist')
  const before = await runSteps(run, host, steps.before, signal, false)
  if (before.kind !== 'ok') return before
  host.begun = true
  const uploaded = await asStep(run, host, 'upload', 'send the sdist', async () => {
    const body = { revision: revision.name, sha256: revision.sha256, bytes: sdist.bytes }
    await host.end.request('receive', body, { data: withProgress(run, host, sdist), signal })
  })
  if (uploaded.kind !== 'ok') return uploaded
  return runSteps(run, host, [...steps.inside, ...steps.after], signal, false)
}

async function* withProgress(
  run: Run,
  host: HostRun,
  sdist: { readonly path: string; readonly bytes: number },
): AsyncIterable<Uint8Array> {
  let done = 0
  for await (const chunk of run.deps.readSdist(sdist.path)) {
    yield chunk
    done += chunk.length
    run.deps.emit({ type: 'progress', host: host.plan.host, step: 'upload', done, total: sdist.bytes })
  }
}

/** `before:build`, unpack, the build steps of the recipes, `after:build`. */
export async function buildHost(
  run: Run,
  phase: PlannedPhase,
  host: HostRun,
  signal: AbortSignal,
): Promise<Outcome> {
  const { revision } = run.plan
  const steps = stepsOn(phase, host)
  const before = await runSteps(run, host, steps.before, signal, false)
  if (before.kind !== 'ok') return before
  const unpacked = await asStep(run, host, 'unpack', 'unpack the sdist', async () => {
    const body = { revision: revision.name, sha256: revision.sha256 }
    const { sourceDigest } = await host.end.request('unpack', body, { signal })
    host.sourceDigest = sourceDigest
  })
  if (unpacked.kind !== 'ok') return unpacked
  return runSteps(run, host, [...steps.inside, ...steps.after], signal, true)
}

/** All steps of a phase that does nothing of its own. `build`: they belong to the revision's build. */
export function stepsOnly(run: Run, phase: PlannedPhase, build: boolean) {
  return (host: HostRun, signal: AbortSignal): Promise<Outcome> => {
    const { before, inside, after } = stepsOn(phase, host)
    return runSteps(run, host, [...before, ...inside, ...after], signal, build)
  }
}

/** Writes the verdict *verified* and makes the revision read-only, after every host was found good. */
export async function sealHost(run: Run, host: HostRun): Promise<Outcome> {
  const { plan, deps } = run
  const outcome = await asStep(run, host, 'seal', 'write the verdict, make it read-only', async () => {
    await host.end.request('seal', {
      revision: plan.revision.name,
      project: plan.project,
      version: plan.revision.version,
      sha256: plan.revision.sha256,
      sourceDigest: host.sourceDigest,
      verification: host.verification.map(result => ({ ...result })),
      tool: deps.tool,
    })
    host.begun = false
    await host.end.request('lock', { name: plan.revision.name, mode: 'shared' })
  })
  return outcome
}
