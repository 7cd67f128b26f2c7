import { describe, outcomeOfError } from './outcome-of.ts'
import type { HostRun, Run } from './run.ts'

/**
 * Leaves no half-made revision behind after a failure before the switch. Where the verification said no, the verdict
 * *rejected* is written wherever there is none yet; otherwise what was begun is removed without a verdict.
 *
 * @param rejection why the revision is rejected; undefined: nobody judged it
 */
export async function cleanUpBuilds(run: Run, rejection: string | undefined): Promise<void> {
  await Promise.all([...run.hosts.values()].map(host => cleanUpBuild(run, host, rejection)))
}

async function cleanUpBuild(run: Run, host: HostRun, rejection: string | undefined): Promise<void> {
  if (!host.begun || host.end.isLost) return
  const { revision } = run.plan
  try {
    if (rejection !== undefined) {
      await host.end.request('reject', {
        revision: revision.name,
        sha256: revision.sha256,
        reason: rejection,
        verification: host.verification.map(result => ({ ...result })),
        keepTree: run.deps.keepFailed,
      })
    } else if (!run.deps.keepFailed) {
      await host.end.request('abandon', { revision: revision.name })
    }
    host.begun = false
  } catch (error) {
    const message = `what was begun could not be cleaned up: ${describe(outcomeOfError(error))}`
    run.deps.emit({ type: 'notice', host: host.plan.host, message })
  }
}
