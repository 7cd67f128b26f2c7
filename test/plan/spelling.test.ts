import { describe, expect, test } from 'vitest'
import type { RevisionFacts } from '../../src/model/facts.ts'
import { basisOf } from '../../src/plan/basis.ts'
import { chooseRollback } from '../../src/plan/choose-rollback.ts'
import { preflight } from '../../src/plan/preflight.ts'
import { asItStands } from '../../src/plan/spelling.ts'
import {
  aRevision,
  aTarget,
  digestOf,
  factsOf,
  seen,
  toDeploy,
  toRollBack,
  wanted,
} from '../support/builders.ts'
import { problemsText } from '../support/plan-text.ts'

const shipped = wanted('1.4')
const others = ['shop-1.4.0', 'Shop-1.4', 'SHOP-1.4.0.0'] as const
const spelt = (name: string, changes: Partial<RevisionFacts> = {}) => aRevision('1.4', { name, ...changes })
const web1 = (...revisions: readonly RevisionFacts[]) => factsOf('web1', {}, { revisions })
const web2 = (...revisions: readonly RevisionFacts[]) => factsOf('web2', {}, { revisions })
const refusals = (...revisions: readonly RevisionFacts[]) =>
  problemsText(preflight(web1(...revisions), aTarget(), toDeploy('1.4')))

describe.each(others)('a host that has shop-1.4 as %s', name => {
  test('made from other bytes, refuses it', () => {
    expect(refusals(spelt(name, { sha256: digestOf('other') }))).toMatch(
      new RegExp(`^web1 ! conflict: shop-1.4 is there as ${name} with other bytes \\(sha256 `),
    )
  })

  test('which it rejected, refuses it, and says how that one is forgotten', () => {
    const rejected = spelt(name, { sha256: digestOf('other'), verdict: 'rejected', why: 'its tests failed' })
    expect(refusals(rejected)).toBe(
      `web1 ! rejected: shop-1.4 was rejected here as ${name}, made from other bytes: its tests failed \u2192 ship a new version, or forget this one: \`deploy discard ${name} production\``,
    )
  })

  test('makes a plan stale that was made before it had it', () => {
    const before = basisOf(web1(), 'production', 'shop-1.4')
    expect(basisOf(web1(spelt(name)), 'production', 'shop-1.4')).not.toEqual(before)
  })

  test('made from the same bytes, gives it the name under which it stands', () => {
    const hosts = seen(web1(), web2(spelt(name)))
    expect(asItStands(shipped, aTarget().hosts, hosts)).toEqual({ ...shipped, name })
  })

  test('made from the same bytes, refuses to make it once more where another host has it by its own name', () => {
    const hosts = seen(web1(spelt(name)), web2(spelt('shop-1.4')))
    expect(asItStands(shipped, aTarget().hosts, hosts).name).toBe('shop-1.4')
    expect(refusals(spelt(name))).toMatch(/^web1 ! conflict: shop-1.4 is there as .*made a second time/)
  })

  test('is rolled back to it by any spelling', () => {
    const hosts = seen(web1(spelt(name)), web2(spelt(name)))
    for (const to of [name, 'shop-1.4', 'Shop-01.4', 'sHoP-v1.4.0'])
      expect(chooseRollback(aTarget(), hosts, to)).toMatchObject({ kind: 'chosen', value: { name } })
  })

  test('beside shop-1.4, from an earlier version, goes on with each by its own name', () => {
    const both = [spelt('shop-1.4'), spelt(name, { sha256: digestOf('other') })]
    expect(refusals(...both)).toBe('')
    const hosts = seen(web1(...both), web2(...both))
    for (const to of ['shop-1.4', name]) {
      const choice = chooseRollback(aTarget(), hosts, to)
      expect(choice).toMatchObject({ kind: 'chosen', value: { name: to } })
      const request = toRollBack('1.4')
      const value = choice.kind === 'chosen' ? choice.value : request.wanted
      expect(problemsText(preflight(web1(...both), aTarget(), { ...request, wanted: value }))).toBe('')
    }
    const either = chooseRollback(aTarget(), hosts, 'sHoP-1.4')
    expect(either.kind === 'refused' && problemsText(either.problems)).toBe(
      `production ! ambiguous: sHoP-1.4 may be ${[name, 'shop-1.4'].toSorted().join(' or ')}: both are one version of one project, spelt in two ways \u2192 write the name exactly as it stands here`,
    )
  })
})

test.each(['shop-1.4.1', 'shop-1.4.post1', 'shop-1.4rc1', 'shop-1!1.4', 'shop-1.4+ci', 'my-shop-1.4'])(
  '%s is another revision: it stands in nobody\u2019s way',
  name => {
    expect(refusals(spelt(name, { sha256: digestOf('other') }))).toBe('')
    expect(asItStands(shipped, aTarget().hosts, seen(web1(spelt(name))))).toBe(shipped)
  },
)

test('a revision that is rejected, or made from other bytes, gives nobody its name', () => {
  for (const known of [
    spelt('Shop-1.4', { verdict: 'rejected' }),
    spelt('Shop-1.4', { sha256: digestOf('other') }),
  ])
    expect(asItStands(shipped, aTarget().hosts, seen(web1(known)))).toBe(shipped)
})
