import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HostFacts, StageFacts } from '../../src/model/facts.ts'
import { revisionsToPrune } from '../../src/plan/prune.ts'
import { liveOf, openOn, previousOf } from '../../src/plan/stage-history.ts'
import { aRevision, factsOf, noon } from '../support/builders.ts'
import {
  aStageHistory,
  deployed,
  leftOpen,
  linkTo,
  type Move,
  putBack,
  rolledBack,
} from '../support/stage-histories.ts'

const keeping = (production: number, staging = production) =>
  new Map([
    ['staging', { keepRevisions: staging }],
    ['production', { keepRevisions: production }],
  ])

const pruned = (facts: HostFacts, next: string, stages = keeping(2)): readonly string[] =>
  revisionsToPrune(facts, 'production', `shop-${next}`, stages)

const hostAfter = (...moves: readonly Move[]): HostFacts =>
  factsOf('web1', { production: aStageHistory(moves) })

describe('retention', () => {
  test('keeps the revisions that were live last, the next one included', () => {
    expect(pruned(hostAfter(deployed('1.0'), deployed('1.1'), deployed('1.2')), '1.3')).toStrictEqual([
      'shop-1.0',
      'shop-1.1',
    ])
  })

  test('goes by when a revision was live, not by its version or its age', () => {
    const facts = hostAfter(deployed('1.0'), deployed('1.1'), deployed('1.2'), rolledBack('1.0'))
    expect(pruned(facts, '1.3')).toStrictEqual(['shop-1.1', 'shop-1.2'])
  })

  test('keeps what a rollback goes back to, and what the next one would', () => {
    const facts = hostAfter(deployed('1.0'), deployed('1.1'), deployed('1.2'), deployed('1.3'))
    expect(pruned(facts, '1.2')).toStrictEqual(['shop-1.0'])
  })

  test('keeps what is live in another stage, and what that one would be rolled back to', () => {
    const versions = ['1.0', '1.1', '1.2', '1.3'].map(version => deployed(version))
    const facts = factsOf('web1', {
      staging: aStageHistory([...versions, rolledBack('1.1')]),
      production: aStageHistory(versions),
    })
    expect(pruned(facts, '1.4')).toStrictEqual(['shop-1.2'])
  })

  test('keeps an old revision that is live again', () => {
    const moves = [deployed('1.0'), deployed('1.1'), deployed('1.2'), deployed('1.3')]
    const facts = factsOf('web1', { production: aStageHistory(moves, { link: linkTo('shop-1.0') }) })
    expect(pruned(facts, '1.3')).toStrictEqual(['shop-1.1'])
  })

  test('does not count what is gone already', () => {
    const gone = hostAfter(deployed('1.0'), deployed('1.1'), deployed('1.2'))
    const facts = { ...gone, revisions: gone.revisions.filter(({ name }) => name !== 'shop-1.1') }
    expect(pruned(facts, '1.3', keeping(3))).toStrictEqual([])
  })

  test('of two stages in one root keeps the number of each', () => {
    const versions = ['1.0', '1.1', '1.2', '1.3', '1.4', '1.5']
    const facts = factsOf('web1', {
      staging: aStageHistory(versions.map(version => deployed(version))),
      production: aStageHistory([deployed('1.0'), deployed('1.1')]),
    })
    expect(pruned(facts, '1.3', keeping(2, 3))).toStrictEqual(['shop-1.0', 'shop-1.2'])
  })

  test('keeps both ends of an open switch, of any stage', () => {
    const versions = ['1.1', '1.2', '1.3'].map(version => deployed(version))
    const facts = factsOf('web1', {
      staging: aStageHistory([leftOpen('1.0', { from: 'shop-0.9' }), putBack('0.9')]),
      production: aStageHistory(versions),
    })
    expect(pruned(facts, '1.4')).toStrictEqual(['shop-1.1', 'shop-1.2'])
  })
})

describe('ten deploys that failed', () => {
  const good = [deployed('1.0'), deployed('1.1')]
  const failed = Array.from({ length: 10 }, (_, index) => `1.2.${index}`)

  test('before the switch push out nothing: rejected revisions have no directory', () => {
    const facts = hostAfter(...good)
    const rejected = failed.map(version => aRevision(version, { verdict: 'rejected', stands: false }))
    const all = { ...facts, revisions: [...facts.revisions, ...rejected] }
    expect(pruned(all, '1.3', keeping(5))).toStrictEqual([])
  })

  test('after the switch push out no good one, and are themselves not kept for ever', () => {
    const facts = hostAfter(...good, ...failed.map(version => putBack(version)))
    expect(pruned(facts, '1.3', keeping(5))).toStrictEqual(
      failed.slice(0, 5).map(version => `shop-${version}`),
    )
  })
})

describe('revisions that were never live', () => {
  const facts = hostAfter(deployed('1.0'), deployed('1.1'), deployed('1.2'))
  const withOne = (atMs: number) => ({
    ...facts,
    revisions: [...facts.revisions, aRevision('2.0', { atMs })],
  })

  test('are kept while they are younger than what is kept: they were prepared', () => {
    expect(pruned(withOne(noon), '1.2')).toStrictEqual(['shop-1.0'])
  })

  test('are not kept for ever', () => {
    expect(pruned(withOne(0), '1.2')).toStrictEqual(['shop-2.0', 'shop-1.0'])
  })

  test('are kept on a first deploy, when nothing else is there to compare with', () => {
    const prepared = factsOf('web1', {}, { revisions: [aRevision('2.0')] })
    expect(pruned(prepared, '1.0')).toStrictEqual([])
  })
})

test('the oldest are named first: a run removes no more than a few', () => {
  const revisions = ['1.9', '1.10', '1.2'].map((version, age) => aRevision(version, { atMs: noon - age }))
  const facts = factsOf(
    'web1',
    { production: aStageHistory([deployed('2.0')]) },
    { revisions: [...revisions, aRevision('2.0')] },
  )
  expect(pruned(facts, '2.1', keeping(0))).toStrictEqual(['shop-1.2', 'shop-1.10', 'shop-1.9'])
})

test('what was not made here, or never finished, is no revision and never named', () => {
  const facts = factsOf(
    'web1',
    { production: aStageHistory([deployed('1.0'), deployed('1.1'), deployed('1.2')]) },
    { foreign: ['backup', 'shop-0.1'], unfinished: ['shop-0.2'] },
  )
  expect(pruned(facts, '1.3')).toStrictEqual(['shop-1.0', 'shop-1.1'])
})

describe('whatever has happened', () => {
  const often = { numRuns: 1_000 }
  const version = fc.integer({ min: 0, max: 9 }).map(minor => `1.${minor}`)
  const aMove = fc
    .tuple(fc.constantFrom(deployed, rolledBack, putBack, leftOpen), version)
    .map(([make, to]) => make(to))
  const aLink = fc.option(
    version.map(to => linkTo(`shop-${to}`)),
    { nil: undefined },
  )
  const aHistory = fc
    .tuple(fc.array(aMove, { maxLength: 20 }), aLink)
    .map(([moves, link]) => aStageHistory(moves, link === undefined ? {} : { link }))
  const number = fc.integer({ min: 2, max: 6 })

  const linkedOrOpen = (history: StageFacts): readonly (string | undefined)[] => [
    liveOf(history),
    ...openOn(history).flatMap(({ from, to }) => [from, to]),
  ]

  test('nothing is pruned that a link names, that a rollback goes to or that is on its way', () => {
    fc.assert(
      fc.property(aHistory, aHistory, version, number, number, (staging, production, to, keep, other) => {
        const facts = factsOf('web1', { staging, production })
        const gone = pruned(facts, to, keeping(keep, other))
        const needed = [
          `shop-${to}`,
          previousOf(staging),
          ...linkedOrOpen(staging),
          ...linkedOrOpen(production),
        ]
        expect(gone.filter(name => needed.includes(name))).toStrictEqual([])
      }),
      often,
    )
  })

  test('nothing is pruned that the stage itself would be rolled back to where nothing is switched', () => {
    fc.assert(
      fc.property(aHistory, number, (production, keep) => {
        const live = liveOf(production)
        fc.pre(live !== undefined)
        const gone = revisionsToPrune(
          factsOf('web1', { production }),
          'production',
          live ?? '',
          keeping(keep),
        )
        expect(gone).not.toContain(previousOf(production))
      }),
      often,
    )
  })

  test('a rollback after the switch finds its revision too', () => {
    fc.assert(
      fc.property(fc.array(aMove, { maxLength: 20 }), version, number, (moves, to, keep) => {
        const gone = pruned(hostAfter(...moves), to, keeping(keep))
        for (const kept of [deployed(to), rolledBack(to)])
          expect(gone).not.toContain(previousOf(aStageHistory([...moves, kept])))
      }),
      often,
    )
  })

  test('the revisions that were live last are kept, as many as the stage keeps', () => {
    fc.assert(
      fc.property(fc.array(aMove, { maxLength: 20 }), number, (moves, keep) => {
        const facts = hostAfter(...moves)
        const lived = facts.stages.get('production')?.wasLive.map(({ revision }) => revision) ?? []
        const gone = revisionsToPrune(facts, 'production', lived[0] ?? 'shop-9.9', keeping(keep))
        expect(gone.filter(name => lived.slice(0, keep).includes(name))).toStrictEqual([])
      }),
      often,
    )
  })
})
