import { describe, expect, test } from 'vitest'
import type { Observation } from '../../src/model/facts.ts'
import { stageStatus } from '../../src/plan/stage-status.ts'
import { aHolder, factsOf, seen, unread } from '../support/builders.ts'
import {
  aStageHistory,
  bothAfter,
  deployed,
  leftOpen,
  linkTo,
  putBack,
  stuckOpen,
} from '../support/stage-histories.ts'

const known = new Set(['web1', 'web2'])
const status = (observations: ReadonlyMap<string, Observation>) =>
  stageStatus('production', observations, known)

describe('a host', () => {
  test('is shown with everything that its stage has', () => {
    const undo = [{ of: 'activate/1', ok: false, reason: 'exit 1' }]
    const moves = [deployed('1.2.0'), deployed('1.3.0'), putBack('1.4.0', { undo })]
    const facts = factsOf('web1', { production: aStageHistory(moves, { lock: aHolder }) })
    expect(status(seen(facts)).hosts.get('web1')).toStrictEqual({
      kind: 'read',
      link: linkTo('shop-1.3.0'),
      live: 'shop-1.3.0',
      moved: undefined,
      previous: 'shop-1.2.0',
      open: [],
      putBackFailed: undefined,
      undo,
      revisions: facts.revisions,
      lock: aHolder,
      frozen: undefined,
    })
  })

  test('that was not read is shown with the reason', () => {
    expect(status(seen(unread('web1'))).hosts.get('web1')).toStrictEqual({
      kind: 'unread',
      code: 'unreachable',
      reason: 'no route to host',
      hint: undefined,
    })
  })

  test('shows also what came of undo steps of a switch that was never armed', () => {
    const undone = [{ of: 'before:switch/1', ok: false, reason: 'exit 1' }]
    const facts = factsOf('web1', { production: aStageHistory([deployed('1.5.0')], { undone }) })
    expect(status(seen(facts)).hosts.get('web1')).toMatchObject({ undo: undone })
  })

  test('shows no undo once a later switch was kept', () => {
    const undo = [{ of: 'activate/1', ok: false, reason: 'exit 1' }]
    const facts = factsOf('web1', {
      production: aStageHistory([putBack('1.4.0', { undo }), deployed('1.5.0')]),
    })
    expect(status(seen(facts)).hosts.get('web1')).toMatchObject({ undo: [] })
  })

  test('stands in the order in which the hosts were asked', () => {
    expect([...status(seen(factsOf('web2'), factsOf('web1'))).hosts.keys()]).toStrictEqual(['web2', 'web1'])
  })
})

describe('uniform', () => {
  test.each([
    ['all are live on one revision', bothAfter(deployed('1.3.0')), true],
    ['nothing is live anywhere', bothAfter(), false],
    [
      'one is live on another',
      seen(
        factsOf('web1', { production: aStageHistory([deployed('1.3.0')]) }),
        factsOf('web2', { production: aStageHistory([deployed('1.4.0')]) }),
      ),
      false,
    ],
    [
      'one is not read',
      seen(factsOf('web1', { production: aStageHistory([deployed('1.3.0')]) }), unread('web2')),
      false,
    ],
  ])('%s: %s', (_title, observations, uniform) => {
    expect(status(observations).uniform).toBe(uniform)
  })
})

describe('a split', () => {
  test('is shown with how the switch stands on every host of it', () => {
    const hosts = seen(
      factsOf('web1', { production: aStageHistory([deployed('1.3.0'), leftOpen('1.4.0')]) }),
      factsOf('web2', { production: aStageHistory([deployed('1.3.0'), deployed('1.4.0')]) }),
    )
    expect(status(hosts).split).toMatchInlineSnapshot(`
      {
        "atMs": 1795175940002,
        "from": "shop-1.3.0",
        "hosts": Map {
          "web1" => "open",
          "web2" => "kept",
        },
        "id": "s2",
        "to": "shop-1.4.0",
      }
    `)
  })

  test('is also a switch that one host could not put back, and the host says why', () => {
    const hosts = seen(
      factsOf('web1', { production: aStageHistory([deployed('1.3.0'), stuckOpen('1.4.0')]) }),
      factsOf('web2', { production: aStageHistory([deployed('1.3.0'), putBack('1.4.0')]) }),
    )
    const { split, hosts: shown } = status(hosts)
    expect([...(split?.hosts ?? [])]).toStrictEqual([
      ['web1', 'stuck'],
      ['web2', 'put-back'],
    ])
    const putBackFailed = 'switching the link: permission denied'
    expect(shown.get('web1')).toMatchObject({ open: ['s2'], putBackFailed })
  })

  test('of several is the latest, and the others come after it', () => {
    const open = [leftOpen('1.3.0'), leftOpen('1.4.0')]
    const hosts = seen(factsOf('web1', { production: aStageHistory(open) }), unread('web2'))
    const { split, moreSplits } = status(hosts)
    expect([split?.id, moreSplits.map(({ id }) => id)]).toStrictEqual(['s2', ['s1']])
  })

  test('is none where an open switch is only waiting to be put back, which the host shows', () => {
    const { split, hosts } = status(bothAfter(deployed('1.3.0'), leftOpen('1.4.0')))
    expect(split).toBeUndefined()
    expect(hosts.get('web1')).toMatchObject({ live: 'shop-1.4.0', open: ['s2'] })
  })

  test('is told of by hosts that the status is not about, and these are not shown', () => {
    const hosts = seen(
      factsOf('web1', { production: aStageHistory([deployed('1.3.0'), deployed('1.4.0')]) }),
      factsOf('web2', { production: aStageHistory([deployed('1.3.0'), putBack('1.4.0')]) }),
    )
    const { split, hosts: shown, uniform } = stageStatus('production', hosts, known, ['web2'])
    expect([split?.id, [...shown.keys()], uniform]).toStrictEqual(['s2', ['web2'], true])
  })
})
