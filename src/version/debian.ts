import { StageError } from '../model/stage-error.ts'
import { compareNumerals, type Ordering } from './compare.ts'

/** A version of a Debian package, taken apart: `[epoch:]upstream[-revision]` (deb-version(7)). */
export interface Debian {
  readonly epoch: string
  readonly upstream: string
  /** Undefined: there is none, which orders like `0`. */
  readonly revision: string | undefined
}

/** Larger epochs are refused by dpkg, which keeps them in an int. */
export const MAX_DEBIAN_EPOCH = 2 ** 31 - 1

/** A colon is part of the upstream version only where an epoch stands before it, a hyphen where a revision follows. */
const VERSION =
  /^(?:(?<epoch>[0-9]{1,10}):)?(?<upstream>[0-9][A-Za-z0-9.+~:-]*?)(?:-(?<revision>[A-Za-z0-9.+~]+))?$/

/** Takes a version apart; `undefined` when dpkg would refuse it. */
export function parseDebian(text: string): Debian | undefined {
  const { epoch, upstream, revision } = VERSION.exec(text)?.groups ?? {}
  if (upstream === undefined || (revision === undefined && upstream.includes('-'))) return undefined
  if (epoch === undefined && upstream.includes(':')) return undefined
  if (Number(epoch ?? 0) > MAX_DEBIAN_EPOCH) return undefined
  return { epoch: (epoch ?? '0').replace(/^0+(?=[0-9])/, ''), upstream, revision }
}

/** @throws StageError `version` when the text is not a version of a Debian package */
export function parsedDebian(text: string): Debian {
  const version = parseDebian(text)
  if (version !== undefined) return version
  throw new StageError('version', `${JSON.stringify(text)} is not a Debian version`, {
    hint: 'use a version like 1.2.0, 1:1.2.0, 1.2.0~rc1 or 1.2.0-1',
  })
}

export function formatDebian({ epoch, upstream, revision }: Debian): string {
  return `${epoch === '0' ? '' : `${epoch}:`}${upstream}${revision === undefined ? '' : `-${revision}`}`
}

/**
 * Orders two versions as dpkg does. 0: equal, whatever the spelling (`1.0`, `0:1.0` and `1.0-0` are).
 *
 * @throws StageError `version` when one of them is not a version of a Debian package
 */
export function compareDebian(a: string, b: string): Ordering {
  const [left, right] = [parsedDebian(a), parsedDebian(b)]
  return (
    compareNumerals(left.epoch, right.epoch) ||
    compareDebianParts(left.upstream, right.upstream) ||
    compareDebianParts(left.revision ?? '', right.revision ?? '')
  )
}

/** Compares upstream versions or revisions: in turns what is no digit, then a number (deb-version(7), "Sorting"). */
export function compareDebianParts(a: string, b: string): Ordering {
  let [left, right] = [a, b]
  while (left !== '' || right !== '') {
    const [leftWord, rightWord] = [wordOf(left), wordOf(right)]
    const words = compareWords(leftWord, rightWord)
    if (words !== 0) return words
    left = left.slice(leftWord.length)
    right = right.slice(rightWord.length)
    const [leftNumber, rightNumber] = [numberOf(left), numberOf(right)]
    const numbers = compareNumerals(significant(leftNumber), significant(rightNumber))
    if (numbers !== 0) return numbers
    left = left.slice(leftNumber.length)
    right = right.slice(rightNumber.length)
  }
  return 0
}

const wordOf = (text: string): string => /^[^0-9]*/.exec(text)?.[0] ?? ''
const numberOf = (text: string): string => /^[0-9]*/.exec(text)?.[0] ?? ''
const significant = (digits: string): string => digits.replace(/^0+/, '')

function compareWords(a: string, b: string): Ordering {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [left, right] = [rankOf(a[index]), rankOf(b[index])]
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

/** A tilde sorts before the end, letters after it, everything else after all letters. */
function rankOf(character: string | undefined): number {
  if (character === undefined) return 0
  if (character === '~') return -1
  const code = character.charCodeAt(0)
  return /[A-Za-z]/.test(character) ? code : code + 256
}
