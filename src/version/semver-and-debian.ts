import { type Conversion, converted, refusedFor } from './conversion.ts'
import { type Debian, formatDebian } from './debian.ts'
import { formatSemVer, parseSemVer, type SemVer } from './semver.ts'

/**
 * Words of pre-releases that dpkg orders among each other, and among numbers, as SemVer does: letters only, and none the
 * beginning of another. (`alpha.1` is before `alphabet` to SemVer and after it to dpkg; `rc10` is before `rc9` to SemVer.)
 */
const WORDS = ['alpha', 'beta', 'canary', 'dev', 'next', 'nightly', 'pre', 'rc', 'snapshot'] as const

/** A SemVer version as Debian's: `1.2.3-rc.1+build.5` is `1.2.3~rc.1+build.5`. */
export function semVerToDebian({ major, minor, patch, pre, build }: SemVer): Conversion {
  const lost = [
    ...pre.filter(part => !isOrdered(part)).map(unordered),
    ...build
      .filter(part => part.includes('-'))
      .map(part => `Debian ends the upstream version at a hyphen (+${part})`),
  ]
  if (lost.length > 0) return refusedFor(lost)
  const before = pre.length === 0 ? '' : `~${pre.join('.')}`
  const after = build.length === 0 ? '' : `+${build.join('.')}`
  return converted(`${major}.${minor}.${patch}${before}${after}`)
}

const isOrdered = (part: string): boolean => /^[0-9]+$/.test(part) || WORDS.some(word => word === part)

function unordered(part: string): string {
  if (part.includes('-')) return `Debian ends the upstream version at a hyphen (-${part})`
  return `Debian does not order -${part} as SemVer does; of words it keeps ${WORDS.join(', ')}`
}

const IMAGE = /^(?<release>[0-9]+\.[0-9]+\.[0-9]+)(?:~(?<pre>[A-Za-z0-9.]+))?(?:\+(?<build>[A-Za-z0-9.]+))?$/

/** A Debian version as SemVer: only what {@link semVerToDebian} makes, without build metadata. */
export function debianToSemVer(version: Debian): Conversion {
  const { epoch, upstream, revision } = version
  const { release = '', pre, build } = IMAGE.exec(upstream)?.groups ?? {}
  const found = parseSemVer(pre === undefined ? release : `${release}-${pre}`)
  const lost = [
    ...(epoch === '0' ? [] : [`SemVer has no epoch (${epoch}:)`]),
    ...(revision === undefined ? [] : [`SemVer has no revision (-${revision})`]),
    ...(build === undefined
      ? []
      : [`SemVer does not order build metadata: ${release} and ${release}+${build} would be equal`]),
  ]
  if (lost.length > 0) return refusedFor(lost)
  const back = found === undefined ? undefined : semVerToDebian(found)
  if (found !== undefined && back?.kind === 'converted' && back.version === upstream)
    return converted(formatSemVer(found))
  return refusedFor([`no SemVer version sorts where ${formatDebian(version)} does`])
}
