import { fileWork } from './file-work.ts'
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
  if (rejection !== undefined) await forgetProducts(run)
  await Promise.all(hosts.map(host => cleanUpBuild(run, host, rejection)))
}

/** What led to a rejection is not used again: after a discard the same version is built anew. */
async function forgetProducts({ plan, deps }: Run): Promise<void> {
  const steps = plan.phases.flatMap(({ hosts }) => [...hosts.values()].flatMap(({ inside }) => inside))
  const ids = steps.flatMap(({ action }) => (action.kind === 'build' ? [action.shared.id] : []))
  await Promise.all(ids.map(id => deps.products.forget(id)))
}

async function cleanUpBuild(run: Run, host: HostRun, rejection: string | undefined): Promise<void> {
  if (!host.begun || host.end.isLost) return
  const { name: revision, sha256 } = run.plan.revision
  const { keepFailed } = run.deps
  try {
    if (rejection !== undefined) {
      const verification = [...host.verification]
      const body = { revision, sha256, reason: rejection, verification, keepTree: keepFailed }
      await fileWork(run, host, 'reject', body)
    } else if (!keepFailed) {
      await fileWork(run, host, 'abandon', { revision })
    }
    host.begun = false
  } catch (error) {
    const message = `what was begun could not be cleaned up: ${describe(outcomeOfError(error))}`
    run.deps.emit({ type: 'notice', host: host.plan.host, message })
  }
}
