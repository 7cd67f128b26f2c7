import type { HostFacts } from '../model/facts.ts'
import type { RevisionName, StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import { refusal } from './problems.ts'
import { revisionHint } from './revision-hint.ts'

/** Has this host rejected the revision? */
export const hasRejected = ({ revisions }: HostFacts, revision: RevisionName): boolean =>
  revisions.some(({ name, verdict }) => name === revision && verdict === 'rejected')

/** Why a revision cannot be discarded on this host: only a rejection can be taken back, a verification is final. */
export function verifiedProblem({ host, revisions }: HostFacts, revision: RevisionName): Problem | undefined {
  const isVerified = revisions.some(({ name, verdict }) => name === revision && verdict === 'verified')
  const message = `${revision} is verified: only a rejected revision can be discarded`
  return isVerified ? refusal('refused', host, message) : undefined
}

/** Why there is nothing to discard: no host has the revision, whoever wrote its name. Hosts that have it verified say so. */
export function unknownProblem(
  hosts: readonly HostFacts[],
  revision: RevisionName,
  stage: StageName,
): Problem | undefined {
  const revisions = hosts.flatMap(facts => facts.revisions)
  if (revisions.some(({ name }) => name === revision)) return undefined
  const rejected = revisions.filter(({ verdict }) => verdict === 'rejected')
  const hint = revisionHint(revision, rejected, 'the rejected revisions are')
  return refusal('unknown-revision', stage, `no host knows the revision ${revision}`, hint)
}
