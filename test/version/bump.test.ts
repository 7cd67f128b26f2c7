import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StageError } from '../../src/model/stage-error.ts'
import { bumpVersion, partsOf } from '../../src/version/bump.ts'
import { beginnings } from '../../src/version/bump-parts.ts'
import { compareIn, type Scheme, schemes } from '../../src/version/scheme.ts'
import { anyDebian } from './any-debian.ts'
import { anySemVer } from './any-semver.ts'
import { anyVersion } from './any-version.ts'

/** What a bump comes to, or why there is none. */
function bumped(scheme: Scheme, text: string, part: string, begin?: (typeof beginnings)[number]): string {
  try {
    return bumpVersion(text, scheme, part, begin === undefined ? {} : { begin })
  } catch (error) {
    if (!(error instanceof StageError)) throw error
    return `${error.message}${error.hint === undefined ? '' : ` → ${error.hint}`}`
  }
}

describe('of a PEP 440 version', () => {
  test.each([
    ['1.2.3', 'major', '2.0.0'],
    ['1.2.3', 'minor', '1.3.0'],
    ['1.2.3', 'patch', '1.2.4'],
    ['1.2.3', 'micro', '1.2.4'],
    ['1.2.3.4', 'minor', '1.3.0.0'],
    ['1.2.3.post1', 'patch', '1.2.4'],
    ['1.2.3+loc', 'patch', '1.2.4'],
    ['1!1.2.3', 'major', '1!2.0.0'],
    ['2024.1.9007199254740993', 'patch', '2024.1.9007199254740994'],
  ])('%s by %s is %s: what is less starts again, the rest is gone', (from, part, to) => {
    expect(bumped('pep440', from, part)).toBe(to)
  })

  test.each([
    ['1.2.3rc1', 'patch', '1.2.3'],
    ['1.2.3rc1', 'minor', '1.3.0'],
    ['1.3.0rc1', 'minor', '1.3.0'],
    ['2.0.0rc1', 'major', '2.0.0'],
    ['1.2.3.dev4', 'patch', '1.2.3'],
    ['1.2.3rc1', 'final', '1.2.3'],
    ['1.2.3rc1.post2.dev3+abc', 'final', '1.2.3'],
    ['1.2.3.post1.dev2', 'final', '1.2.3.post1'],
    ['1.2.3.post1.dev2', 'post', '1.2.3.post1'],
    ['1.2.3rc2.dev1', 'pre', '1.2.3rc2'],
  ])('%s by %s becomes what it leads to: %s', (from, part, to) => {
    expect(bumped('pep440', from, part)).toBe(to)
  })

  test.each([
    ['1.2.3', 'epoch', '1!1.2.3'],
    ['1!1.2.3', 'epoch', '2!1.2.3'],
    ['1.2.3', 'post', '1.2.3.post1'],
    ['1.2.3.post1', 'post', '1.2.3.post2'],
    ['1.2.3rc1', 'pre', '1.2.3rc2'],
    ['1.2.3a0', 'pre', '1.2.3a1'],
    ['1.2.3a4', 'alpha', '1.2.3a5'],
    ['1.2.3a4', 'beta', '1.2.3b1'],
    ['1.2.3.dev4', 'rc', '1.2.3rc1'],
    ['1.2.3.dev4', 'dev', '1.2.3.dev5'],
    ['1.2.3rc1.dev4', 'dev', '1.2.3rc1.dev5'],
  ])('%s by %s goes on: %s', (from, part, to) => {
    expect(bumped('pep440', from, part)).toBe(to)
  })

  test.each([
    ['1.2.3', 'minor', 'rc', '1.3.0rc1'],
    ['1.2.3', 'patch', 'dev', '1.2.4.dev1'],
    ['1.3.0rc1', 'minor', 'alpha', '1.4.0a1'],
  ] as const)('%s by %s beginning with %s is %s', (from, part, begin, to) => {
    expect(bumped('pep440', from, part, begin)).toBe(to)
  })

  test('what would be older is refused, with the way to what was meant', () => {
    const asked = [
      ...[
        ['1.2.3', 'pre'] as const,
        ['1.2.3', 'rc'] as const,
        ['1.2.3', 'dev'] as const,
        ['1.2.3rc1', 'dev'] as const,
      ],
      ...[['1.2.3rc1', 'post'] as const, ['1.2.3.post1', 'pre'] as const, ['1.2.3.dev4', 'pre'] as const],
      ...[['1.2.3rc1', 'beta'] as const, ['1.2.3', 'final'] as const, ['1.2.3+x', 'final'] as const],
    ]
    expect(
      asked.map(([from, part]) => `${part}: ${bumped('pep440', from, part)}`).join('\n'),
    ).toMatchInlineSnapshot(`
      "pre: 1.2.3: it has no alpha, beta or rc to go on with → name the release that it leads to: bump patch --begin rc, or minor, or major
      rc: 1.2.3: its rc would come before it → name the release that it leads to: bump patch --begin rc, or minor, or major
      dev: 1.2.3: a development version of it would come before it → name the release that it leads to: bump patch --begin dev, or minor, or major
      dev: 1.2.3rc1: a development version of it would come before it → name the release that it leads to: bump patch --begin dev, or minor, or major
      post: 1.2.3rc1: a post-release comes after the release, and this is before it → bump final first
      pre: 1.2.3.post1: it has no alpha, beta or rc to go on with → name the release that it leads to: bump patch --begin rc, or minor, or major
      pre: 1.2.3.dev4: it has no alpha, beta or rc to go on with → say which: bump alpha, beta or rc
      beta: 1.2.3rc1: by beta it would become 1.2.3b1, which is not greater in PEP 440 → bump major, minor or patch
      final: 1.2.3: it is final already → bump patch, minor or major
      final: 1.2.3+x: it is final already → bump patch, minor or major"
    `)
  })

  test('a number that it does not have is refused', () => {
    expect(bumped('pep440', '1.2', 'patch')).toMatchInlineSnapshot(
      `"1.2: it has no third number to bump as patch → write it with one: 1.2.0"`,
    )
  })
})

describe('of a SemVer version', () => {
  test.each([
    ['1.2.3', '2.0.0', '1.3.0', '1.2.4'],
    ['1.2.3-rc.1', '2.0.0', '1.3.0', '1.2.3'],
    ['1.0.0-rc.1', '1.0.0', '1.0.0', '1.0.0'],
    ['1.2.0-x', '2.0.0', '1.2.0', '1.2.0'],
    ['2.0.0-alpha', '2.0.0', '2.0.0', '2.0.0'],
    ['1.2.3+b', '2.0.0', '1.3.0', '1.2.4'],
  ])('%s is by major, minor and patch %s, %s and %s', (from, ...to) => {
    expect(['major', 'minor', 'patch'].map(part => bumped('semver', from, part))).toEqual(to)
  })

  test.each([
    ['1.2.3-rc.1', 'pre', '1.2.3-rc.2'],
    ['1.2.3-rc.1+b5', 'pre', '1.2.3-rc.2+b5'],
    ['1.2.3-rc1', 'pre', '1.2.3-rc2'],
    ['1.2.3-alpha.1.2', 'pre', '1.2.3-alpha.1.3'],
    ['1.2.3-alpha.4', 'beta', '1.2.3-beta.1'],
    ['1.2.3-0.dev.4', 'dev', '1.2.3-0.dev.5'],
    ['1.2.3-0.dev.4', 'alpha', '1.2.3-alpha.1'],
    ['1.2.3-rc.1+b5', 'final', '1.2.3'],
  ])('%s by %s is %s', (from, part, to) => {
    expect(bumped('semver', from, part)).toBe(to)
  })

  test('a development version begins with a number, which sorts before every word', () => {
    expect(bumped('semver', '1.2.3', 'patch', 'dev')).toBe('1.2.4-0.dev.1')
  })

  test('what would not be greater is refused', () => {
    const asked = [
      ...[['1.2.3', 'pre'] as const, ['1.2.3-rc9', 'pre'] as const, ['1.2.3-a1b2', 'pre'] as const],
      ...[['1.2.3-x', 'pre'] as const, ['1.2.3-rc.1', 'alpha'] as const, ['1.2.3-dev.4', 'alpha'] as const],
      ...[['1.2.3', 'post'] as const, ['1.2.3', 'epoch'] as const],
    ]
    expect(
      asked.map(([from, part]) => `${part}: ${bumped('semver', from, part)}`).join('\n'),
    ).toMatchInlineSnapshot(`
      "pre: 1.2.3: it has no pre-release to go on with → name the release that it leads to: bump patch --begin rc, or minor, or major
      pre: 1.2.3-rc9: by pre it would become 1.2.3-rc10, which is not greater in SemVer → bump major, minor or patch
      pre: 1.2.3-a1b2: which number of -a1b2 counts cannot be told → write one: rc.1
      pre: 1.2.3-x: its pre-release -x has no number to count → write one: rc.1
      alpha: 1.2.3-rc.1: by alpha it would become 1.2.3-alpha.1, which is not greater in SemVer → bump major, minor or patch
      alpha: 1.2.3-dev.4: by alpha it would become 1.2.3-alpha.1, which is not greater in SemVer → bump major, minor or patch
      post: 1.2.3: SemVer has no part 'post' → the parts are: major, minor, patch, alpha, beta, rc, pre, final, dev
      epoch: 1.2.3: SemVer has no part 'epoch' → the parts are: major, minor, patch, alpha, beta, rc, pre, final, dev"
    `)
  })
})

describe('of a Debian version', () => {
  test.each([
    ['1.0', '1.0-1', '1:1.0'],
    ['1.0-1', '1.0-2', '1:1.0-1'],
    ['1.0-9', '1.0-10', '1:1.0-9'],
    ['1.0-0ubuntu1', '1.0-1ubuntu1', '1:1.0-0ubuntu1'],
    ['1.0-1ubuntu9', '1.0-2ubuntu9', '1:1.0-1ubuntu9'],
    ['2:1.0-3', '2:1.0-4', '3:1.0-3'],
    ['1.0~rc1', '1.0~rc1-1', '1:1.0~rc1'],
    ['1.0-1~bpo1', '1.0-2~bpo1', '1:1.0-1~bpo1'],
    ['1.0-x', '1.0-x: its revision x has no number to count', '1:1.0-x'],
  ])('%s is by revision and epoch %s and %s', (from, ...to) => {
    expect(['revision', 'epoch'].map(part => bumped('debian', from, part))).toEqual(to)
  })
})

test('a pre-release is begun with a release only', () => {
  expect(bumped('pep440', '1.2.3', 'post', 'rc')).toMatchInlineSnapshot(
    `"1.2.3: only the next major, minor, patch can begin with a pre-release → bump rc alone goes on with the one that there is"`,
  )
})

test('what is no part of the scheme, and what is no version, is refused', () => {
  expect(bumped('debian', '1.0', 'minor')).toMatchInlineSnapshot(
    `"1.0: Debian has no part 'minor' → the parts are: epoch, revision"`,
  )
  expect(bumped('semver', '1.0', 'minor')).toMatchInlineSnapshot(
    `""1.0" is not a SemVer version → use a version like 1.2.0, 1.2.0-rc.1 or 1.2.0-0.dev.4, with numbers up to 9007199254740991"`,
  )
})

const anyOf = { pep440: anyVersion, semver: anySemVer, debian: anyDebian }

test.each(schemes)('by whatever part, a %s version becomes greater, or it is said why not', scheme => {
  const part = fc.constantFrom(...partsOf(scheme))
  const begin = fc.option(fc.constantFrom(...beginnings), { nil: undefined })
  fc.assert(
    fc.property(anyOf[scheme], part, begin, (version, name, beginning) => {
      const to = bumped(scheme, version, name, beginning)
      if (!to.includes(' ')) expect(compareIn(scheme, to, version)).toBe(1)
    }),
    { numRuns: 1_000 },
  )
})
