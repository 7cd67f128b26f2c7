import { VERSION_PATTERN } from '@renovatebot/pep440/lib/version.js'

/**
 * A PEP 440 version, taken apart and in normal form. Numbers stay decimal text without leading zeros: a timestamp in
 * a `.dev` part can be larger than what a JavaScript number holds exactly.
 */
export interface Pep440 {
  readonly epoch: string
  readonly release: readonly string[]
  readonly pre: { readonly kind: 'a' | 'b' | 'rc'; readonly number: string } | undefined
  readonly post: string | undefined
  readonly dev: string | undefined
  /** The parts of the local label in lower case; empty without one. */
  readonly local: readonly string[]
}

/**
 * The grammar is the library's (PEP 440, appendix B). What it makes of the parts is not used, because it turns digits
 * into numbers: `1.0+1e5` would become `1.0+100000`, `1.0+ubuntu.1` is joined with a comma, and anything above 2^53
 * is rounded.
 */
const VERSION = new RegExp(`^${VERSION_PATTERN}$`, 'i')

/** What Python's `str.strip` takes for white space in ASCII; `\s` would also take a byte order mark. */
const SURROUNDING_SPACE = /^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g

const PRE_KINDS: ReadonlyMap<string, 'a' | 'b' | 'rc'> = new Map([
  ['a', 'a'],
  ['alpha', 'a'],
  ['b', 'b'],
  ['beta', 'b'],
  ['c', 'rc'],
  ['rc', 'rc'],
  ['pre', 'rc'],
  ['preview', 'rc'],
])

/** Takes a version apart; `undefined` when the text is not a PEP 440 version. Surrounding white space is allowed. */
export function parseVersion(text: string): Pep440 | undefined {
  const groups = VERSION.exec(text.replace(SURROUNDING_SPACE, ''))?.groups
  if (groups === undefined) return undefined
  const kind = PRE_KINDS.get((groups['pre_l'] ?? '').toLowerCase())
  return {
    epoch: numeral(groups['epoch']),
    release: (groups['release'] ?? '').split('.').map(numeral),
    pre: kind === undefined ? undefined : { kind, number: numeral(groups['pre_n']) },
    post: groups['post'] === undefined ? undefined : numeral(groups['post_n1'] ?? groups['post_n2']),
    dev: groups['dev'] === undefined ? undefined : numeral(groups['dev_n']),
    local: groups['local'] === undefined ? [] : groups['local'].toLowerCase().split(/[-_.]/).map(localPart),
  }
}

/** The one spelling of a version: what `str(Version(text))` of Python's packaging prints. */
export function formatVersion({ epoch, release, pre, post, dev, local }: Pep440): string {
  return [
    epoch === '0' ? '' : `${epoch}!`,
    release.join('.'),
    pre === undefined ? '' : `${pre.kind}${pre.number}`,
    post === undefined ? '' : `.post${post}`,
    dev === undefined ? '' : `.dev${dev}`,
    local.length === 0 ? '' : `+${local.join('.')}`,
  ].join('')
}

/**
 * Brings a version to the one spelling that names its revision: `v1.0-RC.1` is `1.0rc1`, `1.0-1` is `1.0.post1`.
 * Trailing zeros stay: `1.0` and `1.0.0` are equal, and two spellings.
 *
 * @returns undefined when the text is not a PEP 440 version
 */
export function normaliseVersion(text: string): string | undefined {
  const version = parseVersion(text)
  return version === undefined ? undefined : formatVersion(version)
}

/** Digits without leading zeros; a number left out counts as 0 (`1.0rc` is `1.0rc0`). */
function numeral(digits: string | undefined): string {
  return digits === undefined ? '0' : digits.replace(/^0+(?=[0-9])/, '')
}

function localPart(part: string): string {
  return /^[0-9]+$/.test(part) ? numeral(part) : part
}
