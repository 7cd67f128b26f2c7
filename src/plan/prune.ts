import type { HostFacts } from '../model/facts.ts'
import type { RevisionName, StageName } from '../model/names.ts'
import { liveOf, previousOf, stageOf } from './stage-history.ts'

/**
 * The revisions of one host that retention no longer covers, once `next` is live in `stage`.
 *
 * Every stage of the root keeps its own number of the revisions that were live last in it; the live one, the one to roll
 * back to, and whatever any link names are kept on top. A verified revision that was never live is kept while it
 * is newer than the oldest one kept: it was prepared for a switch to come. The host checks links, locks and
 * processes again before it removes anything.
 *
 * @param stages every stage of the configuration with its number
 */
export function revisionsToPrune(
  facts: HostFacts,
  stage: StageName,
  next: RevisionName,
  stages: ReadonlyMap<StageName, { readonly keepRevisions: number }>,
): readonly RevisionName[] {
  const kept = new Set<RevisionName>([next])
  const wereLive = new Set<RevisionName>()
  for (const [name, { keepRevisions }] of stages) {
    const history = stageOf(facts, name)
    const live = liveOf(history)
    const previous = previousOf(history)
    for (const named of [live, previous]) if (named !== undefined) kept.add(named)
    const lived = history.wasLive.map(entry => entry.revision)
    const latest = name === stage ? [next, ...lived.filter(revision => revision !== next)] : lived
    for (const revision of latest.slice(0, keepRevisions)) kept.add(revision)
    for (const revision of lived) wereLive.add(revision)
  }
  const verified = facts.revisions.filter(revision => revision.verdict === 'verified')
  const oldestKeptMs = Math.min(
    ...verified.filter(revision => kept.has(revision.name)).map(revision => revision.atMs),
  )
  return verified
    .filter(revision => !kept.has(revision.name))
    .filter(revision => wereLive.has(revision.name) || revision.atMs < oldestKeptMs)
    .map(revision => revision.name)
    .toSorted()
}
