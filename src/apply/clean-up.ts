import type { HostName } from '../model/names.ts'
import { fileWork } from './limits.ts'
import { describe, outcomeOfError } from './outcome-of.ts'
import type { HostRun, Run } from './run.ts'

/**
 * Leaves no half-made revision behind after a failure before the switch. Where the verification said no on any host, the
 * verdict *rejected* is written wherever there is none yet; otherwise what was begun is removed without a verdict.
 */
export async function cleanUpBuilds(run: Run): Promise<void> {
  const hosts = [...run.hosts.values()]
  const said = hosts.flatMap(({ plan, rejection }) =>
    rejection === undefined ? [] : [`${plan.host}: ${rejection}`],
  )
  const rejection = said.length === 0 ? undefined : said.join('; ')
  // Where the host that built says no in a later step, it may be because of what it had built.
  const suspect =
    rejection === undefined ? hosts.filter(({ begun, outcome }) => begun && outcome.kind === 'failed') : hosts
  await forgetProducts(
    run,
    suspect.map(({ plan }) => plan.host),
  )
  await Promise.all(hosts.map(host => cleanUpBuild(run, host, rejection)))
}

/** What these hosts have built, or were given of an earlier run, is not used again: the next run builds it anew. */
async function forgetProducts({ plan, deps }: Run, usedBy: readonly HostName[]): Promise<void> {
  const steps = plan.phases.flatMap(({ hosts }) => usedBy.flatMap(host => hosts.get(host)?.inside ?? []))
  const built = steps.flatMap(({ action }) => {
    if (action.kind === 'build') return [[action.shared.id, plan.stage] as const]
    return action.kind === 'reuse' ? [[action.shared.id, action.builder.stage] as const] : []
  })
  await Promise.all(built.map(([id, stage]) => deps.products.forget(id, stage)))
}

async function cleanUpBuild(run: Run, host: HostRun, rejection: string | undefined): Promise<void> {
  if (!host.begun || host.end.isLost) return
  const { name: revision, sha256 } = run.plan.revision
  const { keepFailed } = run.deps
  const waiting = fileWork(run.limits)
  try {
    if (rejection !== undefined) {
      const verification = [...host.verification]
      const body = { revision, sha256, reason: rejection, verification, keepTree: keepFailed }
      await host.end.request('reject', body, waiting)
      run.deps.emit({ type: 'rejected', host: host.plan.host, revision, reason: rejection })
    } else if (!keepFailed) {
      await host.end.request('abandon', { revision }, waiting)
    }
    host.begun = false
  } catch (error) {
    const message = `what was begun could not be cleaned up: ${describe(outcomeOfError(error))}`
    run.deps.emit({ type: 'notice', host: host.plan.host, message })
  }
}
