import type { Problem } from '../model/problem.ts'
import { StageError } from '../model/stage-error.ts'
import type { VersionScheme } from '../model/version-policy.ts'
import { channelOf } from './channel.ts'
import { compareVersions, parsedVersion } from './compare.ts'
import { parseVersion } from './pep440.ts'
import { convertVersion, schemeNames } from './scheme.ts'
import { parseSemVer } from './semver.ts'

/** What a source says of the version, as it is written there. */
export interface SaidText {
  readonly text: string
  /** Where, for people: `src/shop/__init__.py:3`, `the tag v1.4.0`. */
  readonly place: string
  /** The commit that is checked out, where it is not the tagged one: then the version has to come after the text. */
  readonly after: { readonly commits: number; readonly hash: string } | undefined
}

/** The same, understood. */
export interface SaidVersion extends SaidText {
  /** What an sdist of that version says. */
  readonly pep440: string
}

/**
 * Reads what a source says by the project's scheme.
 *
 * @throws StageError `config` when it is no version of the scheme, or one that no sdist can say
 */
export function understood(said: SaidText, scheme: VersionScheme): SaidVersion {
  const { text, place } = said
  const isVersion = scheme === 'semver' ? parseSemVer(text) !== undefined : parseVersion(text) !== undefined
  if (!isVersion) {
    const message = `${place} says ${JSON.stringify(text)}, which is not a ${schemeNames[scheme]} version`
    throw new StageError('config', message, { hint: 'see `versions` and `version` in the configuration' })
  }
  const found = convertVersion(text, scheme, 'pep440')
  if (found.kind === 'converted') return { ...said, pep440: found.version }
  throw new StageError('config', `${place} says ${text}, which no sdist can say: ${found.lost.join('; ')}`, {
    ...(found.hint === undefined ? {} : { hint: found.hint }),
  })
}

/** What git-describe(1) prints with `--long`: `v1.4.0-3-g1234abc`. */
const DESCRIBED = /^(?<tag>.+)-(?<commits>[0-9]+)-g(?<hash>[0-9a-f]+)$/

/** Reads what `git describe --long` printed; undefined: something else. */
export function fromDescribe(line: string, tagPrefix: string): SaidText | undefined {
  const { tag = '', commits = '', hash = '' } = DESCRIBED.exec(line)?.groups ?? {}
  if (tag === '' || !tag.startsWith(tagPrefix)) return undefined
  const after = commits === '0' ? undefined : { commits: Number(commits), hash }
  return { text: tag.slice(tagPrefix.length), place: `the tag ${tag}`, after }
}

/**
 * Does a source say what the sdist says? They are compared by PEP 440, which the sdist has: `1.4` and `1.4.0` agree. On a
 * commit after the tag the sdist is a development or local version after it, and the commit that it names is that one.
 */
export function disagreement(
  said: SaidVersion,
  sdist: { readonly version: string; readonly path: string },
): Problem | undefined {
  const { after, place, pep440: version } = said
  const here = `${sdist.version} in ${sdist.path} (PKG-INFO)`
  if (after === undefined) {
    if (compareVersions(version, sdist.version) === 0) return undefined
    return disagreeing(place, `the version is ${said.text} in ${place}, and ${here}`, REBUILD)
  }
  const commit = after.hash.slice(0, 12)
  const since = `${place} is ${after.commits === 1 ? '1 commit' : `${after.commits} commits`} before ${commit}`
  const channel = channelOf(sdist.version)
  if (compareVersions(sdist.version, version) <= 0 || (channel !== 'dev' && channel !== 'local')) {
    const message = `the version is ${here}, and ${since}: it has to be a development version after ${said.text}`
    return disagreeing(place, message, 'tag the commit, or build an sdist of it')
  }
  const named = commitIn(sdist.version)
  if (named === undefined || after.hash.startsWith(named) || named.startsWith(after.hash)) return undefined
  const message = `the version is ${here}, built from ${named}, and ${commit} is checked out`
  return disagreeing(place, message, REBUILD)
}

const REBUILD = 'build the sdist again, or check out what it was built from'

/** The commit that a local label names, as most tools write it: `+g1234abc`, `+3.g1234abc`. */
function commitIn(version: string): string | undefined {
  const label = parsedVersion(version).local.find(part => /^g[0-9a-f]{7,40}$/.test(part))
  return label?.slice(1)
}

const disagreeing = (where: string, message: string, hint: string): Problem => ({
  code: 'version-disagrees',
  where,
  message,
  hint,
  severity: 'error',
})
