import { describe, expect, test } from 'vitest'
import type { Observation } from '../../src/model/facts.ts'
import { openSwitches } from '../../src/plan/open-switches.ts'
import { aHolder, factsOf, read, seen, unread } from '../support/builders.ts'
import {
  aStageHistory,
  deployed,
  leftOpen,
  type Move,
  putBack,
  stuckOpen,
} from '../support/stage-histories.ts'

const known = new Set(['web1', 'web2'])
const before = deployed('1.3.0')

/** How the switch `s2` of both hosts can stand on one of them. */
const standings = {
  open: [before, leftOpen('1.4.0')],
  stuck: [before, stuckOpen('1.4.0')],
  kept: [before, deployed('1.4.0')],
  'put-back': [before, putBack('1.4.0')],
  none: [before],
} as const satisfies Record<string, readonly Move[]>
type Standing = keyof typeof standings | 'unread'

const observed = (host: string, standing: Standing): Observation =>
  standing === 'unread'
    ? unread(host)
    : read(factsOf(host, { production: aStageHistory(standings[standing]) }))

function judged(web1: Standing, web2: Standing): string {
  const { splits, toPutBack } = openSwitches(
    'production',
    seen(observed('web1', web1), observed('web2', web2)),
    known,
  )
  const states = splits.map(({ hosts }) => [...hosts].map(([host, state]) => `${host} ${state}`).join(', '))
  const due = [...toPutBack].map(([host, records]) => `${host} ${records.map(({ id }) => id).join(' ')}`)
  if (splits.length > 0) return `split: ${states.join('; ')}`
  return due.length > 0 ? `put back: ${due.join(', ')}` : 'nothing'
}

describe('one switch of two hosts, with the lock free', () => {
  const all: readonly Standing[] = ['open', 'stuck', 'kept', 'put-back', 'none', 'unread']

  test('every way in which it can stand on them', () => {
    const rows = all.flatMap((web1, index) =>
      all.slice(index).map(web2 => `${web1.padEnd(8)} ${web2.padEnd(8)} ${judged(web1, web2)}`),
    )
    expect(rows.join('\n')).toMatchInlineSnapshot(`
      "open     open     put back: web1 s2, web2 s2
      open     stuck    split: web1 open, web2 stuck
      open     kept     split: web1 open, web2 kept
      open     put-back put back: web1 s2
      open     none     put back: web1 s2
      open     unread   split: web1 open, web2 unread
      stuck    stuck    split: web1 stuck, web2 stuck
      stuck    kept     split: web1 stuck, web2 kept
      stuck    put-back split: web1 stuck, web2 put-back
      stuck    none     split: web1 stuck, web2 none
      stuck    unread   split: web1 stuck, web2 unread
      kept     kept     nothing
      kept     put-back split: web1 kept, web2 put-back
      kept     none     nothing
      kept     unread   nothing
      put-back put-back nothing
      put-back none     nothing
      put-back unread   nothing
      none     none     nothing
      none     unread   nothing
      unread   unread   nothing"
    `)
  })

  test('it does not matter which host is which', () => {
    for (const one of all)
      for (const other of all) {
        const swapped = judged(other, one).replace(/web[12]/g, host => (host === 'web1' ? 'web2' : 'web1'))
        const kind = (text: string) => text.split(':')[0]
        expect(kind(judged(one, other)), `${one} ${other}`).toBe(kind(swapped))
      }
  })
})

test('open with the lock held is in progress, and nobody else has to do anything', () => {
  const history = aStageHistory(standings.open, { lock: aHolder })
  const hosts = seen(factsOf('web1', { production: history }), observed('web2', 'kept'))
  const { splits, toPutBack, inProgress } = openSwitches('production', hosts, known)
  expect([splits, [...toPutBack], [...inProgress]]).toStrictEqual([[], [], [['web1', aHolder]]])
})

test('put back on one and kept on another is in progress while its run is still at any of its hosts', () => {
  const mine = { ...aHolder, run: 's2' }
  const kept = (lock: typeof aHolder) =>
    seen(
      factsOf('web1', { production: aStageHistory(standings.kept, { lock }) }),
      observed('web2', 'put-back'),
    )
  const { splits, inProgress } = openSwitches('production', kept(mine), known)
  expect([splits, [...inProgress]]).toStrictEqual([[], [['web2', mine]]])
  expect(openSwitches('production', kept(aHolder), known).splits.length).toBe(1)
})

test('an open switch whose run is still at another of its hosts is in progress', () => {
  const mine = { ...aHolder, run: 's2' }
  const hosts = seen(
    factsOf('web1', { production: aStageHistory(standings.open, { lock: mine }) }),
    observed('web2', 'open'),
  )
  const { toPutBack, inProgress } = openSwitches('production', hosts, known)
  expect([toPutBack.size, [...inProgress.keys()]]).toStrictEqual([0, ['web1', 'web2']])
})

test('a split is over when the one host or the other has kept a later switch', () => {
  const later = [...standings.kept, deployed('1.3.0')]
  const caughtUp = [...standings['put-back'], deployed('1.4.0')]
  for (const [web1, web2] of [
    [later, standings['put-back']],
    [standings.kept, caughtUp],
  ] as const) {
    const hosts = seen(
      factsOf('web1', { production: aStageHistory(web1) }),
      factsOf('web2', { production: aStageHistory(web2) }),
    )
    expect(openSwitches('production', hosts, known).splits).toStrictEqual([])
  }
})

describe('one host kept a switch that another of its hosts put back', () => {
  const production = (moves: readonly Move[]) => ({ production: aStageHistory(moves) })
  const alone = deployed('1.5.0', { hosts: ['web1'], except: ['web2'] })
  const splits = (moves: readonly Move[], web2: readonly Move[] = standings['put-back']) =>
    openSwitches(
      'production',
      seen(factsOf('web1', production(moves)), factsOf('web2', production(web2))),
      known,
    ).splits.map(({ id }) => id)

  test('it stays a split though the one that kept went on without the other', () => {
    expect(splits([...standings.kept, alone])).toStrictEqual(['s2'])
    expect(splits([...standings.kept, alone], standings.open)).toStrictEqual(['s2'])
  })

  test('it is over for a host that was not in the stage when the other went on', () => {
    expect(splits([...standings.kept, deployed('1.5.0', { hosts: ['web1'] })])).toStrictEqual([])
  })

  test('it is over when the host that put back has kept something since', () => {
    const own = deployed('1.3.0', { hosts: ['web2'], except: ['web1'] })
    expect(splits([...standings.kept, alone], [...standings['put-back'], own])).toStrictEqual([])
  })
})

test('a switch that one host could not put back is in progress while that host is still at it', () => {
  const history = aStageHistory(standings.stuck, { lock: { ...aHolder, run: 's2' } })
  const hosts = seen(factsOf('web1', { production: history }), observed('web2', 'put-back'))
  const { splits, inProgress } = openSwitches('production', hosts, known)
  expect([splits, [...inProgress.keys()]]).toStrictEqual([[], ['web1']])
})

test('a later switch that was kept closes an earlier open one on its host', () => {
  const history = aStageHistory([...standings.open, deployed('1.5.0')])
  const hosts = seen(factsOf('web1', { production: history }), observed('web2', 'kept'))
  expect(openSwitches('production', hosts, known).splits).toStrictEqual([])
})

test('where a later switch closed it, it was not kept: the other host is put back', () => {
  const history = aStageHistory([...standings.open, deployed('1.5.0')])
  const hosts = seen(factsOf('web1', { production: history }), observed('web2', 'open'))
  const { splits, toPutBack } = openSwitches('production', hosts, known)
  expect([splits.length, [...toPutBack.keys()]]).toStrictEqual([0, ['web2']])
})

test('only switches of the same stage count', () => {
  const hosts = seen(factsOf('web1', { staging: aStageHistory(standings.open) }), factsOf('web2'))
  const { splits, toPutBack } = openSwitches('production', hosts, known)
  expect([splits.length, toPutBack.size]).toStrictEqual([0, 0])
})

test('hosts on different revisions through --hosts are not a split', () => {
  const alone = aStageHistory([before, deployed('1.4.0')], { hosts: ['web1'] })
  const hosts = seen(factsOf('web1', { production: alone }), observed('web2', 'none'))
  expect(openSwitches('production', hosts, known).splits).toStrictEqual([])
})

test('a host that left the stage does not count, whatever it says', () => {
  const three = (moves: readonly Move[]) => aStageHistory(moves, { hosts: ['web1', 'web2', 'web9'] })
  const hosts = seen(
    factsOf('web1', { production: three(standings.open) }),
    factsOf('web2', { production: three(standings.none) }),
    factsOf('web9', { production: three(standings.kept) }),
  )
  const { splits, toPutBack } = openSwitches('production', hosts, known)
  expect([splits.length, [...toPutBack.keys()]]).toStrictEqual([0, ['web1']])
})

test('a host that left the stage with a switch open makes no split of it', () => {
  const three = (moves: readonly Move[]) => aStageHistory(moves, { hosts: ['web1', 'web2', 'web9'] })
  const hosts = seen(
    factsOf('web1', { production: three(standings.kept) }),
    factsOf('web2', { production: three(standings.kept) }),
    factsOf('web9', { production: three(standings.open) }),
  )
  expect(openSwitches('production', hosts, known).splits).toStrictEqual([])
})

test('several open switches of one host are put back newest first', () => {
  const history = aStageHistory([before, leftOpen('1.4.0'), leftOpen('1.5.0')], { hosts: ['web1'] })
  const { toPutBack } = openSwitches('production', seen(factsOf('web1', { production: history })), known)
  expect(toPutBack.get('web1')?.map(({ id }) => id)).toStrictEqual(['s3', 's2'])
})
