import { parsedVersion } from './compare.ts'

/** How finished a version is, for the `accepts` of a stage. Ordered from the most finished to the least. */
export type Channel = 'final' | 'post' | 'rc' | 'beta' | 'alpha' | 'dev' | 'local'

export const CHANNELS: readonly Channel[] = ['final', 'post', 'rc', 'beta', 'alpha', 'dev', 'local']

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
