import type { RevisionFacts } from '../model/facts.ts'

/**
 * The hint for a revision that no host has: which of the known ones was probably meant, then all of them. Meant is the only
 * one of the version that was written; a near version is no misspelling. A version alone is a hint and no more, because
 * what is switched to is written in full.
 *
 * @param written what stands on the command line
 * @param known the revisions that would have done
 * @param kind what they are called: `the rejected revisions are`
 */
export function revisionHint(written: string, known: readonly RevisionFacts[], kind: string): string {
  const names = [...new Set(known.map(({ name }) => name))].toSorted()
  const ofVersion = new Set(
    known.flatMap(({ name, version }) => (endsWithVersion(written, version) ? [name] : [])),
  )
  const [only] = ofVersion
  const all = `${kind}: ${names.length === 0 ? 'none' : names.join(', ')}`
  return only === undefined || ofVersion.size > 1 ? all : `did you mean ${only}? ${all}`
}

/** `1.0` and `shpo-1.0` end with 1.0, and `shop-11.0` and `shop-2.1.0` do not. */
const endsWithVersion = (written: string, version: string): boolean =>
  written.endsWith(version) && !/[\d.]$/.test(written.slice(0, -version.length))
