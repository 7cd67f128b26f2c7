import { describe, expect, test } from 'vitest'
import { StageError } from '../../src/model/stage-error.ts'
import type { VersionScheme } from '../../src/model/version-policy.ts'
import { disagreement, fromDescribe, type SaidText, understood } from '../../src/version/said-version.ts'

const said = (text: string, after?: SaidText['after']): SaidText => ({
  text,
  place: 'src/shop/__init__.py:3',
  after,
})

/** What is wrong between a source and an sdist, or with the source, as one line; undefined: they agree. */
function wrong(source: SaidText, version: string, scheme: VersionScheme = 'pep440') {
  try {
    const problem = disagreement(understood(source, scheme), { version, path: `dist/shop-${version}.tar.gz` })
    return problem && `${problem.code}: ${problem.message} → ${problem.hint}`
  } catch (error) {
    if (error instanceof StageError) return `${error.code}: ${error.message} → ${error.hint}`
    throw error
  }
}

describe('a source and an sdist', () => {
  test.each([
    ['1.4.0', '1.4'],
    ['v1.4.0-RC.1', '1.4.0rc1'],
  ])('agree when they are equal to PEP 440: %s and %s', (text, version) => {
    expect(wrong(said(text), version)).toBeUndefined()
  })

  test('that disagree are both named with their places', () => {
    expect(wrong(said('1.4.1'), '1.4.0')).toMatchInlineSnapshot(
      `"version-disagrees: the version is 1.4.1 in src/shop/__init__.py:3, and 1.4.0 in dist/shop-1.4.0.tar.gz (PKG-INFO) → build the sdist again, or check out what it was built from"`,
    )
  })

  test('agree when the SemVer version becomes that of the sdist', () => {
    expect(wrong(said('1.4.0-rc.1'), '1.4.0rc1', 'semver')).toBeUndefined()
  })

  test('are not compared when no sdist can say what the source says', () => {
    expect(wrong(said('1.4.0-rc1'), '1.4.0rc1', 'semver')).toMatchInlineSnapshot(
      `"config: src/shop/__init__.py:3 says 1.4.0-rc1, which no sdist can say: SemVer orders rc1 by its letters (rc10 before rc9), PEP 440 by its number → write 1.4.0-rc.1"`,
    )
  })

  test('are not compared when the source says no version of the scheme', () => {
    expect(wrong(said('1.4'), '1.4', 'semver')).toMatchInlineSnapshot(
      `"config: src/shop/__init__.py:3 says "1.4", which is not a SemVer version → see \`versions\` and \`version\` in the configuration"`,
    )
    expect(wrong(said(''), '1.4')).toMatchInlineSnapshot(
      `"config: src/shop/__init__.py:3 says "", which is not a PEP 440 version → see \`versions\` and \`version\` in the configuration"`,
    )
  })
})

describe('a tag', () => {
  const hash = '1234abcd5678ef901234abcd5678ef901234abcd'
  const tagged = (commits: number, tag = 'v1.4.0') => {
    const found = fromDescribe(`${tag}-${commits}-g${hash}`, 'v')
    if (found === undefined) throw new Error('not described')
    return found
  }

  test('on the commit itself says the version', () => {
    expect(tagged(0)).toEqual({ text: '1.4.0', place: 'the tag v1.4.0', after: undefined })
    expect(wrong(tagged(0), '1.4.0')).toBeUndefined()
  })

  test('may have hyphens of its own', () => {
    expect(tagged(2, 'v1.4.0-rc.1')).toMatchObject({ text: '1.4.0-rc.1', after: { commits: 2, hash } })
  })

  test.each(['1.4.1.dev3', '1.4.1.dev3+g1234abc', '1.4.0+3.g1234abcd'])(
    'on an earlier commit is followed by a development version: %s',
    version => {
      expect(wrong(tagged(3), version)).toBeUndefined()
    },
  )

  test('on an earlier commit is followed neither by itself nor by a release that has no tag', () => {
    expect(wrong(tagged(3), '1.4.0')).toMatchInlineSnapshot(
      `"version-disagrees: the version is 1.4.0 in dist/shop-1.4.0.tar.gz (PKG-INFO), and the tag v1.4.0 is 3 commits before 1234abcd5678: it has to be a development version after 1.4.0 → tag the commit, or build an sdist of it"`,
    )
    expect(wrong(tagged(1), '1.5.0')).toMatchInlineSnapshot(
      `"version-disagrees: the version is 1.5.0 in dist/shop-1.5.0.tar.gz (PKG-INFO), and the tag v1.4.0 is 1 commit before 1234abcd5678: it has to be a development version after 1.4.0 → tag the commit, or build an sdist of it"`,
    )
    expect(wrong(tagged(3), '1.4.0.dev9')).toMatch(/^version-disagrees/)
  })

  test('is followed by an sdist of the commit that is checked out, where the version names one', () => {
    expect(wrong(tagged(3), '1.4.1.dev2+g9999999')).toMatchInlineSnapshot(
      `"version-disagrees: the version is 1.4.1.dev2+g9999999 in dist/shop-1.4.1.dev2+g9999999.tar.gz (PKG-INFO), built from 9999999, and 1234abcd5678 is checked out → build the sdist again, or check out what it was built from"`,
    )
  })

  test.each(['', 'abc', 'release-1.4.0-0-gabc'])('is not found in %j', line => {
    expect(fromDescribe(line, 'v')).toBeUndefined()
  })
})
