/** What a bump comes to: the next version, or why there is none and what to ask for instead. */
export type Bumped =
  | { readonly kind: 'next'; readonly version: string }
  | { readonly kind: 'refused'; readonly reason: string; readonly hint: string | undefined }

/** A pre-release to begin the next release with, instead of the release itself. */
export const beginnings = ['alpha', 'beta', 'rc', 'dev'] as const
export type Beginning = (typeof beginnings)[number]

export const next = (version: string): Bumped => ({ kind: 'next', version })

export const noNext = (reason: string, hint?: string): Bumped => ({ kind: 'refused', reason, hint })

/** The number after this one, of any length. */
export const increased = (digits: string): string => String(BigInt(digits) + 1n)

/** The numbers of a release, and which of them each of its parts is. */
export const releaseParts = ['major', 'minor', 'patch'] as const

/**
 * The next release by one of its numbers, with all that follow it zero. A version that comes before its own release, and
 * has only zeros after the number, becomes that release: `2.0.0rc1` by major is `2.0.0`.
 *
 * @param isBefore the version is a pre-release of `release`
 * @returns undefined when the release has no such number
 */
export function nextRelease(
  release: readonly string[],
  part: (typeof releaseParts)[number],
  isBefore: boolean,
): readonly string[] | undefined {
  const at = releaseParts.indexOf(part)
  const number = release[at]
  if (number === undefined) return undefined
  const isThere = isBefore && release.slice(at + 1).every(later => later === '0')
  if (isThere) return release
  return release.map((other, index) => (index < at ? other : index === at ? increased(number) : '0'))
}

/** What to do with a release when a pre-release of the next one was meant. */
export const beginHint = (word: Beginning): string =>
  `name the release that it leads to: bump patch --begin ${word}, or minor, or major`
