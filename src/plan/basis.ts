import type { HostFacts } from '../model/facts.ts'
import type { RevisionName, StageName } from '../model/names.ts'
import type { Basis } from '../model/plan.ts'
import { knownAs } from './spelling.ts'
import { linkTextOf, openOn, previousOf, stageOf } from './stage-history.ts'

/** What a plan is made from on one host; read again under the lock, any difference makes the plan stale. */
export function basisOf(facts: HostFacts, stage: StageName, wanted: RevisionName | undefined): Basis {
  const history = stageOf(facts, stage)
  const known = wanted === undefined ? undefined : knownAs(facts, wanted)
  return {
    linkText: linkTextOf(history),
    previous: previousOf(history),
    verdict: known?.verdict,
    sha256: known?.sha256,
    open: openOn(history).map(record => record.id),
  }
}
