import { describe, expect, test } from 'vitest'
import { liveOf, openOn, previousOf, stageOf, switchesOf } from '../../src/plan/stage-history.ts'
import { factsOf } from '../support/builders.ts'
import { aStageHistory, deployed, leftOpen, linkTo, putBack, rolledBack } from '../support/stage-histories.ts'

describe('the previous revision', () => {
  test.each([
    ['nothing was ever live', [], undefined],
    ['there was only one', [deployed('1.0')], undefined],
    ['is the one below live', [deployed('1.0'), deployed('1.1')], 'shop-1.0'],
    ['is not one that was put back', [deployed('1.0'), deployed('1.1'), putBack('1.2')], 'shop-1.0'],
    [
      'after a rollback is further back, never the bad one',
      [deployed('1.0'), deployed('1.1'), deployed('1.2'), rolledBack('1.1')],
      'shop-1.0',
    ],
    [
      'of a revision that was deployed again is the one before that',
      [deployed('1.0'), deployed('1.1'), deployed('1.0')],
      'shop-1.1',
    ],
  ])('%s', (_title, moves, previous) => {
    expect(previousOf(aStageHistory(moves))).toBe(previous)
  })

  test('of a link that was moved by hand back in the history is the one below it', () => {
    const moves = [deployed('1.0'), deployed('1.1'), deployed('1.2')]
    expect(previousOf(aStageHistory(moves, { link: linkTo('shop-1.1') }))).toBe('shop-1.0')
  })

  test('of a link that was moved by hand to something unknown is what was kept last', () => {
    const moves = [deployed('1.0'), deployed('1.1')]
    expect(previousOf(aStageHistory(moves, { link: linkTo('shop-9.9') }))).toBe('shop-1.1')
  })

  test('of a link that somebody removed is what was kept last', () => {
    expect(previousOf(aStageHistory([deployed('1.0')], { link: { kind: 'absent' } }))).toBe('shop-1.0')
  })
})

describe('live', () => {
  test('is what the link names, not what the history says', () => {
    expect(liveOf(aStageHistory([deployed('1.0')], { link: linkTo('shop-1.1') }))).toBe('shop-1.1')
  })

  test('is nothing where the link leads out of the root, or is none', () => {
    const outside = { kind: 'link', text: '/srv/shop', revision: undefined, dangling: false } as const
    expect(liveOf(aStageHistory([], { link: outside }))).toBeUndefined()
    expect(liveOf(aStageHistory([], { link: { kind: 'directory' } }))).toBeUndefined()
  })

  test('is nothing for a stage that the host never heard of', () => {
    expect(liveOf(stageOf(factsOf('web1'), 'production'))).toBeUndefined()
  })
})

describe('open switches on one host', () => {
  test('are those that were neither kept nor put back, newest first', () => {
    const history = aStageHistory([deployed('1.0'), leftOpen('1.1'), putBack('1.2'), leftOpen('1.3')])
    expect(openOn(history).map(({ id }) => id)).toStrictEqual(['s4', 's2'])
  })

  test('are closed by a later one that was kept, as if they had been put back', () => {
    const history = aStageHistory([leftOpen('1.1'), deployed('1.2'), leftOpen('1.3')])
    expect(switchesOf(history).map(({ id, state }) => `${id} ${state}`)).toStrictEqual([
      's3 open',
      's2 kept',
      's1 put-back',
    ])
  })
})
