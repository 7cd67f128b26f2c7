import { describe, outcomeOfError } from './outcome-of.ts'
import type { HostRun, Run } from './run.ts'
import { runSteps } from './run-step.ts'

/** The slot `failed`: after a run that failed was read back, on hosts still connected. It changes no outcome. */
export async function runFailedSlot(run: Run): Promise<void> {
  await Promise.all([...run.hosts.values()].map(host => runOn(run, host)))
}

async function runOn(run: Run, host: HostRun): Promise<void> {
  const steps = run.plan.failed.get(host.plan.host) ?? []
  if (host.end.isLost || steps.length === 0) return
  const outcome = await runSteps(run, host, steps, { signal: run.deps.abandoned }).catch(error =>
    outcomeOfError(error),
  )
  if (outcome.kind === 'ok') return
  const message = `a step of the slot failed did not end well: ${describe(outcome)}`
  run.deps.emit({ type: 'notice', host: host.plan.host, message })
}
