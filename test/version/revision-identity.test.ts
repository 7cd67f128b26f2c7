import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { identityOf, revisionsMeant, sameRevision } from '../../src/version/revision-identity.ts'

const Groups = v.array(v.object({ identity: v.string(), spellings: v.array(v.string()) }))

/** The remote end reads the same table: test/remote/end/test_identity.py. */
const groups = v.parse(
  Groups,
  JSON.parse(readFileSync(new URL('revision-identities.json', import.meta.url), 'utf8')),
)

describe.each(groups)('$identity', ({ identity, spellings }) => {
  test('is all its spellings', () => {
    expect(spellings.map(identityOf)).toEqual(spellings.map(() => identity))
  })

  test('is no other revision', () => {
    const others = groups.filter(group => group.identity !== identity).flatMap(group => group.spellings)
    for (const one of spellings)
      for (const other of others) expect([one, other, sameRevision(one, other)]).toEqual([one, other, false])
  })
})

describe('a name that somebody writes', () => {
  const known = ['b_legacy-1.0.0', 'b_legacy-1.0.post1', 'b_legacy-1.2.0rc1', 'twin-1.1', 'Twin-1.1.0']
  const meant = (written: string, scheme: 'pep440' | 'semver' = 'pep440') =>
    revisionsMeant(written, known, scheme)

  test.each([
    ['b_legacy-1.0.0', ['b_legacy-1.0.0']],
    ['b-legacy-1.0.0', ['b_legacy-1.0.0']],
    ['B.Legacy-1', ['b_legacy-1.0.0']],
    ['B-Legacy-v1.0', ['b_legacy-1.0.0']],
    ['b-legacy-1.0-1', ['b_legacy-1.0.post1']],
    ['b-legacy-1.2.0-rc-1', ['b_legacy-1.2.0rc1']],
    ['twin-1.1', ['twin-1.1']],
    ['Twin-1.1.0', ['Twin-1.1.0']],
    ['TWIN-1.1', ['Twin-1.1.0', 'twin-1.1']],
    ['twin-1.10', []],
    ['twin', []],
    ['1.1', []],
    ['-1.1', []],
    ['', []],
  ])('%j is %j', (written, revisions) => {
    expect(meant(written)).toEqual(revisions)
  })

  test('is read by the scheme of its project: what is a post-release to PEP 440 is a pre-release to SemVer', () => {
    expect(meant('b-legacy-1.2.0-rc.1', 'semver')).toEqual(['b_legacy-1.2.0rc1'])
    expect(meant('b-legacy-1.0.0', 'semver')).toEqual(['b_legacy-1.0.0'])
    expect(meant('b-legacy-1.0.0-1', 'pep440')).toEqual(['b_legacy-1.0.post1'])
    expect(meant('b-legacy-1.0.0-1', 'semver')).toEqual([])
    expect(meant('b-legacy-1.0.post1', 'semver')).toEqual(['b_legacy-1.0.post1'])
  })
})
