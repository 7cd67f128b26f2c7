import type { HostRun, Run } from './run.ts'

/**
 * What is no longer as it was when the plan was made, in one sentence a host; empty: the plan holds. Asked after the
 * locks were taken, so nothing changes between this answer and the work.
 */
export async function staleness(run: Run): Promise<readonly string[]> {
  const all = await Promise.all([...run.hosts.values()].map(host => staleOn(run, host)))
  return all.flat()
}

async function staleOn(run: Run, host: HostRun): Promise<readonly string[]> {
  const now = run.deps.basisOf(await run.deps.observe(host.plan.host, host.end))
  const then = host.plan.basis
  const changed = [
    difference('the link', then.linkText, now.linkText),
    difference('the previous revision', then.previous, now.previous),
    difference('the verdict', then.verdict, now.verdict),
    difference('the sha256', then.sha256, now.sha256),
    difference('the open switches', then.open.join(' '), now.open.join(' ')),
  ]
  return changed.filter(text => text !== undefined).map(text => `${host.plan.host}: ${text}`)
}

function difference(what: string, then: string | undefined, now: string | undefined): string | undefined {
  return then === now ? undefined : `${what} was ${then ?? 'nothing'} and is ${now ?? 'nothing'}`
}
