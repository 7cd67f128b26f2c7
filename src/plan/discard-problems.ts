import type { HostFacts } from '../model/facts.ts'
import type { RevisionName, StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import type { VersionScheme } from '../model/version-policy.ts'
import { revisionsMeant } from '../version/revision-identity.ts'
import { refusal } from './problems.ts'
import { revisionHint } from './revision-hint.ts'
import { ambiguousName } from './spelling.ts'

/** A revision that somebody wants forgotten, as it was written. */
export interface Discarded {
  readonly written: string
  readonly versions: VersionScheme
}

/** The revision that this host has rejected, by its name there. Undefined: none, or one of several. */
export function rejectedRevision(facts: HostFacts, discarded: Discarded): RevisionName | undefined {
  const [name, ...others] = meantOn(facts, discarded)
  const isRejected = facts.revisions.some(known => known.name === name && known.verdict === 'rejected')
  return isRejected && others.length === 0 ? name : undefined
}

/** Why a revision cannot be discarded on this host: only a rejection can be taken back, a verification is final. */
export function discardProblem(facts: HostFacts, discarded: Discarded): Problem | undefined {
  const { host, revisions } = facts
  const meant = meantOn(facts, discarded)
  if (meant.length > 1) return ambiguousName(host, discarded.written, meant)
  const [name] = meant
  const isVerified = revisions.some(known => known.name === name && known.verdict === 'verified')
  const message = `${name} is verified: only a rejected revision can be discarded`
  return isVerified ? refusal('refused', host, message) : undefined
}

/** Why there is nothing to discard: no host has the revision, whoever wrote its name. Hosts that have it verified say so. */
export function unknownProblem(
  hosts: readonly HostFacts[],
  discarded: Discarded,
  stage: StageName,
): Problem | undefined {
  if (hosts.some(facts => meantOn(facts, discarded).length > 0)) return undefined
  const { written } = discarded
  const rejected = hosts.flatMap(facts => facts.revisions).filter(({ verdict }) => verdict === 'rejected')
  const hint = revisionHint(written, rejected, 'the rejected revisions are')
  return refusal('unknown-revision', stage, `no host knows the revision ${written}`, hint)
}

const meantOn = ({ revisions }: HostFacts, { written, versions }: Discarded): readonly RevisionName[] =>
  revisionsMeant(
    written,
    revisions.map(({ name }) => name),
    versions,
  )
