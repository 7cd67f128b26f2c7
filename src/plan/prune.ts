import type { HostFacts, RevisionFacts, StageFacts } from '../model/facts.ts'
import type { RevisionName, StageName } from '../model/names.ts'
import { liveOf, openOn, previousOf, stageOf } from './stage-history.ts'

/**
 * How many revisions one run, and one request of `deploy prune`, removes at most. A deploy adds one revision, so a root that has
 * too many comes down to what is kept, and no deploy waits for the removal of hundreds of environments.
 */
export const PRUNED_AT_ONCE = 10

/**
 * How many of the oldest one run tries at most, until it has removed that many. Some may not go for years: a process runs in
 * them, or a link that somebody made names them. These do not hold back the ones after them.
 */
export const TRIED_AT_ONCE = 100

type Stages = ReadonlyMap<StageName, { readonly keepRevisions: number }>

/**
 * The revisions of one host that retention no longer covers, once `next` is live in `stage`.
 *
 * Every stage of the root keeps its own number of the revisions that were live last in it, and on top of them
 * whatever it needs now. Of verified revisions that were never live (prepared, or put back) the latest are kept, as
 * many as the most generous stage keeps, while they are younger than the oldest revision kept. The host looks at
 * links, locks and processes again before it removes anything.
 *
 * @param stages every stage of the configuration with its number
 * @returns the oldest first
 */
export function revisionsToPrune(
  facts: HostFacts,
  stage: StageName,
  next: RevisionName,
  stages: Stages,
): readonly RevisionName[] {
  const verified = facts.revisions.filter(revision => revision.verdict === 'verified')
  const isThere = (name: RevisionName) => verified.some(revision => revision.name === name)
  const kept = new Set<RevisionName>([next])
  const wereLive = new Set<RevisionName>()
  for (const [name, { keepRevisions }] of stages) {
    const history = stageOf(facts, name)
    const lived = history.wasLive.map(({ revision }) => revision)
    const latest = name === stage ? [next, ...lived.filter(revision => revision !== next)] : lived
    // What is gone already takes nobody's place.
    const standing = latest.filter(revision => revision === next || isThere(revision))
    const needed = neededBy(history, name === stage ? next : liveOf(history))
    for (const revision of [...standing.slice(0, keepRevisions), ...needed]) kept.add(revision)
    for (const revision of lived) wereLive.add(revision)
  }
  for (const revision of latestNeverLive(verified, wereLive, kept, stages)) kept.add(revision)
  return verified
    .filter(({ name }) => !kept.has(name))
    .toSorted((a, b) => a.atMs - b.atMs || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name)
}

/**
 * What a stage needs once `next` is live in it: what is live until then, the one to roll back to, and both ends of
 * open switches. After a deploy one rolls back to what is live now, after a rollback to the entry below `next`.
 */
function neededBy(history: StageFacts, next: RevisionName | undefined): readonly RevisionName[] {
  const { stack } = history
  const live = liveOf(history)
  const isRollback = next !== undefined && next !== live && stack.includes(next)
  const previous = next === live ? previousOf(history) : undefined
  const below = isRollback ? stack[stack.indexOf(next) + 1] : undefined
  const open = openOn(history).flatMap(({ from, to }) => [from, to])
  return [live, previous, below, ...open].filter(name => name !== undefined)
}

function latestNeverLive(
  verified: readonly RevisionFacts[],
  wereLive: ReadonlySet<RevisionName>,
  kept: ReadonlySet<RevisionName>,
  stages: Stages,
): readonly RevisionName[] {
  const agesKept = verified.filter(({ name }) => kept.has(name)).map(({ atMs }) => atMs)
  const oldestKeptMs = agesKept.length === 0 ? 0 : Math.min(...agesKept)
  const most = Math.max(...[...stages.values()].map(({ keepRevisions }) => keepRevisions))
  return verified
    .filter(({ name, atMs }) => !wereLive.has(name) && !kept.has(name) && atMs >= oldestKeptMs)
    .toSorted((a, b) => b.atMs - a.atMs)
    .slice(0, most)
    .map(({ name }) => name)
}
