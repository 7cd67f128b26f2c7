import type { Outcome } from '../model/outcome.ts'
import type { PlannedPhase } from '../model/plan.ts'
import { fileWork } from './limits.ts'
import type { HostWork } from './on-every-host.ts'
import { stepsOn } from './phase.ts'
import type { HostRun, Run } from './run.ts'
import { runSteps, type SlotOptions } from './run-step.ts'
import { withProgress } from './told-progress.ts'
import { toldWork } from './told-step.ts'

/** `before:upload`, the stream of the sdist, `upload`, `after:upload`. */
export function uploadWork(run: Run, phase: PlannedPhase): HostWork {
  const { sdist, revision } = run.plan
  if (sdist === undefined) throw new Error('a plan that uploads has no sdist')
  return aroundSteps(run, phase, {}, async (host, signal) => {
    if (host.leftover) await abandonLeftover(run, host, signal)
    host.begun = true
    await toldWork(run, host, { step: 'upload', title: 'send the sdist' }, async () => {
      const body = { revision: revision.name, sha256: revision.sha256, bytes: sdist.bytes }
      const told = { host: host.plan.host, step: 'upload', total: sdist.bytes }
      const data = withProgress(run, told, run.deps.readSdist(signal))
      await host.end.request('receive', body, {
        data,
        signal,
        ...fileWork(run.limits),
        what: 'the upload',
      })
    })
  })
}

/** What a dead run left, or one with `--keep-failed`: nobody is at it, for its lock is ours. */
async function abandonLeftover(run: Run, host: HostRun, signal: AbortSignal): Promise<void> {
  const title = 'remove what an earlier run left half made'
  await toldWork(run, host, { step: 'abandon', title }, async () => {
    await host.end.request(
      'abandon',
      { revision: run.plan.revision.name },
      { signal, ...fileWork(run.limits) },
    )
  })
}

/** `before:build`, unpack, the build steps of the recipes, `after:build`. */
export function buildWork(run: Run, phase: PlannedPhase): HostWork {
  const { revision } = run.plan
  return aroundSteps(run, phase, { build: true }, async (host, signal) => {
    await toldWork(run, host, { step: 'unpack', title: 'unpack the sdist' }, async () => {
      const body = {
        ...{ revision: revision.name, sha256: revision.sha256 },
        keepFailed: run.deps.keepFailed,
      }
      const { sourceDigest } = await host.end.request('unpack', body, { signal, ...fileWork(run.limits) })
      host.sourceDigest = sourceDigest
    })
  })
}

/** The steps before, the phase's own work, the steps inside and after. `build` is for those that follow the work. */
function aroundSteps(
  run: Run,
  phase: PlannedPhase,
  { build = false }: Pick<SlotOptions, 'build'>,
  work: (host: HostRun, signal: AbortSignal) => Promise<void>,
): HostWork {
  return async (host, signal) => {
    const { before, inside, after } = stepsOn(phase, host)
    const ready = await runSteps(run, host, before, { signal })
    if (ready.kind !== 'ok') return ready
    await work(host, signal)
    return runSteps(run, host, [...inside, ...after], { signal, build })
  }
}

/** All steps of a phase that does nothing of its own: verify, activate, health. */
export function stepsWork(run: Run, phase: PlannedPhase): HostWork {
  return (host, signal): Promise<Outcome> => {
    const { before, inside, after } = stepsOn(phase, host)
    const build = phase.name === 'verify'
    return runSteps(run, host, [...before, ...inside, ...after], { signal, build })
  }
}
