import type { HostFacts } from '../model/facts.ts'
import type { RevisionName, StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import { refusal } from './problems.ts'
import type { Wanted } from './request.ts'

/** What was decided, or why nothing could be. */
export type Choice<T> =
  | { readonly kind: 'chosen'; readonly value: T }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

export const refused = (problems: readonly Problem[]): Choice<never> => ({ kind: 'refused', problems })

/**
 * The revision of that name as the hosts record it, by a copy that stands if there is one. That its bytes are
 * the same on every host is checked by the plan.
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
  const { project, version, sha256 } = best
  const value = { name, project, version, sha256, requiresPython: undefined, sdist: undefined }
  return { kind: 'chosen', value }
}
