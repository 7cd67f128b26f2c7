/**
 * A protection of the product taken out: one text of its sources replaced by another. The lab has to notice.
 * Sources change; a mutant whose text is not there exactly once is an error, so that the list follows them.
 */
export interface Mutant {
  /** What is taken out, in a sentence. */
  readonly protection: string
  /** Below the repository. */
  readonly file: string
  readonly old: string
  readonly instead: string
  /** The tests that must fail. The title, with those of the blocks around it, tells the rows. */
  readonly seenBy: { readonly file: string; readonly title: RegExp }
  /** What the failure says where it is no assertion and no time limit. */
  readonly says?: RegExp
}

/** The rows that a mutant is for: those that its title pattern begins with. */
export function rowsOf({ seenBy }: Mutant): readonly string[] {
  const [first = ''] = seenBy.title.source.replace(/^\^/, '').match(/^(?:F\d+ ?)+/) ?? []
  return first.split(' ').filter(row => row !== '')
}

/** The source with the protection taken out. @throws when the text is not there exactly once */
export function mutated(source: string, { file, old, instead }: Mutant): string {
  const times = source.split(old).length - 1
  if (times !== 1) throw new Error(`${file}: ${JSON.stringify(old)} is there ${times} times, not once`)
  return source.replace(old, () => instead)
}
