import type { DistributionRules } from './distribution-rules.ts'
import type { Metadata } from './metadata.ts'

/** One way to read the name of an sdist file. */
export interface SdistName {
  readonly name: string
  /** In normal form. */
  readonly version: string
}

const SUFFIX = '.tar.gz'

/**
 * Reads `{name}-{version}.tar.gz` in every way it can be read: both may contain a dash, so `My.Shop-1.0-1.tar.gz` is
 * My.Shop 1.0.post1 or My.Shop-1.0 1. The shortest name comes first: names made by PEP 625 contain no dash.
 *
 * @returns empty when the file is not named like an sdist
 */
export function sdistNames(fileName: string, rules: DistributionRules): readonly SdistName[] {
  if (!fileName.endsWith(SUFFIX)) return []
  const stem = fileName.slice(0, -SUFFIX.length)
  return [...stem.matchAll(/-/g)].flatMap(({ index }) => {
    const name = stem.slice(0, index)
    const version = rules.normaliseVersion(stem.slice(index + 1))
    return version !== undefined && rules.isProjectName(name) ? [{ name, version }] : []
  })
}

/** Says whether a file may be called that for an sdist with this name and version, however both are spelt. */
export function namesSdist(fileName: string, { name, version }: Metadata, rules: DistributionRules): boolean {
  return sdistNames(fileName, rules).some(
    reading => rules.sameProject(reading.name, name) && rules.compareVersions(reading.version, version) === 0,
  )
}
