import {
  type Beginning,
  type Bumped,
  beginHint,
  increased,
  next,
  nextRelease,
  noNext,
  releaseParts,
} from './bump-parts.ts'
import { parsedVersion } from './compare.ts'
import { formatVersion, type Pep440 } from './pep440.ts'

export const pep440Parts = [
  'epoch',
  'major',
  'minor',
  'patch',
  'alpha',
  'beta',
  'rc',
  'pre',
  'final',
  'post',
  'dev',
] as const
type Part = (typeof pep440Parts)[number]

type Pre = NonNullable<Pep440['pre']>

const KINDS = { alpha: 'a', beta: 'b', rc: 'rc' } as const
const WORDS = { a: 'alpha', b: 'beta', rc: 'rc' } as const

/** The next version by a part; the caller makes sure that it is greater. */
export function bumpPep440(text: string, part: string, begin: Beginning | undefined): Bumped {
  const known = pep440Parts.find(name => name === part)
  const version = parsedVersion(text)
  return known === undefined ? noNext(`there is no part '${part}'`) : bumpPart(version, known, begin)
}

function bumpPart(version: Pep440, part: Part, begin: Beginning | undefined): Bumped {
  const { epoch, post, dev } = version
  switch (part) {
    case 'epoch':
      return next(formatVersion({ ...version, epoch: increased(epoch), local: [] }))
    case 'major':
    case 'minor':
    case 'patch':
      return bumpRelease(version, part, begin)
    case 'alpha':
    case 'beta':
    case 'rc':
      return bumpTo(version, KINDS[part])
    case 'pre':
      return bumpPre(version)
    case 'final':
      return bumpFinal(version)
    case 'post':
      if (isBefore(version))
        return noNext('a post-release comes after the release, and this is before it', 'bump final first')
      return next(bare(version, { post: dev === undefined ? increased(post ?? '0') : (post ?? '0') }))
    case 'dev':
      if (dev !== undefined) return next(formatVersion({ ...version, dev: increased(dev), local: [] }))
      return noNext('a development version of it would come before it', beginHint('dev'))
  }
}

/** Does it come before the release that its numbers name? */
const isBefore = ({ pre, post, dev }: Pep440): boolean =>
  pre !== undefined || (dev !== undefined && post === undefined)

/** The release alone with what is given of the rest. */
const bare = ({ epoch, release }: Pep440, rest: Partial<Pep440>): string =>
  formatVersion({ epoch, release, pre: undefined, post: undefined, dev: undefined, local: [], ...rest })

function bumpRelease(
  version: Pep440,
  part: (typeof releaseParts)[number],
  begin: Beginning | undefined,
): Bumped {
  const release = nextRelease(version.release, part, isBefore(version) && begin === undefined)
  if (release === undefined) {
    const place = ['first', 'second', 'third'][releaseParts.indexOf(part)]
    const hint = `write it with one: ${[...version.release, '0', '0'].slice(0, releaseParts.indexOf(part) + 1).join('.')}`
    return noNext(`it has no ${place} number to bump as ${part}`, hint)
  }
  const to = { ...version, release }
  if (begin === undefined) return next(bare(to, {}))
  return next(bare(to, begin === 'dev' ? { dev: '1' } : { pre: { kind: KINDS[begin], number: '1' } }))
}

/** The next pre-release of one kind. A later kind starts at 1; a development version is finished. */
function bumpTo(version: Pep440, kind: Pre['kind']): Bumped {
  const { pre, post, dev } = version
  if (pre === undefined) {
    if (isBefore(version)) return next(bare(version, { pre: { kind, number: '1' } }))
    return noNext(`its ${WORDS[kind]} would come before it`, beginHint(WORDS[kind]))
  }
  if (pre.kind !== kind) return next(bare(version, { pre: { kind, number: '1' } }))
  const isFinished = dev === undefined || post !== undefined
  return next(bare(version, { pre: { kind, number: isFinished ? increased(pre.number) : pre.number } }))
}

function bumpPre(version: Pep440): Bumped {
  if (version.pre !== undefined) return bumpTo(version, version.pre.kind)
  const hint = isBefore(version) ? 'say which: bump alpha, beta or rc' : beginHint('rc')
  return noNext('it has no alpha, beta or rc to go on with', hint)
}

/** What it is a pre-release or a development version of. */
function bumpFinal(version: Pep440): Bumped {
  const { pre, post, dev } = version
  if (pre === undefined && dev === undefined)
    return noNext('it is final already', 'bump patch, minor or major')
  return next(bare(version, pre === undefined ? { post } : {}))
}
