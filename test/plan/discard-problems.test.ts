import { expect, test } from 'vitest'
import { hasRejected, unknownProblem, verifiedProblem } from '../../src/plan/discard-problems.ts'
import { aRevision, factsOf } from '../support/builders.ts'
import { problemsText } from '../support/plan-text.ts'

const web1 = factsOf('web1', {}, { revisions: [aRevision('1.3'), aRevision('1.4', { verdict: 'rejected' })] })
const web2 = factsOf('web2', {}, { revisions: [aRevision('1.3')] })

const unknown = (revision: string) => {
  const problem = unknownProblem([web1, web2], revision, 'production')
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
  expect([web1, web2].map(facts => hasRejected(facts, 'shop-1.4'))).toStrictEqual([true, false])
})

test('a verified revision is refused by each host that has it', () => {
  expect(unknown('shop-1.3')).toBe('known')
  const problems = [web1, web2].flatMap(facts => verifiedProblem(facts, 'shop-1.3') ?? [])
  expect(problemsText(problems)).toMatchInlineSnapshot(`
    "web1 ! refused: shop-1.3 is verified: only a rejected revision can be discarded
    web2 ! refused: shop-1.3 is verified: only a rejected revision can be discarded"
  `)
})
