import { describe, expect, test } from 'vitest'
import type { Observation } from '../../src/model/facts.ts'
import type { RecoverWay } from '../../src/model/plan.ts'
import { planRecovery } from '../../src/plan/plan-recovery.ts'
import { explainWays, findRecovery, revisionsOf } from '../../src/plan/recovery.ts'
import { exec } from '../../src/recipe/exec.ts'
import { aHolder, aHost, aRevision, aRun, aTarget, factsOf, noon, seen, unread } from '../support/builders.ts'
import { plannedText, planOf, problemsText } from '../support/plan-text.ts'
import {
  aStageHistory,
  deployed,
  frozen,
  leftOpen,
  linkTo,
  type Move,
  putBack,
  rolledBack,
  stuckOpen,
} from '../support/stage-histories.ts'

const before = deployed('1.3.0')
const reload = exec(['reload'])
const activating = aTarget({
  hooks: { 'before:switch': [exec(['migrate'])], activate: [reload], health: [exec(['probe'])] },
})

const host = (name: string, moves: readonly Move[], changes = {}) =>
  factsOf(name, { production: aStageHistory(moves, changes) })

/** web1 kept the switch s2 to 1.4.0; web2 stands as these moves say. */
const keptOnWeb1 = (...web2: readonly Move[]) =>
  seen(host('web1', [before, deployed('1.4.0')]), host('web2', web2))

const putBackOnWeb2 = keptOnWeb1(before, putBack('1.4.0'))
const openOnWeb2 = keptOnWeb1(before, leftOpen('1.4.0'))

function recovered(observations: ReadonlyMap<string, Observation>, way: RecoverWay, target = activating) {
  const sought = findRecovery(target, observations)
  if (sought.kind !== 'split') throw new Error(`there is no split: ${JSON.stringify(sought)}`)
  return planRecovery(target, sought.recovery, way, aRun)
}

/** What becomes of every host: its link, and how the switch is closed where that does not move. */
function hostsText(...given: Parameters<typeof recovered>): string {
  const { hosts, phases } = planOf(recovered(...given))
  const isIn = (phase: string, name: string) =>
    phases.find(one => one.name === phase)?.hosts.has(name) === true
  return hosts
    .map(one => {
      const link = isIn('switch', one.host)
        ? `${one.from ?? 'none'} -> ${one.to ?? 'none'}`
        : (one.from ?? 'none')
      const active = isIn('activate', one.host) ? ', activated' : ''
      return `${one.host}: ${link}${active}${one.closes === undefined ? '' : `, closed as ${one.closes}`}`
    })
    .join('\n')
}

describe('back', () => {
  test('switches the hosts that kept it, and leaves the one that put itself back', () => {
    expect(plannedText(recovered(putBackOnWeb2, 'back'))).toMatchInlineSnapshot(`
      "recover shop-1.4.0 to production, nothing to upload
      web1: from shop-1.4.0
      web2: from shop-1.3.0
      lock: web1 web2
      switch: web1
      activate: web1
        web1 activate/1 (hooks): reload in /var/webcode/shop-1.3.0 for shop-1.3.0 after shop-1.4.0, undo: reload in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0
      health: web1
        web1 health/1 (hooks): probe in /var/webcode/shop-1.3.0 for shop-1.3.0 after shop-1.4.0"
    `)
  })

  test('switches also the host on which it was left open', () => {
    expect(hostsText(openOnWeb2, 'back')).toMatchInlineSnapshot(`
      "web1: shop-1.4.0 -> shop-1.3.0, activated
      web2: shop-1.4.0 -> shop-1.3.0, activated"
    `)
  })

  test('activates what is live, and closes the switch, where it was left open and never fired', () => {
    const web2 = host('web2', [before, leftOpen('1.4.0')], { link: linkTo('shop-1.3.0') })
    const hosts = seen(host('web1', [before, deployed('1.4.0')]), web2)
    expect(hostsText(hosts, 'back')).toMatchInlineSnapshot(`
      "web1: shop-1.4.0 -> shop-1.3.0, activated
      web2: shop-1.3.0, activated, closed as put-back"
    `)
  })

  test('takes every host to its own revision, or to no link', () => {
    const hosts = ['web1', 'web2', 'web3']
    const observations = seen(
      host('web1', [before, deployed('1.4.0', { id: 's9' })], { hosts }),
      host('web2', [deployed('1.2.0'), putBack('1.4.0', { id: 's9' })], { hosts }),
      host('web3', [deployed('1.4.0', { id: 's9' })], { hosts }),
    )
    const target = aTarget({ hosts: hosts.map(name => aHost(name)), hooks: { activate: [reload] } })
    expect(hostsText(observations, 'back', target)).toMatchInlineSnapshot(`
      "web1: shop-1.4.0 -> shop-1.3.0, activated
      web2: shop-1.2.0
      web3: shop-1.4.0 -> none, activated"
    `)
  })

  test('to what was not made here restores the link only, and says so', () => {
    const from = '/srv/shop'
    const hosts = seen(
      host('web1', [deployed('1.4.0', { from })]),
      host('web2', [putBack('1.4.0', { from })], {
        link: { kind: 'link', text: from, revision: undefined, dangling: false },
      }),
    )
    expect(plannedText(recovered(hosts, 'back'))).toMatchInlineSnapshot(`
      "recover shop-1.4.0 to production, nothing to upload
      web1 ? link-outside: goes back to /srv/shop, which was not made here: only its link is restored
      web1: from shop-1.4.0
      web2: from /srv/shop
      lock: web1 web2
      switch: web1
      activate: web1
        web1 activate/1 (hooks): reload in /srv/shop for shop after shop-1.4.0, undo: reload in /var/webcode/shop-1.4.0 for shop-1.4.0 after nothing
      health: web1
        web1 health/1 (hooks): probe in /srv/shop for shop after shop-1.4.0"
    `)
  })

  test('needs what it goes back to', () => {
    const hosts = seen(
      factsOf(
        'web1',
        { production: aStageHistory([before, deployed('1.4.0')]) },
        { revisions: [aRevision('1.4.0')] },
      ),
      host('web2', [before, putBack('1.4.0')]),
    )
    expect(plannedText(recovered(hosts, 'back'))).toMatchInlineSnapshot(
      `"web1 ! not-standing: shop-1.3.0 does not stand here: it is not there → the other way may be open: \`deploy recover production --forward\`"`,
    )
  })
})

describe('forward', () => {
  test('switches the host that put itself back', () => {
    expect(plannedText(recovered(putBackOnWeb2, 'forward'))).toMatchInlineSnapshot(`
      "recover shop-1.4.0 to production, nothing to upload
      web1: from shop-1.4.0
      web2: from shop-1.3.0
      lock: web1 web2
      switch: web2
      activate: web2
        web2 activate/1 (hooks): reload in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0, undo: reload in /var/webcode/shop-1.3.0 for shop-1.3.0 after nothing
      health: web2
        web2 health/1 (hooks): probe in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0"
    `)
  })

  test('does not switch a host that is there already: it is activated, nothing of that is undone, and the switch closed as kept', () => {
    expect(plannedText(recovered(openOnWeb2, 'forward'))).toMatchInlineSnapshot(`
      "recover shop-1.4.0 to production, nothing to upload
      web1: from shop-1.4.0
      web2: from shop-1.4.0
      lock: web1 web2
      switch: 
      activate: web2
        web2 activate/1 (hooks): reload in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0
      health: web2
        web2 health/1 (hooks): probe in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0"
    `)
    expect(hostsText(openOnWeb2, 'forward')).toMatchInlineSnapshot(`
      "web1: shop-1.4.0
      web2: shop-1.4.0, activated, closed as kept"
    `)
  })

  test('prepares again what the host undid of `before:switch`, and no more than that', () => {
    const undo = [
      { of: 'activate/1', ok: true, reason: undefined },
      { of: 'before:switch/2', ok: true, reason: undefined },
    ]
    const steps = [exec(['announce']), exec(['migrate'], { once: true, undo: exec(['unmigrate']) })]
    const target = aTarget({ hooks: { 'before:switch': steps } })
    const hosts = keptOnWeb1(before, putBack('1.4.0', { undo }))
    const switched = (way: RecoverWay) =>
      [
        ...(planOf(recovered(hosts, way, target)).phases.find(({ name }) => name === 'switch')?.hosts ?? []),
      ].map(([name, steps]) => [name, ...steps.before.map(({ id, title }) => `${id} ${title}`)])
    expect(switched('forward')).toStrictEqual([['web2', 'before:switch/2 migrate']])
    expect(switched('back')).toStrictEqual([['web1']])
  })

  test('needs the revision to stand everywhere', () => {
    const gone = factsOf(
      'web2',
      { production: aStageHistory([before, putBack('1.4.0')]) },
      {
        revisions: [
          aRevision('1.3.0'),
          aRevision('1.4.0', { stands: false, why: 'its interpreter is gone' }),
        ],
      },
    )
    const hosts = seen(host('web1', [before, deployed('1.4.0')]), gone)
    expect(plannedText(recovered(hosts, 'forward'))).toMatchInlineSnapshot(
      `"web2 ! not-standing: shop-1.4.0 does not stand here: its interpreter is gone → the other way may be open: \`deploy recover production --back\`"`,
    )
  })
})

describe('what is mended', () => {
  const sought = (observations: ReadonlyMap<string, Observation>, target = aTarget()) => {
    const found = findRecovery(target, observations)
    switch (found.kind) {
      case 'none':
        return found.reason
      case 'refused':
        return problemsText(found.problems)
      case 'split':
        return [found.recovery.split.id, problemsText(found.recovery.warnings)]
          .filter(text => text !== '')
          .join('\n')
    }
  }

  test('nothing, where there is no split', () => {
    expect(sought(seen(host('web1', [before]), host('web2', [before])))).toMatchInlineSnapshot(
      `"There is no split of production: nothing to recover."`,
    )
  })

  test('nothing is said before all hosts were read', () => {
    expect(sought(seen(host('web1', [before]), unread('web2')))).toMatchInlineSnapshot(
      `"web2 ! unreachable: no route to host"`,
    )
  })

  test('a switch in progress is waited for', () => {
    const hosts = seen(host('web1', [before, leftOpen('1.4.0')], { lock: aHolder }), host('web2', [before]))
    expect(sought(hosts)).toMatchInlineSnapshot(
      `"web1 ! locked: is being switched by ben from desk: deploy production → wait until that run has ended"`,
    )
  })

  test('a host of the switch that cannot be read is needed', () => {
    expect(sought(seen(host('web1', [before, leftOpen('1.4.0')]), unread('web2')))).toMatchInlineSnapshot(
      `"web2 ! unreachable: no route to host → every host of the switch s2 is needed; one that is gone for good has to leave the configuration first"`,
    )
  })

  test('a host that left the stage is not needed, and named', () => {
    const hosts = ['web1', 'web2', 'web9']
    const observations = seen(
      host('web1', [before, deployed('1.4.0')], { hosts }),
      host('web2', [before, putBack('1.4.0')], { hosts }),
    )
    expect(sought(observations)).toMatchInlineSnapshot(`
      "s2
      production ? left-stage: the switch s2 is mended without web9: not in production any more"
    `)
  })

  test('a host that knows nothing of the switch is left as it is', () => {
    const target = aTarget({ hosts: ['web1', 'web2', 'web3'].map(name => aHost(name)) })
    const hosts = ['web1', 'web2', 'web3']
    const observations = seen(
      host('web1', [before, deployed('1.4.0')], { hosts }),
      host('web2', [before, putBack('1.4.0')], { hosts }),
      host('web3', [before], { hosts }),
    )
    expect(sought(observations, target)).toMatchInlineSnapshot(`
      "s2
      web3 ? left-alone: knows nothing of the switch s2: it is left as it is"
    `)
  })

  test('of several the latest first, and the next one when it is run again', () => {
    const target = aTarget({
      ...activating,
      hosts: ['web1', 'web2', 'web3', 'web4'].map(name => aHost(name)),
    })
    const two = ['web1', 'web2']
    const four = ['web3', 'web4']
    const older = seen(
      host('web1', [before, deployed('1.4.0', { id: 'old', atMs: noon - 2 })], { hosts: two }),
      host('web2', [before, putBack('1.4.0', { id: 'old', atMs: noon - 2 })], { hosts: two }),
    )
    const newer = (web4: Move) =>
      seen(
        host('web3', [before, deployed('1.5.0', { id: 'new', atMs: noon - 1 })], { hosts: four }),
        host('web4', [before, web4], { hosts: four }),
      )
    const both = new Map([...older, ...newer(putBack('1.5.0', { id: 'new', atMs: noon - 1 }))])
    const first = findRecovery(target, both)
    expect(
      first.kind === 'split' && [first.recovery.split.id, first.recovery.warnings],
    ).toMatchInlineSnapshot(`
      [
        "new",
        [
          {
            "code": "split",
            "hint": undefined,
            "message": "the switch old is split too: when this one is mended, run \`deploy recover production\` again",
            "severity": "warning",
            "where": "production",
          },
        ],
      ]
    `)
    const mended = new Map([...older, ...newer(deployed('1.5.0', { id: 'new', atMs: noon - 1 }))])
    const second = findRecovery(target, mended)
    expect(second.kind === 'split' && [second.recovery.split.id, second.recovery.warnings]).toStrictEqual([
      'old',
      [],
    ])
  })

  test.each([
    ['was kept nowhere', leftOpen('1.4.0')],
    ['one host could not put back', stuckOpen('1.4.0')],
  ])('a switch that %s is a split as well, and goes either way', (_what, onWeb1) => {
    const hosts = seen(host('web1', [before, onWeb1]), host('web2', [before, putBack('1.4.0')]))
    expect([sought(hosts), hostsText(hosts, 'back'), hostsText(hosts, 'forward')]).toMatchInlineSnapshot(`
      [
        "s2",
        "web1: shop-1.4.0 -> shop-1.3.0, activated
      web2: shop-1.3.0",
        "web1: shop-1.4.0, activated, closed as kept
      web2: shop-1.3.0 -> shop-1.4.0, activated",
      ]
    `)
  })

  test('a decision that did not come to its end can be changed: who followed it goes the other way with the rest', () => {
    const recovery = {
      ...deployed('1.4.0', { id: 'r', recovers: 's2', from: 'shop-1.3.0' }),
      kind: 'recover',
    } as const
    const target = aTarget({ hosts: ['web1', 'web2', 'web3'].map(name => aHost(name)) })
    const hosts = ['web1', 'web2', 'web3']
    const observations = seen(
      host('web1', [before, deployed('1.4.0')], { hosts }),
      host('web2', [before, leftOpen('1.4.0')], { hosts }),
      host('web3', [before, deployed('1.4.0'), recovery], { hosts }),
    )
    expect(hostsText(observations, 'back', target)).toMatchInlineSnapshot(`
      "web1: shop-1.4.0 -> shop-1.3.0, activated
      web2: shop-1.4.0 -> shop-1.3.0, activated
      web3: shop-1.4.0 -> shop-1.3.0, activated"
    `)
  })

  test('a split with a host that went on alone goes either way on the other, and is closed there by a switch', () => {
    const alone = deployed('1.5.0', { hosts: ['web1'], except: ['web2'] })
    const observations = seen(
      host('web1', [before, deployed('1.4.0'), alone]),
      host('web2', [before, putBack('1.4.0')]),
    )
    expect([
      sought(observations),
      hostsText(observations, 'back'),
      hostsText(observations, 'forward'),
    ]).toMatchInlineSnapshot(`
      [
        "s2
      web1 ? left-alone: has kept a later switch: it is left as it is",
        "web2: shop-1.3.0 -> shop-1.3.0, activated",
        "web2: shop-1.3.0 -> shop-1.4.0, activated",
      ]
    `)
  })

  test('a frozen stage is not', () => {
    const hosts = seen(
      host('web1', [before, deployed('1.4.0')], { frozen }),
      host('web2', [before, putBack('1.4.0')], { frozen }),
    )
    expect(plannedText(recovered(hosts, 'back'))).toMatchInlineSnapshot(`
      "web1 ! frozen: production is frozen by ben from desk since 2026-11-20T12:00:00.000Z: the sale → \`deploy unlock production\` ends that
      web2 ! frozen: production is frozen by ben from desk since 2026-11-20T12:00:00.000Z: the sale → \`deploy unlock production\` ends that"
    `)
  })

  test('a rollback that split goes forward to what it went back to', () => {
    const hosts = seen(
      host('web1', [before, deployed('1.4.0'), rolledBack('1.3.0')]),
      host('web2', [before, deployed('1.4.0'), { ...putBack('1.3.0'), kind: 'rollback' }]),
    )
    expect(hostsText(hosts, 'forward')).toMatchInlineSnapshot(`
      "web1: shop-1.3.0
      web2: shop-1.4.0 -> shop-1.3.0, activated"
    `)
  })
})

test('both ways are explained with the revisions of every host', () => {
  const sought = findRecovery(aTarget(), putBackOnWeb2)
  if (sought.kind !== 'split') throw new Error('there is no split')
  expect(explainWays(sought.recovery)).toMatchInlineSnapshot(`
    [
      "--back: web1, web2 to shop-1.3.0",
      "--forward: web1, web2 to shop-1.4.0",
    ]
  `)
  expect(revisionsOf(sought.recovery)).toStrictEqual(['shop-1.3.0', 'shop-1.4.0'])
})
