import type { HostFacts, Observation } from '../model/facts.ts'
import type { HostName, RevisionName, StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import { refusal } from './problems.ts'
import type { Wanted } from './request.ts'
import { liveOf, previousOf, stageOf } from './stage-history.ts'

/** What was decided, or why nothing could be. */
export type Choice<T> =
  | { readonly kind: 'chosen'; readonly value: T }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

/**
 * Decides once, for the whole fleet, which revision to go back to: the one given, or the previous one, on which
 * all hosts must agree. Whether it stands everywhere is checked by the plan like for any other switch.
 */
export function chooseRollback(
  stage: StageName,
  observations: ReadonlyMap<HostName, Observation>,
  to: RevisionName | undefined,
): Choice<Wanted> {
  const hosts = [...observations.values()].flatMap(seen => (seen.kind === 'read' ? [seen.facts] : []))
  if (to !== undefined) return revisionCalled(to, hosts, stage)
  const wishes = hosts.map(facts => {
    const history = stageOf(facts, stage)
    return { host: facts.host, live: liveOf(history), previous: previousOf(history) }
  })
  const [first] = wishes
  if (first === undefined) return refused([])
  const agreed = wishes.every(wish => wish.live === first.live && wish.previous === first.previous)
  if (!agreed) return refused(wishes.map(wish => disagreement(stage, wish)))
  if (first.previous === undefined) {
    const message = `there is no revision before ${first.live ?? 'nothing'} to roll ${stage} back to`
    return refused([refusal('no-previous', stage, message, `see \`deploy history ${stage}\``)])
  }
  return revisionCalled(first.previous, hosts, stage)
}

/** The revision of that name as the hosts record it; its bytes must be the same wherever it is. */
export function revisionCalled(
  name: RevisionName,
  hosts: readonly HostFacts[],
  stage: StageName,
): Choice<Wanted> {
  const copies = hosts.flatMap(facts => facts.revisions.filter(revision => revision.name === name))
  const [first] = copies
  if (first === undefined) {
    const message = `no host has the revision ${name}`
    return refused([refusal('not-standing', stage, message, `see \`deploy revisions ${stage}\``)])
  }
  const { project, version, sha256 } = first
  return {
    kind: 'chosen',
    value: { name, project, version, sha256, requiresPython: undefined, sdist: undefined },
  }
}

const refused = (problems: readonly Problem[]): Choice<never> => ({ kind: 'refused', problems })

function disagreement(
  stage: StageName,
  wish: { host: HostName; live: RevisionName | undefined; previous: RevisionName | undefined },
): Problem {
  const message = `is live on ${wish.live ?? 'nothing'}, before that ${wish.previous ?? 'nothing'}: the hosts of ${stage} do not agree`
  return refusal(
    'hosts-disagree',
    wish.host,
    message,
    `say which revision: \`deploy rollback ${stage} --to REVISION\``,
  )
}
