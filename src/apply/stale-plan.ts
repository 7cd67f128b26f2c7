import type { Freeze } from '../model/facts.ts'
import type { HostRun, Run } from './run.ts'

/** What stands against a plan on one host, found when its locks were ours. */
export interface SecondLook {
  readonly frozen: Freeze | undefined
  /** What is no longer as it was when the plan was made, each in a sentence; empty: the plan holds. */
  readonly changed: readonly string[]
  /** An earlier run left this revision half made. */
  readonly leftover: boolean
}

/** Asks a host once more. */
export async function lookAgain(run: Run, host: HostRun): Promise<SecondLook> {
  const { host: name } = host.plan
  // Programs of facts have their own limits. A disk that answers nobody has none, though its host's heart beats.
  const facts = await run.deps.observe(name, host.end, run.limits.observeMs)
  const now = run.deps.basisOf(facts)
  const then = host.plan.basis
  const changed = [
    difference('the link', then.linkText, now.linkText),
    difference('the previous revision', then.previous, now.previous),
    difference('the verdict', then.verdict, now.verdict),
    difference('the sha256', then.sha256, now.sha256),
    difference('the open switches', listed(then.open), listed(now.open)),
  ]
  const { frozen } = facts.stages.get(run.plan.stage) ?? { frozen: undefined }
  const leftover = facts.unfinished.includes(run.plan.revision.name)
  return { frozen, changed: changed.filter(text => text !== undefined), leftover }
}

const listed = (ids: readonly string[]): string | undefined => (ids.length === 0 ? undefined : ids.join(' '))

function difference(what: string, then: string | undefined, now: string | undefined): string | undefined {
  return then === now ? undefined : `${what} was ${then ?? 'nothing'} and is ${now ?? 'nothing'}`
}
