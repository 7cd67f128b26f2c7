import { type Outcome, ok } from '../model/outcome.ts'
import { outcomeOfError } from './outcome-of.ts'
import type { HostRun, Run } from './run.ts'

/** How something done on one host is called in events. */
export interface StepName {
  readonly step: string
  readonly title: string
}

/**
 * Does something on one host and says so. What it throws is thrown on, after it was said too: whoever asked for it has to
 * know the difference between a host that said no and one that was lost.
 */
export async function toldStep(
  run: Run,
  host: HostRun,
  { step, title }: StepName,
  work: () => Promise<Outcome>,
): Promise<{ readonly outcome: Outcome; readonly durationMs: number }> {
  const { emit, monotonicMs } = run.deps
  const name = host.plan.host
  const startedMs = monotonicMs()
  emit({ type: 'step-started', host: name, step, title })
  const finished = (outcome: Outcome) => {
    const durationMs = Math.round(monotonicMs() - startedMs)
    emit({ type: 'step-finished', host: name, step, title, outcome, durationMs })
    return { outcome, durationMs }
  }
  try {
    return finished(await work())
  } catch (error) {
    finished(outcomeOfError(error))
    throw error
  }
}

/** The same for work of the runner's own, which succeeds or throws. */
export async function toldWork(
  run: Run,
  host: HostRun,
  name: StepName,
  work: () => Promise<void>,
): Promise<void> {
  await toldStep(run, host, name, async () => {
    await work()
    return ok
  })
}
