import { expect, test } from 'vitest'
import { channelOf, channelOfSemVer } from '../../src/version/channel.ts'

test.each([
  ['1.0', 'final'],
  ['1!2024.1', 'final'],
  ['1.0-1', 'post'],
  ['1.0rc1', 'rc'],
  ['1.0c1', 'rc'],
  ['1.0b2', 'beta'],
  ['1.0a3', 'alpha'],
  ['1.0.dev4', 'dev'],
  ['1.0rc1.post1', 'rc'],
  ['1.0rc1.dev4', 'dev'],
  ['1.0.post1.dev4', 'dev'],
  ['1.0+abc', 'local'],
  ['1.0rc1.dev4+abc', 'local'],
])('%s is on the channel %s', (version, channel) => {
  expect(channelOf(version)).toBe(channel)
})

test('what is not a version is on no channel', () => {
  expect(() => channelOf('nightly')).toThrowErrorMatchingInlineSnapshot(
    `[StageError: "nightly" is not a PEP 440 version]`,
  )
})

test.each([
  ['1.2.3', 'final'],
  ['1.2.3-rc.1', 'rc'],
  ['1.2.3-rc1', 'rc'],
  ['1.2.3-beta', 'beta'],
  ['1.2.3-alpha.1.2', 'alpha'],
  ['1.2.3-0.dev.4', 'dev'],
  ['1.2.3-rc.1.dev.4', 'dev'],
  ['1.2.3-alpha.rc', 'alpha'],
  ['1.2.3-nightly', 'dev'],
  ['1.2.3-1', 'dev'],
  ['1.2.3+build.5', 'local'],
  ['1.2.3-rc.1+build.5', 'local'],
])('as SemVer, %s is on the channel %s', (version, channel) => {
  expect(channelOfSemVer(version)).toBe(channel)
})
