import { describe, expect, test } from 'vitest'
import type { HostFacts, Link } from '../../src/model/facts.ts'
import { afterPutBack } from '../../src/plan/after-put-back.ts'
import { openOn, stageOf } from '../../src/plan/stage-history.ts'
import { factsOf } from '../support/builders.ts'
import { aStageHistory, deployed, leftOpen, linkTo, type Move } from '../support/stage-histories.ts'

const hostAfter = (moves: readonly Move[], link?: Link): HostFacts => {
  const history = aStageHistory(moves, link === undefined ? {} : { link })
  return factsOf('web1', { production: history, staging: aStageHistory([deployed('1.3.0')]) })
}

const allPutBack = (facts: HostFacts): HostFacts =>
  afterPutBack(facts, 'production', openOn(stageOf(facts, 'production')))

const linkAfter = (facts: HostFacts): Link => stageOf(allPutBack(facts), 'production').link

describe('the link after an open switch was put back', () => {
  test('names what it was switched from', () => {
    expect(linkAfter(hostAfter([deployed('1.3.0'), leftOpen('1.4.0')]))).toStrictEqual(linkTo('shop-1.3.0'))
  })

  test('is gone where there was none', () => {
    expect(linkAfter(hostAfter([leftOpen('1.4.0')]))).toStrictEqual({ kind: 'absent' })
  })

  test('is as it was where the switch was armed and never fired', () => {
    const facts = hostAfter([deployed('1.3.0'), leftOpen('1.4.0')], linkTo('shop-1.3.0'))
    expect(linkAfter(facts)).toStrictEqual(linkTo('shop-1.3.0'))
  })

  test('is left alone where somebody moved it since', () => {
    const facts = hostAfter([deployed('1.2.0'), deployed('1.3.0'), leftOpen('1.4.0')], linkTo('shop-1.2.0'))
    expect(linkAfter(facts)).toStrictEqual(linkTo('shop-1.2.0'))
  })

  test('leads out of the root again, by its exact text', () => {
    expect(linkAfter(hostAfter([leftOpen('1.4.0', { from: '/srv/old/shop' })]))).toStrictEqual({
      kind: 'link',
      text: '/srv/old/shop',
      revision: undefined,
      dangling: false,
    })
  })

  test('leads nowhere again where its revision is gone', () => {
    expect(linkAfter(hostAfter([leftOpen('1.4.0', { from: 'shop-0.9' })]))).toMatchObject({
      text: 'shop-0.9',
      dangling: true,
    })
  })

  test('of several switches is that from before the first', () => {
    const facts = hostAfter([deployed('1.3.0'), leftOpen('1.4.0'), leftOpen('1.5.0')])
    expect(linkAfter(facts)).toStrictEqual(linkTo('shop-1.3.0'))
  })
})

test('the switch counts as put back, and nothing else of the host changes', () => {
  const facts = hostAfter([deployed('1.3.0'), leftOpen('1.4.0')])
  const after = allPutBack(facts)
  expect(openOn(stageOf(after, 'production'))).toStrictEqual([])
  expect({ ...after, stages: undefined }).toStrictEqual({ ...facts, stages: undefined })
  expect(after.stages.get('staging')).toBe(facts.stages.get('staging'))
})

test('without open switches the facts are what they were', () => {
  const facts = hostAfter([deployed('1.3.0')])
  expect(allPutBack(facts)).toBe(facts)
})
