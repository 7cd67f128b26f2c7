import { describe, expect, test } from 'vitest'
import { compareProjectVersions, projectVersion } from '../../src/version/project-version.ts'

test.each([
  ['1.2rc1', '1.2.0-rc.1', 'rc'],
  ['1.2.3.dev4', '1.2.3-0.dev.4', 'dev'],
  ['1.2.3a1', '1.2.3-alpha.1', 'alpha'],
  ['1.2.3b1', '1.2.3-beta.1', 'beta'],
  ['1.2.3', '1.2.3', 'final'],
  ['1.2.3+build.5', '1.2.3+build.5', 'local'],
])('in a project with SemVer the sdist %s is %s, on the channel %s', (sdist, version, channel) => {
  expect(projectVersion('semver', sdist)).toEqual({ kind: 'read', version, channel })
})

test('a post-release is foreign to a project with SemVer', () => {
  expect(projectVersion('semver', '1.2.3.post1')).toEqual({
    kind: 'foreign',
    reasons: ['SemVer has no post-release (.post1)'],
  })
})

describe('two sdists', () => {
  test('that are builds of one version are equal to SemVer, and not to PEP 440', () => {
    expect(compareProjectVersions('semver', '1.2.3+b', '1.2.3+a')).toBe(0)
    expect(compareProjectVersions('pep440', '1.2.3+b', '1.2.3+a')).toBe(1)
  })

  test('of which one is foreign to the scheme are ordered by PEP 440', () => {
    expect(compareProjectVersions('semver', '1.2.3.post1', '1.2.3')).toBe(1)
  })
})
