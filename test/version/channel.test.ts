import { expect, test } from 'vitest'
import { channelOf } from '../../src/version/channel.ts'

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
