import type { HostFacts } from '../model/facts.ts'
import type { Wanted } from './request.ts'

/** Is there nothing to upload, build and verify on this host? */
export function stands(facts: HostFacts, wanted: Wanted): boolean {
  return facts.revisions.some(
    ({ name, sha256, verdict, stands: standing }) =>
      name === wanted.name && sha256 === wanted.sha256 && verdict === 'verified' && standing,
  )
}
