import type { Observation } from '../model/facts.ts'
import type { HostName, StageName } from '../model/names.ts'
import { type Choice, revisionCalled } from './choose-rollback.ts'
import { refusal } from './problems.ts'
import type { Wanted } from './request.ts'
import { liveOf, stageOf } from './stage-history.ts'

/**
 * Decides what a promotion ships: the revision that every host of `from` is live on. Unread or disagreeing hosts
 * refuse it: what cannot be read is not promoted.
 *
 * @returns also the hosts that have it, by name: the sdist can be had from any of them
 */
export function choosePromotion(
  from: StageName,
  observations: ReadonlyMap<HostName, Observation>,
): Choice<{ readonly wanted: Wanted; readonly holders: readonly HostName[] }> {
  const problems = [...observations].flatMap(([host, seen]) =>
    seen.kind === 'unread' ? [refusal(seen.code, host, seen.reason, seen.hint)] : [],
  )
  if (problems.length > 0) return { kind: 'refused', problems }
  const read = [...observations.values()].flatMap(seen => (seen.kind === 'read' ? [seen.facts] : []))
  const lives = read.map(facts => ({ host: facts.host, live: liveOf(stageOf(facts, from)) }))
  const [first] = lives
  if (first?.live === undefined || lives.some(({ live }) => live !== first.live)) {
    const hint = `make ${from} uniform first: \`deploy status ${from}\``
    return {
      kind: 'refused',
      problems: lives.map(({ host, live }) =>
        refusal('not-uniform', host, `${from} is live on ${live ?? 'nothing'} here`, hint),
      ),
    }
  }
  const wanted = revisionCalled(first.live, read, from)
  if (wanted.kind === 'refused') return wanted
  const holders = read
    .filter(facts => facts.revisions.some(revision => revision.name === wanted.value.name && revision.stands))
    .map(facts => facts.host)
  return { kind: 'chosen', value: { wanted: wanted.value, holders } }
}
