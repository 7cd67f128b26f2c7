import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsedVersion } from '../../src/version/compare.ts'
import { compareIn, convertVersion, type Scheme } from '../../src/version/scheme.ts'
import { anyDebian } from './any-debian.ts'
import { anySemVer } from './any-semver.ts'
import { anyVersion } from './any-version.ts'
import { neighbours, notSo, WITH_DPKG } from './dpkg.ts'

const to = (scheme: Scheme, from: Scheme) => (text: string) => {
  const found = convertVersion(text, from, scheme)
  return found.kind === 'converted'
    ? found.version
    : found.lost.join('; ') + (found.hint ? ` → ${found.hint}` : '')
}

/** What each of these becomes, a line for each. */
const table = (texts: readonly string[], convert: (text: string) => string) =>
  texts.map(text => `${text}: ${convert(text)}`).join('\n')

describe('PEP 440 to Debian', () => {
  test.each([
    ['1.2.3', '1.2.3'],
    ['1.2.3.a1', '1.2.3~a1'],
    ['1.2.3-a2', '1.2.3~a2'],
    ['1.2.3-rc1', '1.2.3~rc1'],
    ['1.2.3-1', '1.2.3+post1'],
    ['1.2.3-post2', '1.2.3+post2'],
    ['1.2.3-rev3', '1.2.3+post3'],
    ['1.0.dev3', '1~~dev3'],
    ['1.0a1.dev2', '1~a1~dev2'],
    ['1.0rc1.post2.dev3', '1~rc1+post2~dev3'],
    ['1.0+local.5', '1+l.local.5'],
    ['1.0.post1', '1+post1'],
    ['1.0.post1.dev2', '1+post1~dev2'],
    ['1.0-alpha', '1~a0'],
    ['2024.01.15', '2024.1.15'],
    ['1.2.3b2+g1234abc', '1.2.3~b2+l.g1234abc'],
    ['0!1.0', '1'],
    ['0.7.10.dev0', '0.7.10~~dev0'],
    ['2!1.0', '2:1'],
    ['2!1.0rc1', '2:1~rc1'],
    ['0.0', '0'],
  ])('%s is %s', (text, expected) => {
    expect(to('debian', 'pep440')(text)).toBe(expected)
  })

  test.each(['1.0', '1.0rc1', '2!1.0', '1.0.post1.dev2', '1.0+local.5'])(
    '%s comes back as an equal',
    text => {
      const there = to('debian', 'pep440')(text)
      expect(compareIn('pep440', to('pep440', 'debian')(there), text)).toBe(0)
    },
  )

  test('a local label that begins with a number, or has two words, is refused', () => {
    expect(to('debian', 'pep440')('1.0+1')).toMatchInlineSnapshot(
      `"Debian does not order local labels as PEP 440 does, but for a word and numbers (+1)"`,
    )
    expect(convertVersion('1.0+abc.def', 'pep440', 'debian').kind).toBe('refused')
  })

  test('of a local label it is said that other words are not ordered', () => {
    expect(convertVersion('1.0+abc.5', 'pep440', 'debian')).toMatchInlineSnapshot(`
      {
        "kind": "converted",
        "note": "of other local labels of this version only those of the word abc keep their order",
        "version": "1+l.abc.5",
      }
    `)
  })

  test('an epoch that dpkg cannot hold is refused', () => {
    expect(to('debian', 'pep440')('2147483648!1.0')).toMatchInlineSnapshot(
      `"Debian has no epoch larger than 2147483647"`,
    )
  })
})

describe('SemVer to Debian', () => {
  test.each([
    ['1.2.3-1', '1.2.3~1'],
    ['1.2.3-1.1', '1.2.3~1.1'],
    ['1.2.3', '1.2.3'],
    ['1.2.3-alpha.1', '1.2.3~alpha.1'],
    ['1.2.3-rc.1+build.5', '1.2.3~rc.1+build.5'],
    ['1.2.3+build.5', '1.2.3+build.5'],
    ['0.0.0', '0.0.0'],
    ['1.2.3-0.dev.4', '1.2.3~0.dev.4'],
  ])('%s is %s', (text, expected) => {
    expect(to('debian', 'semver')(text)).toBe(expected)
  })

  test.each(['1.2.3-alpha-beta', '1.2.3+b-1'])('%s is refused: a hyphen would begin the revision', text => {
    expect(to('debian', 'semver')(text)).toMatch(/^Debian ends the upstream version at a hyphen/)
  })

  test.each(['1.2.3-rc1', '1.2.3-alphabet', '1.2.3-RC.1'])('%s is refused: dpkg has it elsewhere', text => {
    expect(to('debian', 'semver')(text)).toMatch(/^Debian does not order -/)
  })
})

describe('PEP 440 and SemVer', () => {
  test.each([
    ['1.2.3a1', '1.2.3-alpha.1'],
    ['1.2.3b2', '1.2.3-beta.2'],
    ['1.2.3rc1', '1.2.3-rc.1'],
    ['1.2.3.dev4', '1.2.3-0.dev.4'],
    ['1.2.3', '1.2.3'],
  ])('%s is %s, and back', (pep440, semver) => {
    expect([to('semver', 'pep440')(pep440), to('pep440', 'semver')(semver)]).toEqual([semver, pep440])
  })

  test.each([
    ['1', '1.0.0'],
    ['1.2', '1.2.0'],
    ['1.2.3.0', '1.2.3'],
  ])('%s has three numbers as SemVer: %s', (text, expected) => {
    expect(to('semver', 'pep440')(text)).toBe(expected)
  })

  test('build metadata becomes a local label', () => {
    expect(to('pep440', 'semver')('1.2.3+b.5')).toBe('1.2.3+b.5')
  })

  test('what SemVer has no place for is refused, with all of it', () => {
    const texts = ['1!1.0', '1.2.3.4', '1.0.post1', '1.0rc1.dev2', '1.0+abc', '1!1.2.3.4.post1']
    expect(table([...texts, '1.0.dev9007199254740993'], to('semver', 'pep440'))).toMatchInlineSnapshot(`
      "1!1.0: SemVer has no epoch (1!)
      1.2.3.4: SemVer has three numbers, this has 4
      1.0.post1: SemVer has no post-release (.post1)
      1.0rc1.dev2: SemVer has no place before rc.1 for its development (.dev2)
      1.0+abc: SemVer does not order build metadata: +a and +b would be equal
      1!1.2.3.4.post1: SemVer has no epoch (1!); SemVer has three numbers, this has 4; SemVer has no post-release (.post1)
      1.0.dev9007199254740993: a number of 1.0.dev9007199254740993 is larger than SemVer is compared with here"
    `)
  })

  test('what Python would read in another order is refused, with what to write instead', () => {
    const usual = ['1.2.3-1', '1.2.3-alpha', '1.2.3-rc1', '1.2.3-dev.4', '1.2.3-dev4', '1.2.3-dev']
    const rare = ['1.2.3-nightly.1', '1.2.3-rc.1.2', '1.2.3-RC.1', '1.2.3+B', '1.2.3+a-b', '1.2.3+01']
    expect(table([...usual, ...rare], to('pep440', 'semver'))).toMatchInlineSnapshot(`
      "1.2.3-1: PEP 440 has no pre-release without a name (-1)
      1.2.3-alpha: PEP 440 has no -alpha before -alpha.0 → write 1.2.3-alpha.0
      1.2.3-rc1: SemVer orders rc1 by its letters (rc10 before rc9), PEP 440 by its number → write 1.2.3-rc.1
      1.2.3-dev.4: SemVer has -dev.4 after -alpha and -beta, PEP 440 has .dev before them → write 1.2.3-0.dev.4
      1.2.3-dev4: SemVer orders dev4 by its letters (dev10 before dev9), PEP 440 by its number → write 1.2.3-0.dev.4
      1.2.3-dev: SemVer has -dev after -alpha and -beta, PEP 440 has .dev before them → write 1.2.3-0.dev.0
      1.2.3-nightly.1: PEP 440 has no pre-release -nightly.1
      1.2.3-rc.1.2: PEP 440 has no pre-release -rc.1.2
      1.2.3-RC.1: PEP 440 has no pre-release -RC.1
      1.2.3+B: PEP 440 has build metadata in lower case only, without - (+B)
      1.2.3+a-b: PEP 440 has build metadata in lower case only, without - (+a-b)
      1.2.3+01: PEP 440 has build metadata in lower case only, without - (+01)"
    `)
  })
})

describe('a Debian version', () => {
  test('that no PEP 440 version becomes is refused', () => {
    const texts = ['1.0', '1.0-1', '1~dev3', '1.2.3~foo', '1+l.1', '1.']
    expect(table(texts, to('pep440', 'debian'))).toMatchInlineSnapshot(`
      "1.0: PEP 440 has 1.0 and 1 for equal, Debian has not → write 1
      1.0-1: PEP 440 has no revision (-1)
      1~dev3: PEP 440 has 1~dev3 and 1~~dev3 for equal, Debian has not → write 1~~dev3
      1.2.3~foo: no PEP 440 version sorts where 1.2.3~foo does
      1+l.1: no PEP 440 version sorts where 1+l.1 does
      1.: no PEP 440 version sorts where 1. does"
    `)
  })

  test('that no SemVer version becomes is refused', () => {
    const texts = ['1.2', '1:1.2.3-4', '1.2.3+build', '1.2.3~rc1', '01.2.3']
    expect(table(texts, to('semver', 'debian'))).toMatchInlineSnapshot(`
      "1.2: no SemVer version sorts where 1.2 does
      1:1.2.3-4: SemVer has no epoch (1:); SemVer has no revision (-4)
      1.2.3+build: SemVer does not order build metadata: 1.2.3 and 1.2.3+build would be equal
      1.2.3~rc1: no SemVer version sorts where 1.2.3~rc1 does
      01.2.3: no SemVer version sorts where 01.2.3 does"
    `)
  })
})

test('in its own scheme a version is brought to its normal form', () => {
  expect(convertVersion('v1.0-RC.1', 'pep440', 'pep440')).toMatchObject({ version: '1.0rc1' })
})

/** Local labels of one word, whose order is promised. */
const oneWord = anyVersion.map(text => {
  const { local } = parsedVersion(text)
  const [stem = ''] = text.split('+')
  const numbers = local.filter(part => /^[0-9]+$/.test(part))
  return local.length === 0 ? text : `${stem}+${['abc', ...numbers].join('.')}`
})

/** What most projects have, and SemVer too. */
const usual = fc
  .tuple(
    fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }).map(numbers => numbers.join('.')),
    fc.oneof(
      fc.constant(''),
      fc.tuple(fc.constantFrom('a', 'b', 'rc', '.dev'), fc.nat(11)).map(parts => parts.join('')),
    ),
  )
  .map(parts => parts.join(''))

const sources: Readonly<Record<Scheme, fc.Arbitrary<string>>> = {
  pep440: fc.oneof(oneWord, usual),
  semver: anySemVer,
  // Most that are made up are no image of anything.
  debian: fc.oneof(
    anyDebian,
    oneWord.map(to('debian', 'pep440')).filter(text => !text.includes(' ')),
    anySemVer.map(to('debian', 'semver')).filter(text => !text.includes(' ')),
  ),
}

const pairs = (['pep440', 'semver', 'debian'] as const).flatMap(from =>
  (['pep440', 'semver', 'debian'] as const)
    .filter(other => other !== from)
    .map(other => [from, other] as const),
)

describe('what is converted keeps its order', () => {
  test.each(pairs)('from %s to %s', (from, other) => {
    fc.assert(
      fc.property(sources[from], sources[from], (a, b) => {
        const [left, right] = [a, b].map(text => convertVersion(text, from, other))
        fc.pre(left?.kind === 'converted' && right?.kind === 'converted')
        if (left?.kind !== 'converted' || right?.kind !== 'converted') return
        const order = compareIn(from, a, b)
        if (order !== 0) expect(compareIn(other, left.version, right.version)).toBe(order)
      }),
      { numRuns: 500 },
    )
  })

  test.each(pairs)('from %s to %s and back it is an equal', (from, other) => {
    fc.assert(
      fc.property(sources[from], text => {
        const there = convertVersion(text, from, other)
        fc.pre(there.kind === 'converted')
        if (there.kind !== 'converted') return
        const back = convertVersion(there.version, other, from)
        // Build metadata does not come back from where it has an order.
        if (back.kind === 'converted') expect(compareIn(from, back.version, text)).toBe(0)
        else expect(text).toMatch(/\+/)
      }),
      { numRuns: 300 },
    )
  })
})

describe.skipIf(!WITH_DPKG)('as dpkg sees them', { timeout: 60_000 }, () => {
  const many = (source: fc.Arbitrary<string>, check: (versions: readonly string[]) => Promise<void>) =>
    fc.assert(fc.asyncProperty(fc.array(source, { minLength: 150, maxLength: 250 }), check), {
      numRuns: 2,
      endOnFailure: true,
    })

  test('versions of packages are ordered as dpkg orders them', () =>
    many(anyDebian, async versions => {
      const ascending = versions.toSorted((a, b) => compareIn('debian', a, b))
      expect(await notSo('le', neighbours(ascending))).toEqual([])
    }))

  test.each(['pep440', 'semver'] as const)('what was converted from %s is ordered as it was', from =>
    many(sources[from], async versions => {
      const pairs = neighbours(
        versions
          .filter(text => convertVersion(text, from, 'debian').kind === 'converted')
          .toSorted((a, b) => compareIn(from, a, b)),
      )
      expect(pairs.length).toBeGreaterThan(20)
      const images = (some: typeof pairs) =>
        some.map(([a, b]) => [to('debian', from)(a), to('debian', from)(b)] as const)
      const [less, equal] = [-1, 0].map(order => pairs.filter(([a, b]) => compareIn(from, a, b) === order))
      expect(await notSo('lt', images(less ?? []))).toEqual([])
      // Two builds of one SemVer version are equal there, and may stand in any order here.
      if (from === 'pep440') expect(await notSo('eq', images(equal ?? []))).toEqual([])
    }),
  )
})
