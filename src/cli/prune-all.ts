import type { RevisionName, StageName } from '../model/names.ts'
import { PRUNED_AT_ONCE } from '../plan/prune.ts'
import type { Answer, Body } from '../remote/messages.ts'

/** A host that has not come to an end of its leftovers by then is asked no more. */
const SWEEPS_AT_MOST = 1000

/**
 * In requests of a bounded size each, so that none of them outlasts its time limit. The first is sent also where no
 * revision is to go: the host sweeps then, a few leftovers at a time, and is asked until their number does not go down.
 */
export async function pruneAll(
  ask: (body: Body<'prune'>) => Promise<Answer<'prune'>>,
  stage: StageName,
  names: readonly RevisionName[],
): Promise<Answer<'prune'>> {
  const first = await ask(bodyAt(0, stage, names))
  const all = { removed: [...first.removed], kept: [...first.kept], swept: first.swept }
  const requests = Math.ceil(names.length / PRUNED_AT_ONCE)
  let sweeps = 0
  let isLess = true
  for (let at = 1; at < requests || (isLess && all.swept.left > 0 && sweeps < SWEEPS_AT_MOST); at++) {
    const { removed, kept, swept } = await ask(bodyAt(at, stage, names))
    isLess = swept.left < all.swept.left
    if (at >= requests) sweeps++
    all.removed.push(...removed)
    all.kept.push(...kept)
    all.swept = { ...swept, removed: all.swept.removed + swept.removed }
  }
  return all
}

function bodyAt(at: number, stage: StageName, names: readonly RevisionName[]): Body<'prune'> {
  const revisions = names.slice(at * PRUNED_AT_ONCE, (at + 1) * PRUNED_AT_ONCE)
  return { stage, revisions, atMost: revisions.length }
}
