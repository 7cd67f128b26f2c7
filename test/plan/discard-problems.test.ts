import { expect, test } from 'vitest'
import { discardProblem, rejectedRevision, unknownProblem } from '../../src/plan/discard-problems.ts'
import { aRevision, factsOf } from '../support/builders.ts'
import { problemsText } from '../support/plan-text.ts'

const web1 = factsOf('web1', {}, { revisions: [aRevision('1.3'), aRevision('1.4', { verdict: 'rejected' })] })
const web2 = factsOf('web2', {}, { revisions: [aRevision('1.3')] })

const discarded = (written: string) => ({ written, versions: 'pep440' }) as const

const unknown = (revision: string) => {
  const problem = unknownProblem([web1, web2], discarded(revision), 'production')
  return problem === undefined ? 'known' : problemsText([problem])
}

test('a revision that no host has is refused, and the rejected ones are named', () => {
  expect(unknown('shop-9')).toMatchInlineSnapshot(
    `"production ! unknown-revision: no host knows the revision shop-9 → the rejected revisions are: shop-1.4"`,
  )
})

test('a version alone is no revision, but it says which one was meant', () => {
  expect(unknown('1.4')).toMatchInlineSnapshot(
    `"production ! unknown-revision: no host knows the revision 1.4 → did you mean shop-1.4? the rejected revisions are: shop-1.4"`,
  )
})

test('a revision that one host has rejected is known, though the others never saw it', () => {
  expect(unknown('shop-1.4')).toBe('known')
  expect([web1, web2].map(facts => rejectedRevision(facts, discarded('shop-1.4')))).toStrictEqual([
    'shop-1.4',
    undefined,
  ])
})

test('a verified revision is refused by each host that has it', () => {
  expect(unknown('shop-1.3')).toBe('known')
  const problems = [web1, web2].flatMap(facts => discardProblem(facts, discarded('shop-1.3')) ?? [])
  expect(problemsText(problems)).toMatchInlineSnapshot(`
    "web1 ! refused: shop-1.3 is verified: only a rejected revision can be discarded
    web2 ! refused: shop-1.3 is verified: only a rejected revision can be discarded"
  `)
})

test('however it is spelt, it is the one that each host has rejected, by its name there', () => {
  const old = factsOf(
    'web2',
    {},
    { revisions: [aRevision('1.4.0', { name: 'Shop-1.4.0', verdict: 'rejected' })] },
  )
  for (const written of ['SHOP-1.4', 'shop-1.4.0.0', 'shop-v1.4'])
    expect([web1, old].map(facts => rejectedRevision(facts, discarded(written)))).toStrictEqual([
      'shop-1.4',
      'Shop-1.4.0',
    ])
})

test('a name that two revisions of a host may have is refused, and names both; each has its own', () => {
  const revisions = [
    aRevision('1.4', { verdict: 'rejected' }),
    aRevision('1.4.0', { name: 'Shop-1.4.0', verdict: 'rejected' }),
  ]
  const twice = factsOf('web1', {}, { revisions })
  expect(rejectedRevision(twice, discarded('SHOP-1.4'))).toBeUndefined()
  expect(
    problemsText([discardProblem(twice, discarded('SHOP-1.4'))].flatMap(one => one ?? [])),
  ).toMatchInlineSnapshot(
    `"web1 ! ambiguous: SHOP-1.4 may be Shop-1.4.0 or shop-1.4: both are one version of one project, spelt in two ways → write the name exactly as it stands here"`,
  )
  for (const name of ['shop-1.4', 'Shop-1.4.0']) expect(rejectedRevision(twice, discarded(name))).toBe(name)
})
