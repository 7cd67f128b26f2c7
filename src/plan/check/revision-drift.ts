import type { Drift, Inspection, Mend, SealedFacts } from '../../model/check.ts'
import type { HostFacts } from '../../model/facts.ts'
import type { RevisionName, StageName } from '../../model/names.ts'
import type { Host } from '../../model/target.ts'
import { previousOf, stageOf } from '../stage-history.ts'
import { advice, differing, drift, onRunner, warned } from './mend.ts'
import { treeDrift } from './tree-drift.ts'

/**
 * The live revision against its manifest: bytes, interpreter, sdist.
 *
 * @param wayOut what to do where nothing brings back what was sealed
 */
export function revisionDrift(
  host: Host,
  stage: StageName,
  facts: HostFacts,
  inspection: Inspection,
  { live, wayOut }: { readonly live: RevisionName; readonly wayOut: Mend },
): readonly Drift[] {
  const { sealed, why } = inspection
  if (sealed === undefined) return [drift(live, 'a sealed revision', why ?? 'its manifest is gone', wayOut)]
  const place = `${host.root}/${live}`
  return [
    ...digestDrift(facts, stage, live, sealed, wayOut),
    ...treeDrift(live, place, sealed, wayOut),
    ...interpreterDrift(live, sealed),
    ...differing(`sdist of ${live}`, sealed.sha256, sealed.sdist ?? 'not there', sdistMend(live, host)),
  ]
}

/** A sealed revision is never rebuilt: what is not as it was sealed is left behind. */
export function replaced(facts: HostFacts, stage: StageName): Mend {
  const previous = previousOf(stageOf(facts, stage))
  const back = facts.revisions.find(({ name }) => name === previous)
  return back?.verdict === 'verified' && back.stands
    ? onRunner(`deploy rollback ${stage}`)
    : advice(`ship a new version: deploy ${stage}`)
}

/** The journal remembers the bytes that it switched to. */
function digestDrift(
  facts: HostFacts,
  stage: StageName,
  live: RevisionName,
  { sha256 }: SealedFacts,
  mend: Mend,
): readonly Drift[] {
  const remembered = stageOf(facts, stage).wasLive.find(({ revision }) => revision === live)?.sha256
  return remembered === undefined ? [] : differing(`sha256 of ${live}`, remembered, sha256, mend)
}

function interpreterDrift(live: RevisionName, sealed: SealedFacts): readonly Drift[] {
  const { python, executable, interpreter } = sealed
  if (python === undefined || interpreter === undefined) return []
  const wanted = python.split('.').slice(0, 2).join('.')
  const mend = advice(
    `install Python ${wanted} where ${live}/${executable ?? '.env'} leads, or ship a new version, which is built with what is there`,
  )
  return [drift(`interpreter of ${live}`, `Python ${wanted}`, interpreter, mend)]
}

const sdistMend = (live: RevisionName, { root }: Host): Mend =>
  advice(
    `copy ${root}/.stage/sdists/${live}.tar.gz from another host: only a host that has yet to build it would miss it`,
  )

/** Verified revisions that nobody can switch to any more; the live one is looked at more closely. Only a rollback would miss one. */
export function standingDrift(
  facts: HostFacts,
  stage: StageName,
  live: RevisionName | undefined,
): readonly Drift[] {
  const previous = previousOf(stageOf(facts, stage))
  return facts.revisions
    .filter(({ name, verdict, stands }) => verdict === 'verified' && !stands && name !== live)
    .map(({ name, why = 'it does not stand' }) =>
      name === previous
        ? drift(
            `${name}, the one to roll back to`,
            'stands',
            why,
            advice(`ship a new version: deploy ${stage}`),
          )
        : warned(name, 'stands', why, advice('it is never switched to, and goes when no stage keeps it')),
    )
}
