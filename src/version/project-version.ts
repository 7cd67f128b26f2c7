import type { Channel, VersionScheme } from '../model/version-policy.ts'
import { channelOf, channelOfSemVer } from './channel.ts'
import { compareVersions, type Ordering, parsedVersion } from './compare.ts'
import { formatVersion } from './pep440.ts'
import { pep440AsSemVer } from './pep440-and-semver.ts'
import { compareSemVer } from './semver.ts'

/** The version of a revision as its project writes it, or why the project cannot have such a version. */
export type ProjectVersion =
  | { readonly kind: 'read'; readonly version: string; readonly channel: Channel }
  | { readonly kind: 'foreign'; readonly reasons: readonly string[] }

/**
 * Reads the version of an sdist, which is PEP 440 whatever the project's scheme is. In a project with SemVer it stands
 * for a SemVer version, `1.2.0rc1` for `1.2.0-rc.1`; one that stands for none (a post-release) is foreign to it.
 *
 * @throws StageError `version` when the text is not a PEP 440 version
 */
export function projectVersion(scheme: VersionScheme, version: string): ProjectVersion {
  const parsed = parsedVersion(version)
  if (scheme === 'pep440')
    return { kind: 'read', version: formatVersion(parsed), channel: channelOf(version) }
  const read = pep440AsSemVer(parsed)
  if (read.kind === 'refused') return { kind: 'foreign', reasons: read.lost }
  return { kind: 'read', version: read.version, channel: channelOfSemVer(read.version) }
}

/**
 * Orders the versions of two sdists by the project's scheme. Where one of them is foreign to it (from before the scheme
 * was chosen) PEP 440 decides, which every sdist has.
 *
 * @throws StageError `version` when one of them is not a PEP 440 version
 */
export function compareProjectVersions(scheme: VersionScheme, a: string, b: string): Ordering {
  const [left, right] = [projectVersion(scheme, a), projectVersion(scheme, b)]
  return scheme === 'semver' && left.kind === 'read' && right.kind === 'read'
    ? compareSemVer(left.version, right.version)
    : compareVersions(a, b)
}
