import type { HostFacts } from '../model/facts.ts'
import type { HostName, RevisionName, Sha256, StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import { refusal } from './problems.ts'
import { stageOf } from './stage-history.ts'

/** What one record of one host says a revision was made from. */
interface Testimony {
  readonly host: HostName
  readonly record: 'journal' | 'manifest'
  readonly revision: RevisionName
  readonly sha256: Sha256
}

/**
 * Why nothing may be decided on what these hosts say of a revision: they do not agree on the bytes that it was made
 * from, or one of them does not agree with itself. Every journal counts that had it live in the stage, and every
 * manifest of it. What says nothing (a damaged manifest, a line without a sha256) counts for nothing.
 *
 * @param isIt tells the names that the revision may have there
 */
export function disagreement(
  stage: StageName,
  revision: RevisionName,
  hosts: readonly HostFacts[],
  isIt: (name: RevisionName) => boolean,
): readonly Problem[] {
  const told = hosts.flatMap(facts => testimonies(facts, stage, isIt))
  const digests = new Set(told.map(({ sha256 }) => sha256))
  if (digests.size < 2) return []
  const said = [...new Set(told.map(({ host }) => host))].map(host => {
    const own = told.filter(one => one.host === host)
    return `${host} says ${saidBy(own, revision)}`
  })
  const message = `the hosts of ${stage} do not agree on what ${revision} was made from: ${said.join('; ')}`
  const hint = [
    `find out who is right: \`deploy check ${stage}\`, \`deploy revisions ${stage}\``,
    'or ship a new version: what hosts do not agree on is shipped nowhere',
  ]
  return [refusal('hosts-disagree', stage, message, hint.join('\n'))]
}

function testimonies(
  facts: HostFacts,
  stage: StageName,
  isIt: (name: RevisionName) => boolean,
): readonly Testimony[] {
  const { host } = facts
  const lived = stageOf(facts, stage).wasLive.flatMap(({ revision, sha256 = '' }): readonly Testimony[] =>
    isIt(revision) ? [{ host, record: 'journal', revision, sha256 }] : [],
  )
  const sealed = facts.revisions.flatMap(({ name, verdict, sha256 }): readonly Testimony[] =>
    verdict === 'verified' && isIt(name) ? [{ host, record: 'manifest', revision: name, sha256 }] : [],
  )
  return [...lived, ...sealed].filter(({ sha256 }) => sha256 !== '')
}

/** What one host says: each digest once, with the records that have it. */
function saidBy(own: readonly Testimony[], asked: RevisionName): string {
  const nameOf = ({ record, revision }: Testimony) =>
    `its ${record}${revision === asked ? '' : ` of ${revision}`}`
  return [...new Set(own.map(({ sha256 }) => sha256))]
    .map(digest => {
      const names = own.filter(({ sha256 }) => sha256 === digest).map(nameOf)
      return `${digest.slice(0, 12)} (${[...new Set(names)].join(', ')})`
    })
    .join(' and ')
}
