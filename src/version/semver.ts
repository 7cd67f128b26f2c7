import compare from 'semver/functions/compare.js'
import parse from 'semver/functions/parse.js'
import { StageError } from '../model/stage-error.ts'
import type { Ordering } from './compare.ts'

/** A version by SemVer 2.0, taken apart. Numbers are text, as everywhere here. */
export interface SemVer {
  readonly major: string
  readonly minor: string
  readonly patch: string
  /** The identifiers of the pre-release; none: it is a release. */
  readonly pre: readonly string[]
  /** The identifiers of the build metadata, which count for nothing in the order. */
  readonly build: readonly string[]
}

/** Takes a version apart as SemVer 2.0 has it; the library alone would allow `v1.2.3`, and white space around it. */
export function parseSemVer(text: string): SemVer | undefined {
  if (!/^[0-9]\S*$/.test(text)) return undefined
  const found = parse(text)
  if (found === null || found.prerelease.some(isTooLarge)) return undefined
  return {
    major: String(found.major),
    minor: String(found.minor),
    patch: String(found.patch),
    pre: found.prerelease.map(String),
    build: found.build,
  }
}

/** The library compares numbers as doubles, and refuses larger ones in the release only. */
const isTooLarge = (part: string | number): boolean =>
  typeof part === 'string' && /^[0-9]+$/.test(part) && Number(part) > Number.MAX_SAFE_INTEGER

/** @throws StageError `version` when the text is not a SemVer version */
export function parsedSemVer(text: string): SemVer {
  const version = parseSemVer(text)
  if (version !== undefined) return version
  const bare = text.trim().replace(/^v/, '')
  const hint =
    bare !== text && parseSemVer(bare) !== undefined
      ? `without anything before it: ${bare}`
      : 'use a version like 1.2.0, 1.2.0-rc.1 or 1.2.0-0.dev.4, with numbers up to 9007199254740991'
  throw new StageError('version', `${JSON.stringify(text)} is not a SemVer version`, { hint })
}

export function formatSemVer({ major, minor, patch, pre, build }: SemVer): string {
  return [
    `${major}.${minor}.${patch}`,
    pre.length === 0 ? '' : `-${pre.join('.')}`,
    build.length === 0 ? '' : `+${build.join('.')}`,
  ].join('')
}

/**
 * Orders two versions as SemVer does. 0: of equal precedence, which two builds of one version are.
 *
 * @throws StageError `version` when one of them is not a SemVer version
 */
export function compareSemVer(a: string, b: string): Ordering {
  return compare(formatSemVer(parsedSemVer(a)), formatSemVer(parsedSemVer(b)))
}
