import { type Conversion, converted, refusedFor } from './conversion.ts'
import { formatVersion, type Pep440 } from './pep440.ts'
import { formatSemVer, parseSemVer, type SemVer } from './semver.ts'

const WORDS = { a: 'alpha', b: 'beta', rc: 'rc' } as const
const KINDS: ReadonlyMap<string, 'a' | 'b' | 'rc'> = new Map([
  ['alpha', 'a'],
  ['beta', 'b'],
  ['rc', 'rc'],
])

/**
 * A PEP 440 version as SemVer: `1.2rc1` is `1.2.0-rc.1`. A development version becomes `-0.dev.4`: SemVer has numbers
 * before words, and so it stays before `-alpha.0` as PEP 440 has it, which `-dev.4` would not.
 */
export function pep440ToSemVer(version: Pep440): Conversion {
  const lost = lostInSemVer(version)
  const labels =
    version.local.length === 0 ? [] : ['SemVer does not order build metadata: +a and +b would be equal']
  if (lost.length + labels.length > 0) return refusedFor([...lost, ...labels])
  return checked(semVerOf(version), version)
}

/**
 * The SemVer version that an sdist's PEP 440 version stands for. As {@link pep440ToSemVer}, but a local label is build
 * metadata again: that two builds are equal then is what SemVer says of them.
 */
export function pep440AsSemVer(version: Pep440): Conversion {
  const lost = lostInSemVer(version)
  return lost.length > 0 ? refusedFor(lost) : checked(semVerOf(version), version)
}

/** Too large a number, or too long a text, is no SemVer version to the library that orders them. */
function checked(text: string, version: Pep440): Conversion {
  if (parseSemVer(text) !== undefined) return converted(text)
  return refusedFor([`a number of ${formatVersion(version)} is larger than SemVer is compared with here`])
}

function semVerOf({ release, pre, dev, local }: Pep440): string {
  const [major = '0', minor = '0', patch = '0'] = release
  const kind = pre === undefined ? [] : [WORDS[pre.kind], pre.number]
  const development = dev === undefined ? [] : ['0', 'dev', dev]
  return formatSemVer({ major, minor, patch, pre: [...kind, ...development], build: local })
}

function lostInSemVer({ epoch, release, pre, post, dev }: Pep440): readonly string[] {
  const numbers = release.findLastIndex(number => number !== '0') + 1
  return [
    ...(epoch === '0' ? [] : [`SemVer has no epoch (${epoch}!)`]),
    ...(numbers <= 3 ? [] : [`SemVer has three numbers, this has ${numbers}`]),
    ...(post === undefined ? [] : [`SemVer has no post-release (.post${post})`]),
    ...(pre === undefined || dev === undefined
      ? []
      : [`SemVer has no place before ${WORDS[pre.kind]}.${pre.number} for its development (.dev${dev})`]),
  ]
}

/** A SemVer version as PEP 440: `1.2.0-rc.1` is `1.2.0rc1`. Refused is what Python would read in another order. */
export function semVerToPep440({ major, minor, patch, pre, build }: SemVer): Conversion {
  const stem = { epoch: '0', release: [major, minor, patch], post: undefined, local: build }
  const labels = build.filter(part => !/^(?:0|[1-9][0-9]*|(?=[0-9]*[a-z])[0-9a-z]+)$/.test(part))
  const lost = labels.map(part => `PEP 440 has build metadata in lower case only, without - (+${part})`)
  if (lost.length > 0) return refusedFor(lost)
  if (pre.length === 0) return converted(formatVersion({ ...stem, pre: undefined, dev: undefined }))
  const [first = '', second = '', third = ''] = pre
  const kind = KINDS.get(first)
  if (kind !== undefined && pre.length === 2 && isNumber(second))
    return converted(formatVersion({ ...stem, pre: { kind, number: second }, dev: undefined }))
  if (pre.length === 3 && first === '0' && second === 'dev' && isNumber(third))
    return converted(formatVersion({ ...stem, pre: undefined, dev: third }))
  return unlike(`${major}.${minor}.${patch}`, pre)
}

/** Pre-releases that PEP 440 knows under a similar name, and in another place. */
function unlike(release: string, pre: readonly string[]): Conversion {
  const text = `-${pre.join('.')}`
  const instead = (better: string) => `write ${release}-${better}`
  const [first = '', second = ''] = pre
  if (pre.length === 1 && KINDS.has(first))
    return refusedFor([`PEP 440 has no ${text} before ${text}.0`], instead(`${first}.0`))
  const [, word = '', number = ''] = /^(alpha|beta|rc|dev)([0-9]+)$/.exec(first) ?? []
  if (pre.length === 1 && word !== '') {
    const reason = `SemVer orders ${first} by its letters (${word}10 before ${word}9), PEP 440 by its number`
    return refusedFor([reason], instead(word === 'dev' ? `0.dev.${number}` : `${word}.${number}`))
  }
  if (first === 'dev') {
    const reason = `SemVer has ${text} after -alpha and -beta, PEP 440 has .dev before them`
    return refusedFor([reason], instead(`0.dev.${isNumber(second) ? second : '0'}`))
  }
  if (pre.every(isNumber)) return refusedFor([`PEP 440 has no pre-release without a name (${text})`])
  return refusedFor([`PEP 440 has no pre-release ${text}`])
}

const isNumber = (part: string): boolean => /^[0-9]+$/.test(part)
