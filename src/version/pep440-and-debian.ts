import { type Conversion, converted, refusedFor } from './conversion.ts'
import { type Debian, formatDebian, MAX_DEBIAN_EPOCH } from './debian.ts'
import { type Pep440, parseVersion } from './pep440.ts'

/**
 * A PEP 440 version as Debian's, so that dpkg orders it alike. Trailing zeros go, because `1.0` and `1` are equal to
 * PEP 440 alone. `~~dev` sorts before `~a`; `+post` after `+l.` (a local label), and both before `.1`.
 */
export function pep440ToDebian({ epoch, release, pre, post, dev, local }: Pep440): Conversion {
  const lost = [
    ...(Number(epoch) <= MAX_DEBIAN_EPOCH ? [] : [`Debian has no epoch larger than ${MAX_DEBIAN_EPOCH}`]),
    ...(isOrderedLabel(local)
      ? []
      : [
          `Debian does not order local labels as PEP 440 does, but for a word and numbers (+${local.join('.')})`,
        ]),
  ]
  if (lost.length > 0) return refusedFor(lost)
  const numbers = release.slice(0, Math.max(1, release.findLastIndex(number => number !== '0') + 1))
  const isBareDev = dev !== undefined && pre === undefined && post === undefined
  const upstream = [
    numbers.join('.'),
    pre === undefined ? '' : `~${pre.kind}${pre.number}`,
    post === undefined ? '' : `+post${post}`,
    dev === undefined ? '' : `${isBareDev ? '~~' : '~'}dev${dev}`,
    local.length === 0 ? '' : `+l.${local.join('.')}`,
  ].join('')
  return converted(formatDebian({ epoch, upstream, revision: undefined }), noteOn(local))
}

/**
 * PEP 440 has words before numbers, Debian numbers before words: so only a word comes first, and only numbers follow.
 * Which of two *words* comes first is not kept (`g1234abc`, `g999abc`): words name a distributor or a commit, and are
 * no steps of one another.
 */
const isOrderedLabel = ([word, ...numbers]: readonly string[]): boolean =>
  word === undefined || (!isNumber(word) && numbers.every(isNumber))

function noteOn([word]: readonly string[]): string | undefined {
  if (word === undefined) return undefined
  return `of other local labels of this version only those of the word ${word} keep their order`
}

const isNumber = (part: string): boolean => /^[0-9]+$/.test(part)

const IMAGE =
  /^(?<release>[0-9.]+)(?<pre>~(?:a|b|rc)[0-9]+)?(?<post>\+post[0-9]+)?(?<dev>~{1,2}dev[0-9]+)?(?<local>\+l\.[a-z0-9.]+)?$/

/** A Debian version as PEP 440: only what {@link pep440ToDebian} makes, everything else has no place in that order. */
export function debianToPep440(version: Debian): Conversion {
  const text = formatDebian(version)
  if (version.revision !== undefined) return refusedFor([`PEP 440 has no revision (-${version.revision})`])
  const groups = IMAGE.exec(version.upstream)?.groups
  const found = groups === undefined ? undefined : parseVersion(pep440Text(version.epoch, groups))
  const back = found === undefined ? undefined : pep440ToDebian(found)
  if (groups === undefined || back?.kind !== 'converted')
    return refusedFor([`no PEP 440 version sorts where ${text} does`])
  if (back.version === text) return converted(pep440Text(version.epoch, groups), back.note)
  return refusedFor(
    [`PEP 440 has ${text} and ${back.version} for equal, Debian has not`],
    `write ${back.version}`,
  )
}

function pep440Text(epoch: string, groups: Readonly<Record<string, string | undefined>>): string {
  const { release = '', pre = '', post = '', dev = '', local = '' } = groups
  return [
    epoch === '0' ? '' : `${epoch}!`,
    release,
    pre.replace('~', ''),
    post.replace('+', '.'),
    dev.replace(/^~+/, '.'),
    local.replace('+l.', '+'),
  ].join('')
}
