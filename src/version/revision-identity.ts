import type { RevisionName } from '../model/names.ts'
import type { VersionScheme } from '../model/version-policy.ts'
import { formatVersion, normaliseVersion, type Pep440, parseVersion } from './pep440.ts'
import { semVerToPep440 } from './pep440-and-semver.ts'
import { isProjectName, normaliseName, sameProject } from './project-name.ts'
import { parseSemVer } from './semver.ts'

/**
 * Who a revision is, however it is spelt: its name by PEP 503 and its version by PEP 440, where `1.1` equals `1.1.0`.
 * The remote end says the same (`src/remote/end/identity.py`), from the same table of cases.
 *
 * @param revision `{Name}-{version}`, the version in normal form as in every name of a directory: it has no hyphen
 */
export function identityOf(revision: RevisionName): string {
  const [name, version] = partsOf(revision)
  const parsed = parseVersion(version)
  return `${normaliseName(name)}==${parsed === undefined ? version : formatVersion(shortest(parsed))}`
}

/** Do two names spell one revision? */
export const sameRevision = (one: RevisionName, other: RevisionName): boolean =>
  one === other || identityOf(one) === identityOf(other)

/** May a revision of this project be called so? `shop-1` may, of `Shop`; `shop-x` may not. */
export function spellsRevisionOf(project: string, text: string): boolean {
  const [name, version] = partsOf(text)
  return sameProject(name, project) && parseVersion(version) !== undefined
}

/**
 * The revisions that somebody may mean by a name: the one that is called exactly so, else all that are spelt
 * otherwise. What people write is read in every way it can be: `my-shop-1.0-1` is `my-shop-1.0.post1`, and
 * `my-shop-1.0` in version 1.
 *
 * @param scheme a project with SemVer writes `1.2.0-rc.1` for `1.2.0rc1`, and `1.2.0-1` is no post-release to it
 * @param known names of directories
 * @returns each once, sorted
 */
export function revisionsMeant(
  written: string,
  known: Iterable<RevisionName>,
  scheme: VersionScheme,
): readonly RevisionName[] {
  const names = [...new Set(known)].toSorted()
  if (names.includes(written)) return [written]
  const readings = [...written.matchAll(/-/g)].flatMap(({ index }) => {
    const name = written.slice(0, index)
    const version = versionWritten(scheme, written.slice(index + 1))
    return version !== undefined && isProjectName(name) ? [identityOf(`${name}-${version}`)] : []
  })
  return names.filter(name => readings.includes(identityOf(name)))
}

/** The PEP 440 version that a text stands for in a project; undefined where it is none of its versions. */
function versionWritten(scheme: VersionScheme, text: string): string | undefined {
  const version = normaliseVersion(text)
  if (scheme === 'pep440' || version === text) return version
  const semVer = parseSemVer(text)
  const read = semVer === undefined ? undefined : semVerToPep440(semVer)
  return read?.kind === 'converted' ? read.version : undefined
}

function partsOf(revision: RevisionName): readonly [name: string, version: string] {
  const at = revision.lastIndexOf('-')
  return [revision.slice(0, Math.max(at, 0)), revision.slice(at + 1)]
}

/** Zeros at the end of a release say nothing; the first number stays. */
function shortest(version: Pep440): Pep440 {
  const last = version.release.findLastIndex((number, index) => index === 0 || number !== '0')
  return { ...version, release: version.release.slice(0, last + 1) }
}
