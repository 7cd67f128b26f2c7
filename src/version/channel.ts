import type { Channel } from '../model/version-policy.ts'
import { parsedVersion } from './compare.ts'
import { parsedSemVer } from './semver.ts'

const PRE_CHANNELS = { a: 'alpha', b: 'beta', rc: 'rc' } as const

/**
 * Reads the channel off a version. The least finished part decides: `1.0rc1.dev2+ci` is `local`, `1.0rc1.dev2` is
 * `dev`, `1.0rc1.post1` is `rc`. So no version can pass for more finished than any of its parts.
 *
 * @throws StageError `version` when the text is not a PEP 440 version
 */
export function channelOf(version: string): Channel {
  const { local, dev, pre, post } = parsedVersion(version)
  if (local.length > 0) return 'local'
  if (dev !== undefined) return 'dev'
  if (pre !== undefined) return PRE_CHANNELS[pre.kind]
  return post === undefined ? 'final' : 'post'
}

/**
 * The same for SemVer, which gives no word of a pre-release a meaning: what names itself `rc`, `beta` or `alpha` is that,
 * with its numbers; all else (`nightly`, `dev`, `-1`, `rc.1.dev`) is `dev`. Build metadata is `local`; nothing is `post`.
 *
 * @throws StageError `version` when the text is not a SemVer version
 */
export function channelOfSemVer(version: string): Channel {
  const { pre, build } = parsedSemVer(version)
  if (build.length > 0) return 'local'
  if (pre.length === 0) return 'final'
  const words = pre.filter(part => !/^[0-9]+$/.test(part)).map(part => part.replace(/[0-9]+$/, ''))
  const known = new Set(words.map(word => SEMVER_WORDS.get(word) ?? 'dev'))
  return (['dev', 'alpha', 'beta', 'rc'] as const).find(channel => known.has(channel)) ?? 'dev'
}

const SEMVER_WORDS: ReadonlyMap<string, Channel> = new Map([
  ['rc', 'rc'],
  ['beta', 'beta'],
  ['alpha', 'alpha'],
])
