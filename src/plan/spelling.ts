import type { HostFacts, Observation, RevisionFacts } from '../model/facts.ts'
import type { HostName, RevisionName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import type { Host } from '../model/target.ts'
import { sameRevision } from '../version/revision-identity.ts'
import { refusal } from './problems.ts'
import type { Wanted } from './request.ts'

/**
 * What a host has of a revision: under the very name, else under another spelling, a verified one first. Two spellings
 * that both stand are of an earlier version of this tool; each is reached by its own name.
 */
export function knownAs({ revisions }: HostFacts, name: RevisionName): RevisionFacts | undefined {
  const spelt = revisions.filter(revision => sameRevision(revision.name, name))
  return (
    spelt.find(revision => revision.name === name) ??
    spelt.find(({ verdict }) => verdict === 'verified') ??
    spelt[0]
  )
}

/**
 * A revision by the name under which it stands on these hosts already, made from the same bytes: that is what it is
 * called everywhere then, and nothing is built twice. Other bytes keep the name that they came with, and are refused
 * by it.
 */
export function asItStands(
  wanted: Wanted,
  hosts: readonly Host[],
  observations: ReadonlyMap<HostName, Observation>,
): Wanted {
  const standing = hosts.flatMap(({ name }) => {
    const seen = observations.get(name)
    const known = seen?.kind === 'read' ? knownAs(seen.facts, wanted.name) : undefined
    return known?.verdict === 'verified' && known.sha256 === wanted.sha256 ? [known.name] : []
  })
  const [first] = standing
  return first === undefined || standing.includes(wanted.name) ? wanted : { ...wanted, name: first }
}

/** Why a name cannot be followed that several revisions may have: which they are. */
export function ambiguousName(where: string, written: string, names: readonly RevisionName[]): Problem {
  const message = `${written} may be ${names.join(' or ')}: both are one version of one project, spelt in two ways`
  return refusal('ambiguous', where, message, 'write the name exactly as it stands here')
}
