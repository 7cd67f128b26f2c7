import type { HostFacts, Observation } from '../model/facts.ts'
import type { HostName, RevisionName, StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import { sameRevision } from '../version/revision-identity.ts'
import { refusal } from './problems.ts'
import type { Wanted } from './request.ts'
import { type Choice, refused, revisionCalled } from './revision-called.ts'
import { liveOf, openOn, stageOf } from './stage-history.ts'
import { disagreement } from './testimony.ts'

/**
 * Decides what a promotion ships: the revision that every host of `from` is live on after a switch that was kept.
 * Unread or disagreeing hosts refuse it: what cannot be read is not promoted, nor what they do not have the same bytes
 * of.
 *
 * @param observations of all hosts of `from`
 * @returns also the hosts that have it, by name: the sdist can be had from any of them
 */
export function choosePromotion(
  from: StageName,
  observations: ReadonlyMap<HostName, Observation>,
): Choice<{ readonly wanted: Wanted; readonly holders: readonly HostName[] }> {
  const read = [...observations.values()].flatMap(seen => (seen.kind === 'read' ? [seen.facts] : []))
  const lives = read.map(facts => ({ host: facts.host, live: liveOf(stageOf(facts, from)) }))
  const live = lives[0]?.live
  const isLive = (name: RevisionName | undefined) =>
    name === live || (name !== undefined && live !== undefined && sameRevision(name, live))
  const isUniform = lives.every(other => isLive(other.live))
  const problems = [
    ...unread(observations),
    ...(isUniform && live !== undefined
      ? [...notKept(from, live, read), ...disagreement(from, live, read, isLive)]
      : lives.map(one => notUniform(from, one))),
  ]
  if (problems.length > 0 || live === undefined) return refused(problems)
  const choice = revisionCalled(live, read, from)
  if (choice.kind === 'refused') return choice
  const { name, sha256 } = choice.value
  const holders = read.filter(({ revisions }) =>
    revisions.some(revision => revision.name === name && revision.sha256 === sha256 && revision.stands),
  )
  return { kind: 'chosen', value: { wanted: choice.value, holders: holders.map(({ host }) => host) } }
}

function unread(observations: ReadonlyMap<HostName, Observation>): readonly Problem[] {
  return [...observations].flatMap(([host, seen]) =>
    seen.kind === 'unread' ? [refusal(seen.code, host, seen.reason, seen.hint)] : [],
  )
}

function notUniform(
  from: StageName,
  { host, live }: { host: HostName; live: RevisionName | undefined },
): Problem {
  const hint = `make ${from} uniform first: \`deploy status ${from}\``
  return refusal('not-uniform', host, `${from} is live on ${live ?? 'nothing'} here`, hint)
}

/** A revision whose switch is not over was not found good yet. */
function notKept(from: StageName, live: RevisionName, read: readonly HostFacts[]): readonly Problem[] {
  return read.flatMap(facts => {
    const open = openOn(stageOf(facts, from)).find(record => record.to === live)
    if (open === undefined) return []
    const message = `the switch ${open.id} of ${from} to ${live} was not kept yet`
    return [refusal('not-kept', facts.host, message, `see \`deploy status ${from}\``)]
  })
}
