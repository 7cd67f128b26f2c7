import type { HostFacts } from '../model/facts.ts'
import type { RevisionName, StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import { refusal } from './problems.ts'
import type { Wanted } from './request.ts'
import { disagreement } from './testimony.ts'

/** What was decided, or why nothing could be. */
export type Choice<T> =
  | { readonly kind: 'chosen'; readonly value: T }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

export const refused = (problems: readonly Problem[]): Choice<never> => ({ kind: 'refused', problems })

/**
 * The revision of that very name as the hosts record it, by a copy that stands if there is one. What they record has
 * to be the same bytes.
 */
export function revisionCalled(
  name: RevisionName,
  hosts: readonly HostFacts[],
  stage: StageName,
): Choice<Wanted> {
  const copies = hosts.flatMap(facts => facts.revisions.filter(revision => revision.name === name))
  const best = copies.find(copy => copy.verdict === 'verified' && copy.stands) ?? copies[0]
  if (best === undefined) {
    const message = `no host has the revision ${name}`
    return refused([refusal('not-standing', stage, message, `see \`deploy revisions ${stage}\``)])
  }
  const problems = disagreement(stage, name, hosts, revision => revision === name)
  if (problems.length > 0) return refused(problems)
  const { project, version, sha256 } = best
  const value = { name, project, version, sha256, requiresPython: undefined, sdist: undefined }
  return { kind: 'chosen', value }
}
