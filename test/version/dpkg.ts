import { existsSync } from 'node:fs'
import { mustRun } from '../support/run-program.ts'

/** Debian's own comparison, where it is there. */
export const WITH_DPKG = existsSync('/usr/bin/dpkg')

type Pair = readonly [string, string]

/** Each with the one after it. An order that holds for all of these holds for the whole list. */
export const neighbours = (versions: readonly string[]): readonly Pair[] =>
  versions.slice(1).map((version, index) => [versions[index] ?? '', version])

/** The pairs of which dpkg says otherwise: one shell for all, as it takes a millisecond for each. */
export async function notSo(
  relation: 'lt' | 'le' | 'eq',
  pairs: readonly Pair[],
): Promise<readonly string[]> {
  const script = `while read -r a b; do dpkg --compare-versions "$a" ${relation} "$b" || echo "$a $b"; done`
  const found = await mustRun(['/bin/sh', '-c', script], {
    input: pairs.map(pair => `${pair.join(' ')}\n`).join(''),
  })
  return found.split('\n').filter(line => line !== '')
}
