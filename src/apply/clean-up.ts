import type { HostName } from '../model/names.ts'
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

/** What these hosts have built is not used again: the next run builds it anew. */
async function forgetProducts({ plan, deps }: Run, builtBy: readonly HostName[]): Promise<void> {
  const steps = plan.phases.flatMap(({ hosts }) => builtBy.flatMap(host => hosts.get(host)?.inside ?? []))
  const ids = steps.flatMap(({ action }) => (action.kind === 'build' ? [action.shared.id] : []))
  await Promise.all(ids.map(id => deps.products.forget(id)))
}

async function cleanUpBuild(run: Run, host: HostRun, rejection: string | undefined): Promise<void> {
  if (!host.begun || host.end.isLost) return
  const { name: revision, sha256 } = run.plan.revision
  const { keepFailed } = run.deps
  const { filesMs: limitMs } = run.limits
  try {
    if (rejection !== undefined) {
      const verification = [...host.verification]
      const body = { revision, sha256, reason: rejection, verification, keepTree: keepFailed }
      await host.end.request('reject', body, { limitMs })
    } else if (!keepFailed) {
      await host.end.request('abandon', { revision }, { limitMs })
    }
    host.begun = false
  } catch (error) {
    const message = `what was begun could not be cleaned up: ${describe(outcomeOfError(error))}`
    run.deps.emit({ type: 'notice', host: host.plan.host, message })
  }
}
