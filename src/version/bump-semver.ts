import {
  type Beginning,
  type Bumped,
  beginHint,
  increased,
  next,
  nextRelease,
  noNext,
  type releaseParts,
} from './bump-parts.ts'
import { formatSemVer, parsedSemVer, type SemVer } from './semver.ts'

export const semVerParts = ['major', 'minor', 'patch', 'alpha', 'beta', 'rc', 'pre', 'final', 'dev'] as const

/** The next version by a part; the caller makes sure that it is greater. */
export function bumpSemVer(text: string, part: string, begin: Beginning | undefined): Bumped {
  const version = parsedSemVer(text)
  const known = semVerParts.find(name => name === part)
  switch (known) {
    case undefined:
      return noNext(`there is no part '${part}'`)
    case 'major':
    case 'minor':
    case 'patch':
      return bumpRelease(version, known, begin)
    case 'alpha':
    case 'beta':
    case 'rc':
    case 'dev':
      return bumpTo(version, known)
    case 'pre':
      return bumpPre(version)
    case 'final':
      if (version.pre.length === 0) return noNext('it is final already', 'bump patch, minor or major')
      return next(formatSemVer({ ...version, pre: [], build: [] }))
  }
}

/** How a pre-release begins. Development versions start with a number, so that they sort before all words. */
const beginningOf = (word: Beginning): readonly string[] => (word === 'dev' ? ['0', 'dev', '1'] : [word, '1'])

function bumpRelease(
  version: SemVer,
  part: (typeof releaseParts)[number],
  begin: Beginning | undefined,
): Bumped {
  const isBefore = version.pre.length > 0 && begin === undefined
  const [major = '0', minor = '0', patch = '0'] =
    nextRelease([version.major, version.minor, version.patch], part, isBefore) ?? []
  const pre = begin === undefined ? [] : beginningOf(begin)
  return next(formatSemVer({ major, minor, patch, pre, build: [] }))
}

/** Goes on with the word that it has, or starts another, which has to come later. */
function bumpTo(version: SemVer, word: Beginning): Bumped {
  if (version.pre.length === 0) return noNext(`its ${word} would come before it`, beginHint(word))
  const has = version.pre.find(part => !/^[0-9]+$/.test(part))?.replace(/[0-9]+$/, '')
  return has === word
    ? bumpPre(version)
    : next(formatSemVer({ ...version, pre: beginningOf(word), build: [] }))
}

/** Counts the last number of the pre-release: `rc.1`, `rc1`. Build metadata stays, as it stands beside it. */
function bumpPre(version: SemVer): Bumped {
  const { pre } = version
  if (pre.length === 0) return noNext('it has no pre-release to go on with', beginHint('rc'))
  const at = pre.findLastIndex(part => /[0-9]/.test(part))
  const [, word = '', number = ''] = /^([^0-9]*)([0-9]+)$/.exec(pre[at] ?? '') ?? []
  if (at === -1) return noNext(`its pre-release -${pre.join('.')} has no number to count`, 'write one: rc.1')
  if (number === '')
    return noNext(`which number of -${pre.join('.')} counts cannot be told`, 'write one: rc.1')
  const counted = pre.map((part, index) => (index === at ? word + increased(number) : part))
  return next(formatSemVer({ ...version, pre: counted }))
}
