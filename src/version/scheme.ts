import type { Channel, VersionScheme } from '../model/version-policy.ts'
import { channelOf, channelOfSemVer } from './channel.ts'
import { compareVersions, type Ordering, parsedVersion } from './compare.ts'
import { type Conversion, converted } from './conversion.ts'
import { compareDebian, formatDebian, parsedDebian } from './debian.ts'
import { formatVersion } from './pep440.ts'
import { debianToPep440, pep440ToDebian } from './pep440-and-debian.ts'
import { pep440ToSemVer, semVerToPep440 } from './pep440-and-semver.ts'
import { compareSemVer, formatSemVer, parsedSemVer } from './semver.ts'
import { debianToSemVer, semVerToDebian } from './semver-and-debian.ts'

/** Schemes that versions are compared and converted in. Which one a text is of is always said, never guessed. */
export const schemes = ['pep440', 'semver', 'debian'] as const
export type Scheme = (typeof schemes)[number]

/** What people call them. */
export const schemeNames: Readonly<Record<Scheme, string>> = {
  pep440: 'PEP 440',
  semver: 'SemVer',
  debian: 'Debian',
}

/**
 * The one spelling of a version in its scheme.
 *
 * @throws StageError `version` when it is none
 */
export function normalised(text: string, scheme: Scheme): string {
  switch (scheme) {
    case 'pep440':
      return formatVersion(parsedVersion(text))
    case 'semver':
      return formatSemVer(parsedSemVer(text))
    case 'debian':
      return formatDebian(parsedDebian(text))
  }
}

/** @throws StageError `version` when one of them is no version of the scheme */
export function compareIn(scheme: Scheme, a: string, b: string): Ordering {
  switch (scheme) {
    case 'pep440':
      return compareVersions(a, b)
    case 'semver':
      return compareSemVer(a, b)
    case 'debian':
      return compareDebian(a, b)
  }
}

/** @throws StageError `version` when it is no version of the scheme */
export function channelIn(scheme: VersionScheme, text: string): Channel {
  return scheme === 'semver' ? channelOfSemVer(text) : channelOf(text)
}

/**
 * A version in another scheme, where it sorts among others as it did: whatever `a` and `b` are converted, `a` before `b`
 * is still so. What that cannot be said of is refused, with all that would be lost.
 *
 * @throws StageError `version` when the text is no version of `from`
 */
export function convertVersion(text: string, from: Scheme, to: Scheme): Conversion {
  switch (from) {
    case 'pep440': {
      const version = parsedVersion(text)
      if (to === 'pep440') return converted(formatVersion(version))
      return to === 'semver' ? pep440ToSemVer(version) : pep440ToDebian(version)
    }
    case 'semver': {
      const version = parsedSemVer(text)
      if (to === 'semver') return converted(formatSemVer(version))
      return to === 'pep440' ? semVerToPep440(version) : semVerToDebian(version)
    }
    case 'debian': {
      const version = parsedDebian(text)
      if (to === 'debian') return converted(formatDebian(version))
      return to === 'pep440' ? debianToPep440(version) : debianToSemVer(version)
    }
  }
}
