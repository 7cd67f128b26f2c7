import { describe, expect, test } from 'vitest'
import type { StageFacts } from '../../src/model/facts.ts'
import { movedLinks, recordedBeside } from '../../src/plan/moved-link.ts'
import { findRecovery } from '../../src/plan/recovery.ts'
import { aTarget, factsOf, seen } from '../support/builders.ts'
import { aStageHistory, bothAfter, deployed, leftOpen, linkTo, putBack } from '../support/stage-histories.ts'

const history = [deployed('1.3.0'), deployed('1.4.0')]
const elsewhere = { link: linkTo('shop-0.9.0') }
const absent = { link: { kind: 'absent' } } as const

describe('what the journal has, where the link is something else', () => {
  test.each<[string, StageFacts, ReturnType<typeof recordedBeside>]>([
    ['nothing: the link is what was kept last', aStageHistory(history), undefined],
    ['nothing: nothing was ever switched', aStageHistory([], elsewhere), undefined],
    ['what was kept last', aStageHistory(history, elsewhere), { text: 'shop-1.4.0' }],
    [
      'also where the link is back at an older one',
      aStageHistory(history, { link: linkTo('shop-1.3.0') }),
      { text: 'shop-1.4.0' },
    ],
    ['also where there is no link', aStageHistory(history, absent), { text: 'shop-1.4.0' }],
    [
      'also where a directory is in its place',
      aStageHistory(history, { link: { kind: 'directory' } }),
      { text: 'shop-1.4.0' },
    ],
    [
      'not what was put back',
      aStageHistory([...history, putBack('1.5.0')], { link: linkTo('shop-1.5.0') }),
      { text: 'shop-1.4.0' },
    ],
    [
      'either end of a switch that is open',
      aStageHistory([...history, leftOpen('1.5.0')], { link: linkTo('shop-1.5.0') }),
      undefined,
    ],
    [
      'that there was no link, where the only switch was put back',
      aStageHistory([putBack('1.3.0')]),
      undefined,
    ],
    ['and somebody made one since', aStageHistory([putBack('1.3.0')], elsewhere), { text: undefined }],
  ])('%s', (_title, facts, recorded) => {
    expect(recordedBeside(facts)).toStrictEqual(recorded)
  })
})

describe('what puts it back', () => {
  const hint = (web1: StageFacts, web2 = aStageHistory(history)) =>
    movedLinks(
      'production',
      seen(factsOf('web1', { production: web1 }), factsOf('web2', { production: web2 })),
    ).get('web1')?.hint

  test.each([
    [
      'a rollback of all hosts',
      aStageHistory(history, elsewhere),
      '`deploy rollback production --to shop-1.4.0` puts it back',
    ],
    [
      'which has to find the place free',
      aStageHistory(history, { link: { kind: 'directory' } }),
      'move what is in its place away on web1; then `deploy rollback production --to shop-1.4.0` puts it back',
    ],
    [
      'of this host alone, where the others have another revision on record',
      aStageHistory([deployed('1.3.0')], elsewhere),
      '`deploy rollback production --to shop-1.3.0 --hosts web1` puts it back',
    ],
    [
      'a hand, where there was no link',
      aStageHistory([putBack('1.3.0')], elsewhere),
      'take it away on web1: there was no link',
    ],
  ])('%s', (_title, facts, expected) => {
    expect(hint(facts)).toBe(expected)
  })

  test('a hand, where the revision does not stand any more', () => {
    const facts = factsOf('web1', { production: aStageHistory(history, elsewhere) }, { revisions: [] })
    expect(movedLinks('production', seen(facts)).get('web1')?.hint).toBe(
      'put it back by hand on web1: no run goes to shop-1.4.0',
    )
  })
})

test('is no split, and a recovery that has nothing to mend says so', () => {
  const moved = factsOf('web2', { production: aStageHistory(history, elsewhere) })
  const all = new Map([...bothAfter(...history), ...seen(moved)])
  expect(findRecovery(aTarget(), all)).toMatchInlineSnapshot(`
    {
      "kind": "none",
      "reason": "There is no split of production: nothing to recover.
    The link on web2 was moved by hand, its journal has shop-1.4.0: \`deploy rollback production --to shop-1.4.0\` puts it back.",
    }
  `)
})
