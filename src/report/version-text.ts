import type { Channel } from '../model/version-policy.ts'
import { printable } from '../shell/printable.ts'
import { parsedVersion } from '../version/compare.ts'
import { parsedDebian } from '../version/debian.ts'
import { channelIn, normalised, type Scheme, schemeNames } from '../version/scheme.ts'
import { parsedSemVer } from '../version/semver.ts'
import { toWire, type Wire } from './wire.ts'

/** A place that says a version, and what it says. */
export interface VersionPlace {
  readonly place: string
  readonly text: string
}

/** What is shown of a version. */
export interface ShownVersion {
  /** In the normal form of its scheme. */
  readonly version: string
  readonly scheme: Scheme
  /** Debian has none. */
  readonly channel: Channel | undefined
  /** Its parts by name, as text: numbers have any length. */
  readonly parts: Readonly<Record<string, unknown>>
  /** Where it was read; none where it was given. */
  readonly places: readonly VersionPlace[]
}

/** @throws StageError `version` when it is no version of the scheme */
export function shownVersion(
  text: string,
  scheme: Scheme,
  places: readonly VersionPlace[] = [],
): ShownVersion {
  const version = normalised(text, scheme)
  const channel = scheme === 'debian' ? undefined : channelIn(scheme, version)
  return { version, scheme, channel, parts: { ...partsIn(scheme, version) }, places }
}

function partsIn(scheme: Scheme, version: string): object {
  switch (scheme) {
    case 'pep440':
      return parsedVersion(version)
    case 'semver':
      return parsedSemVer(version)
    case 'debian':
      return parsedDebian(version)
  }
}

/** For people: what it is, then those of its parts that are there, then where it stands. */
export function formatVersionShown({ version, scheme, channel, parts, places }: ShownVersion): string {
  const rows: readonly (readonly [string, string])[] = [
    ['version', version],
    ['scheme', schemeNames[scheme]],
    ['channel', channel ?? ''],
    ...Object.entries(parts).map(([name, part]) => [name, partText(part)] as const),
    ...places.map(({ place, text }) => ['said', `${printable(text)} in ${printable(place)}`] as const),
  ]
  const there = rows.filter(([, text]) => text !== '')
  const width = Math.max(...there.map(([name]) => name.length))
  return there.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n')
}

function partText(part: unknown): string {
  if (typeof part === 'string') return part
  if (Array.isArray(part)) return part.join(' ')
  return typeof part === 'object' && part !== null ? Object.values(part).join(' ') : ''
}

/** The same for programs. See `docs/events.md`. */
export const versionAsJson = (shown: ShownVersion): Wire => {
  const { version, scheme, channel, parts, places } = shown
  return { v: 1, version, scheme, channel: channel ?? null, parts: toWire(parts), places: toWire(places) }
}
