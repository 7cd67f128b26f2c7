import { StageError } from '../model/stage-error.ts'
import { type Pep440, parseVersion } from './pep440.ts'

export type Ordering = -1 | 0 | 1

/**
 * Orders two versions as PEP 440 does, over all their parts: epoch, release, pre, post, dev, local.
 * 0 means equal, which is not the same spelling: `1.0` and `1.0.0` are equal.
 *
 * @throws StageError `version` when one of them is not a PEP 440 version
 */
export function compareVersions(a: string, b: string): Ordering {
  return compareParsed(parsedVersion(a), parsedVersion(b))
}

/** @throws StageError `version` when the text is not a PEP 440 version */
export function parsedVersion(text: string): Pep440 {
  const version = parseVersion(text)
  if (version !== undefined) return version
  throw new StageError('version', `${JSON.stringify(text)} is not a PEP 440 version`, {
    hint: 'use a version like 1.2.0, 1.2.0rc1, 1.2.0.post1 or 1.2.0.dev4',
  })
}

/** {@link compareVersions} for versions that are parsed already. */
export function compareParsed(a: Pep440, b: Pep440): Ordering {
  return firstDifference([
    () => compareNumerals(a.epoch, b.epoch),
    () => compareReleases(a.release, b.release),
    () => compareRanks(preRank(a), preRank(b)),
    // Without a post part comes before any, without a dev part comes after any.
    () =>
      compareRanks(
        [a.post === undefined ? 0 : 1, a.post ?? '0'],
        [b.post === undefined ? 0 : 1, b.post ?? '0'],
      ),
    () =>
      compareRanks([a.dev === undefined ? 1 : 0, a.dev ?? '0'], [b.dev === undefined ? 1 : 0, b.dev ?? '0']),
    () => compareLocals(a.local, b.local),
  ])
}

/** Compares decimal numbers of any length, written without leading zeros. */
export function compareNumerals(a: string, b: string): Ordering {
  return compareValues(a.length, b.length) || compareValues(a, b)
}

/** Missing release parts count as zero: `1.0` equals `1.0.0`. */
export function compareReleases(a: readonly string[], b: readonly string[]): Ordering {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const order = compareNumerals(a[index] ?? '0', b[index] ?? '0')
    if (order !== 0) return order
  }
  return 0
}

type Rank = readonly [rank: number, numeral: string]

/** `1.0.dev1` comes before `1.0a1`, and `1.0` after every pre-release; `1.0.post1.dev1` counts as no pre-release here. */
function preRank({ pre, post, dev }: Pep440): Rank {
  if (pre !== undefined) return [{ a: 1, b: 2, rc: 3 }[pre.kind], pre.number]
  return post === undefined && dev !== undefined ? [0, '0'] : [4, '0']
}

function compareRanks(a: Rank, b: Rank): Ordering {
  return compareValues(a[0], b[0]) || compareNumerals(a[1], b[1])
}

/** Words come before numbers, a shorter label before a longer one that begins with it. */
function compareLocals(a: readonly string[], b: readonly string[]): Ordering {
  for (const [index, part] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    const order = compareLocalParts(part, other)
    if (order !== 0) return order
  }
  return a.length < b.length ? -1 : 0
}

function compareLocalParts(a: string, b: string): Ordering {
  const [aIsNumber, bIsNumber] = [/^[0-9]+$/.test(a), /^[0-9]+$/.test(b)]
  if (aIsNumber !== bIsNumber) return aIsNumber ? 1 : -1
  return aIsNumber ? compareNumerals(a, b) : compareValues(a, b)
}

function compareValues<T extends string | number>(a: T, b: T): Ordering {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function firstDifference(comparisons: readonly (() => Ordering)[]): Ordering {
  for (const compare of comparisons) {
    const order = compare()
    if (order !== 0) return order
  }
  return 0
}
