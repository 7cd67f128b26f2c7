import type { HostRun, Run } from './run.ts'

/**
 * What is no longer on a host as it was when the plan was made, each in a sentence; empty: the plan holds. Remembers
 * what an earlier run left half made, too.
 */
export async function staleOn(run: Run, host: HostRun): Promise<readonly string[]> {
  const facts = await run.deps.observe(host.plan.host, host.end)
  host.leftover = facts.unfinished.includes(run.plan.revision.name)
  const now = run.deps.basisOf(facts)
  const then = host.plan.basis
  const changed = [
    difference('the link', then.linkText, now.linkText),
    difference('the previous revision', then.previous, now.previous),
    difference('the verdict', then.verdict, now.verdict),
    difference('the sha256', then.sha256, now.sha256),
    difference('the open switches', listed(then.open), listed(now.open)),
  ]
  return changed.filter(text => text !== undefined)
}

const listed = (ids: readonly string[]): string | undefined => (ids.length === 0 ? undefined : ids.join(' '))

function difference(what: string, then: string | undefined, now: string | undefined): string | undefined {
  return then === now ? undefined : `${what} was ${then ?? 'nothing'} and is ${now ?? 'nothing'}`
}
