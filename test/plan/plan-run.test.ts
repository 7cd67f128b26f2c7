import { describe, expect, test } from 'vitest'
import { type Link, notUndoneYet, type StageFacts, type SwitchRecord } from '../../src/model/facts.ts'
import type { Plan } from '../../src/model/plan.ts'
import { planRun } from '../../src/plan/plan-run.ts'
import { exec } from '../../src/recipe/exec.ts'
import { secret } from '../../src/recipe/secret.ts'
import { planAsJson } from '../../src/report/plan-table.ts'
import {
  aHolder,
  aHost,
  aRevision,
  aRun,
  aTarget,
  factsOf,
  seen,
  toDeploy,
  toRollBack,
  unread,
  wanted,
} from '../support/builders.ts'
import { phasesText, plannedText, planOf, stepsText, taskText } from '../support/plan-text.ts'
import { aStageHistory, bothAfter, deployed, leftOpen, putBack } from '../support/stage-histories.ts'

const reload = exec(['systemctl', '--user', 'reload', 'shop'])

describe('what a run does', () => {
  test('a first deploy builds on every host and makes the link', () => {
    const plan = planRun(aTarget(), seen(factsOf('web1'), factsOf('web2')), toDeploy('1.4.0'), aRun)
    expect(plannedText(plan)).toMatchInlineSnapshot(`
      "deploy shop-1.4.0 to production, /home/ana/shop/dist/shop-1.4.0.tar.gz
      web1: from no link
      web2: from no link
      lock: web1 web2
      upload: web1 web2, 50 at once
      build: web1 web2, 50 at once
      verify: web1 web2, 50 at once
      seal: web1 web2
      switch: web1 web2
      activate: web1 web2
      health: web1 web2
      prune: web1 web2"
    `)
  })

  test('a deploy with every kind of step', () => {
    const target = aTarget({
      leftOut: ['web3'],
      parallel: 1,
      verify: [exec(['.env/bin/python', '-m', 'unittest'])],
      hooks: {
        verify: [exec(['make', 'checks'])],
        'before:switch': [
          exec(['.env/bin/python', 'manage.py', 'migrate'], { once: true, env: { DSN: secret('DSN') } }),
        ],
        activate: [reload],
        failed: [exec(['logger', 'failed'])],
      },
    })
    const plan = planRun(target, bothAfter(deployed('1.2.0'), deployed('1.3.0')), toDeploy('1.4.0'), aRun)
    expect(plannedText(plan)).toMatchInlineSnapshot(`
      "deploy shop-1.4.0 to production, /home/ana/shop/dist/shop-1.4.0.tar.gz
      left out: web3
      web1: from shop-1.3.0
      web2: from shop-1.3.0
      lock: web1 web2
      upload: web1 web2, 1 at once
      build: web1 web2, 1 at once
      verify: web1 web2, 1 at once
        web1 verify/1 (verify): .env/bin/python -m unittest in /var/webcode/shop-1.4.0 for shop-1.4.0
        web1 verify/2 (hooks): make checks in /var/webcode/shop-1.4.0 for shop-1.4.0
        web2 verify/1 (verify): .env/bin/python -m unittest in /var/webcode/shop-1.4.0 for shop-1.4.0
        web2 verify/2 (hooks): make checks in /var/webcode/shop-1.4.0 for shop-1.4.0
      seal: web1 web2
      switch: web1 web2
        web1 before:switch/1 (hooks): .env/bin/python manage.py migrate in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0
      activate: web1 web2
        web1 activate/1 (hooks): systemctl --user reload shop in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0, undo: systemctl --user reload shop in /var/webcode/shop-1.3.0 for shop-1.3.0 after shop-1.2.0
        web2 activate/1 (hooks): systemctl --user reload shop in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0, undo: systemctl --user reload shop in /var/webcode/shop-1.3.0 for shop-1.3.0 after shop-1.2.0
      health: web1 web2
      prune: web1 web2
      failed: web1 logger failed in /var/webcode for shop-1.4.0 after shop-1.3.0
      failed: web2 logger failed in /var/webcode for shop-1.4.0 after shop-1.3.0"
    `)
  })

  test('a revision that stands is neither uploaded nor built nor verified again', () => {
    const hosts = ['web1', 'web2'].map(host =>
      factsOf(
        host,
        { production: aStageHistory([deployed('1.3.0')]) },
        { revisions: [aRevision('1.3.0'), aRevision('1.4.0')] },
      ),
    )
    const plan = planOf(planRun(aTarget(), seen(...hosts), toDeploy('1.4.0'), aRun))
    expect(phasesText(plan)).toMatchInlineSnapshot(`
      "lock: web1 web2
      switch: web1 web2
      activate: web1 web2
      health: web1 web2
      prune: web1 web2"
    `)
    expect(plan.sdist).toBeUndefined()
  })

  test('a host that was added later is built and switched, the others are left as they are', () => {
    const target = aTarget({ hosts: [aHost('web1'), aHost('web2'), aHost('web3')] })
    const plan = planRun(
      target,
      seen(...bothAfter(deployed('1.3.0')).values(), factsOf('web3')),
      toDeploy('1.3.0'),
      aRun,
    )
    expect(phasesText(planOf(plan))).toMatchInlineSnapshot(`
      "lock: web1 web2 web3
      upload: web3
      build: web3
      verify: web3
      seal: web3
      switch: web3
      activate: web3
      health: web3
      prune: web3"
    `)
  })

  test('prepare does everything but the switch', () => {
    const plan = planRun(
      aTarget(),
      bothAfter(deployed('1.3.0')),
      toDeploy('1.4.0', { intent: 'prepare' }),
      aRun,
    )
    expect(phasesText(planOf(plan))).toMatchInlineSnapshot(`
      "lock: web1 web2
      upload: web1 web2
      build: web1 web2
      verify: web1 web2
      seal: web1 web2"
    `)
    expect(planOf(plan).switchKind).toBeUndefined()
  })

  test('a rollback is a switch and nothing else', () => {
    const plan = planRun(
      aTarget(),
      bothAfter(deployed('1.3.0'), deployed('1.4.0')),
      toRollBack('1.3.0'),
      aRun,
    )
    expect(phasesText(planOf(plan))).toMatchInlineSnapshot(`
      "lock: web1 web2
      switch: web1 web2
      activate: web1 web2
      health: web1 web2
      prune: web1 web2"
    `)
    expect(planOf(plan).switchKind).toBe('rollback')
  })

  test('where an earlier version of this tool made two revisions of two spellings, one is switched to the other', () => {
    const plan = planRun(aTarget(), bothAfter(deployed('1.0.0'), deployed('1.0')), toDeploy('1.0.0'), aRun)
    expect(phasesText(planOf(plan))).toMatchInlineSnapshot(`
      "lock: web1 web2
      switch: web1 web2
      activate: web1 web2
      health: web1 web2
      prune: web1 web2"
    `)
  })

  test('the spelling of the project is that of the sdist', () => {
    const request = toDeploy('1.4.0', { wanted: wanted('1.4.0', { name: 'Shop-1.4.0', project: 'Shop' }) })
    expect(planOf(planRun(aTarget(), bothAfter(), request, aRun)).project).toBe('Shop')
  })
})

describe('nothing to do', () => {
  test('switching to what is live everywhere does nothing and says so', () => {
    const plan = planRun(aTarget(), bothAfter(deployed('1.3.0')), toDeploy('1.3.0'), aRun)
    expect(plannedText(plan)).toMatchInlineSnapshot(
      `"shop-1.3.0 is live on all 2 hosts of production: nothing to do."`,
    )
  })

  test('preparing what stands everywhere does nothing and says so', () => {
    const request = toDeploy('1.3.0', { intent: 'prepare' })
    const plan = planRun(aTarget({ hosts: [aHost('web1')] }), bothAfter(deployed('1.3.0')), request, aRun)
    expect(plannedText(plan)).toMatchInlineSnapshot(
      `"shop-1.3.0 stands verified on the host of production: nothing to do."`,
    )
  })

  test('warnings are said nevertheless', () => {
    const asRoot = factsOf('web1', { production: aStageHistory([deployed('1.3.0')]) }, { uid: 0 })
    const plan = planRun(aTarget({ hosts: [aHost('web1')] }), seen(asRoot), toDeploy('1.3.0'), aRun)
    expect(plannedText(plan)).toMatchInlineSnapshot(`
      "shop-1.3.0 is live on the host of production: nothing to do.
      web1 ? root-account: the deploy account is root: read-only revisions do not hold for root → deploy as a user of its own"
    `)
  })
})

describe('a switch that was put back, and not undone before its host died', () => {
  const due = [{ of: 'activate/1', ok: false, reason: notUndoneYet }]
  const history = (changes: Partial<StageFacts> = {}, undo: SwitchRecord['undo'] = due) =>
    aStageHistory([deployed('1.3.0'), putBack('1.4.0', { undo })], changes)
  const target = aTarget({ hooks: { activate: [reload] } })
  const planned = (web1: StageFacts, version: string) => {
    const clean = aStageHistory([deployed('1.3.0'), putBack('1.4.0')])
    const hosts = seen(factsOf('web1', { production: web1 }), factsOf('web2', { production: clean }))
    return planRun(target, hosts, toDeploy(version), aRun)
  }
  const first = (plan: Plan) =>
    plan.hosts.map(({ host, putBackFirst: { undoes, tasks } }) => [host, undoes, tasks.map(taskText)])

  test('has what is live activated again there, before another revision is', () => {
    expect(first(planOf(planned(history(), '1.5.0')))).toStrictEqual([
      [
        'web1',
        { id: 's2', steps: ['activate/1'] },
        ['systemctl --user reload shop in /var/webcode/shop-1.3.0 for shop-1.3.0 after nothing'],
      ],
      ['web2', undefined, []],
    ])
  })

  test('is all there is to do where the wanted revision is live', () => {
    expect(phasesText(planOf(planned(history(), '1.3.0')))).toBe('lock: web1 web2')
  })

  test('is left to its remote end while that has the lock, and to a person where its undo failed', () => {
    const failed = [{ of: 'activate/1', ok: false, reason: 'exit status 1' }]
    for (const web1 of [history({ lock: aHolder }), history({}, failed)])
      expect(planned(web1, '1.3.0').kind).toBe('nothing')
  })

  test('is over when a later one was kept', () => {
    const later = aStageHistory([
      deployed('1.3.0'),
      putBack('1.4.0', { undo: due }),
      deployed('1.3.0', { hosts: ['web1'] }),
    ])
    expect(planned(later, '1.3.0').kind).toBe('nothing')
  })
})

describe('an open switch that no host kept', () => {
  const moves = [deployed('1.3.0'), leftOpen('1.4.0')]
  const target = aTarget({
    hooks: { 'before:switch': [exec(['migrate'])], activate: [reload, exec(['touch', 'activated'])] },
  })

  test('is put back first, link and activation, and then the run goes on from there', () => {
    const plan = planRun(target, bothAfter(...moves), toDeploy('1.5.0'), aRun)
    expect(plannedText(plan)).toMatchInlineSnapshot(`
      "deploy shop-1.5.0 to production, /home/ana/shop/dist/shop-1.5.0.tar.gz
      web1: from shop-1.3.0, after s2 was put back
        touch activated in /var/webcode/shop-1.3.0 for shop-1.3.0 after nothing
        systemctl --user reload shop in /var/webcode/shop-1.3.0 for shop-1.3.0 after nothing
      web2: from shop-1.3.0, after s2 was put back
        touch activated in /var/webcode/shop-1.3.0 for shop-1.3.0 after nothing
        systemctl --user reload shop in /var/webcode/shop-1.3.0 for shop-1.3.0 after nothing
      lock: web1 web2
      upload: web1 web2, 50 at once
      build: web1 web2, 50 at once
      verify: web1 web2, 50 at once
      seal: web1 web2
      switch: web1 web2
        web1 before:switch/1 (hooks): migrate in /var/webcode/shop-1.5.0 for shop-1.5.0 after shop-1.3.0
        web2 before:switch/1 (hooks): migrate in /var/webcode/shop-1.5.0 for shop-1.5.0 after shop-1.3.0
      activate: web1 web2
        web1 activate/1 (hooks): systemctl --user reload shop in /var/webcode/shop-1.5.0 for shop-1.5.0 after shop-1.3.0, undo: systemctl --user reload shop in /var/webcode/shop-1.3.0 for shop-1.3.0 after nothing
        web1 activate/2 (hooks): touch activated in /var/webcode/shop-1.5.0 for shop-1.5.0 after shop-1.3.0, undo: touch activated in /var/webcode/shop-1.3.0 for shop-1.3.0 after nothing
        web2 activate/1 (hooks): systemctl --user reload shop in /var/webcode/shop-1.5.0 for shop-1.5.0 after shop-1.3.0, undo: systemctl --user reload shop in /var/webcode/shop-1.3.0 for shop-1.3.0 after nothing
        web2 activate/2 (hooks): touch activated in /var/webcode/shop-1.5.0 for shop-1.5.0 after shop-1.3.0, undo: touch activated in /var/webcode/shop-1.3.0 for shop-1.3.0 after nothing
      health: web1 web2
      prune: web1 web2"
    `)
  })

  test('is undone for the revision that it was switching to, not for the one that is wanted now', () => {
    const undo = exec(['stop', 'shop'])
    const explicit = aTarget({ hooks: { activate: [exec(['start', 'shop'], { undo })] } })
    const [web1] = planOf(planRun(explicit, bothAfter(...moves), toDeploy('1.5.0'), aRun)).hosts
    expect(web1?.putBackFirst.tasks.map(taskText)).toMatchInlineSnapshot(`
      [
        "stop shop in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0",
      ]
    `)
  })

  test('is all there is to do where the wanted revision is live after it', () => {
    const plan = planOf(planRun(target, bothAfter(...moves), toDeploy('1.3.0'), aRun))
    expect(phasesText(plan)).toMatchInlineSnapshot(`"lock: web1 web2"`)
    expect(plan.hosts.map(host => host.putBackFirst.switches)).toStrictEqual([['s2'], ['s2']])
  })

  test('is put back where it is open, and once-steps go to one of those hosts', () => {
    const once = aTarget({ hooks: { activate: [exec(['announce'], { once: true }), reload] } })
    const hosts = seen(
      factsOf('web1', { production: aStageHistory([deployed('1.3.0'), putBack('1.4.0')]) }),
      factsOf('web2', { production: aStageHistory(moves) }),
    )
    const plan = planOf(planRun(once, hosts, toDeploy('1.5.0'), aRun))
    const tasks = plan.hosts.map(({ host, putBackFirst: { switches, tasks: due } }) => ({
      host,
      switches,
      tasks: due.map(taskText),
    }))
    expect(tasks).toMatchInlineSnapshot(`
      [
        {
          "host": "web1",
          "switches": [],
          "tasks": [],
        },
        {
          "host": "web2",
          "switches": [
            "s2",
          ],
          "tasks": [
            "systemctl --user reload shop in /var/webcode/shop-1.3.0 for shop-1.3.0 after nothing",
            "announce in /var/webcode/shop-1.3.0 for shop-1.3.0 after nothing",
          ],
        },
      ]
    `)
  })

  test('does not make the plan stale: the basis is what was found, the rest what will be', () => {
    const [web1] = planOf(planRun(target, bothAfter(...moves), toDeploy('1.5.0'), aRun)).hosts
    expect({ found: web1?.basis, live: web1?.live, from: web1?.from }).toMatchInlineSnapshot(`
      {
        "found": {
          "linkText": "shop-1.4.0",
          "open": [
            "s2",
          ],
          "previous": "shop-1.3.0",
          "sha256": undefined,
          "verdict": undefined,
        },
        "from": "shop-1.3.0",
        "live": "shop-1.3.0",
      }
    `)
  })

  test('is put back without a host that left the stage, and that is said', () => {
    const history = aStageHistory(moves, { hosts: ['web1', 'web9'] })
    const one = aTarget({ hosts: [aHost('web1')] })
    const plan = planOf(planRun(one, seen(factsOf('web1', { production: history })), toDeploy('1.5.0'), aRun))
    expect(plan.warnings.map(({ message }) => message)).toMatchInlineSnapshot(`
      [
        "the switch s2 is put back without web9: not in production any more",
      ]
    `)
  })
})

describe('refused', () => {
  test('all problems of all hosts are found at once', () => {
    const target = aTarget({ hosts: ['web1', 'web2', 'web3', 'web4'].map(name => aHost(name)) })
    const history = aStageHistory([deployed('1.5.0')])
    const hosts = seen(
      unread('web1'),
      factsOf('web2', { production: history }, { root: { writable: false, why: 'Permission denied' } }),
      factsOf('web3', { production: history }, { root: { id: 'root of web4', freeBytes: 0 } }),
      factsOf('web4', { production: aStageHistory([], { link: { kind: 'directory' } }) }),
    )
    expect(plannedText(planRun(target, hosts, toDeploy('1.4.0'), aRun))).toMatchInlineSnapshot(`
      "web1 ! unreachable: no route to host
      web4 ! same-root: has the very root of web3 (/var/webcode): one host under two names, or a shared file system → every root is one host: take one of the two out
      web2 ! root-not-writable: the root /var/webcode cannot be written by deploy: Permission denied → as root on web2: install -d -o deploy /var/webcode
      web2 ! downgrade: 1.4.0 is lower than 1.5.0, which is live on production → go back with \`deploy rollback production\`, or say --allow-downgrade
      web3 ! downgrade: 1.4.0 is lower than 1.5.0, which is live on production → go back with \`deploy rollback production\`, or say --allow-downgrade
      web3 ! disk: 0 MiB are free at /var/webcode, about 65 MiB are needed → make room there: \`deploy prune production\` removes old revisions
      web4 ! link-not-a-link: /var/webcode/production is a directory: it is left untouched → move it away on web4, it was not made here"
    `)
  })

  test('a host that nobody asked is as good as one that did not answer', () => {
    const hosts = seen(factsOf('web1'))
    expect(plannedText(planRun(aTarget(), hosts, toDeploy('1.4.0'), aRun))).toMatchInlineSnapshot(
      `"web2 ! unreachable: it was not asked"`,
    )
  })

  test('a split', () => {
    const hosts = seen(
      factsOf('web1', { production: aStageHistory([deployed('1.3.0'), leftOpen('1.4.0')]) }),
      factsOf('web2', { production: aStageHistory([deployed('1.3.0'), deployed('1.4.0')]) }),
    )
    expect(plannedText(planRun(aTarget(), hosts, toDeploy('1.5.0'), aRun))).toMatchInlineSnapshot(
      `
      "production ! split: the switch s2 of 2026-11-20T11:59:00.002Z from shop-1.3.0 to shop-1.4.0 is split: web1 has it open, web2 kept it → look at it with \`deploy status production\`
      then decide for all of them: \`deploy recover production --back\` or \`deploy recover production --forward\`"
    `,
    )
  })

  test('an open switch with a host that was left out: it has to be asked too', () => {
    const one = aTarget({ hosts: [aHost('web1')], leftOut: ['web2'] })
    const hosts = seen(factsOf('web1', { production: aStageHistory([leftOpen('1.4.0')]) }))
    expect(plannedText(planRun(one, hosts, toDeploy('1.5.0'), aRun))).toMatchInlineSnapshot(
      `
      "production ! split: the switch s1 of 2026-11-20T11:59:00.001Z from nothing to shop-1.4.0 is split: web1 has it open, web2 was not read → look at it with \`deploy status production\`; it can only be judged when web2 is asked too
      then decide for all of them: \`deploy recover production --back\` or \`deploy recover production --forward\`"
    `,
    )
  })

  test('an open switch can be judged by a host that was left out, if it was asked', () => {
    const one = aTarget({ hosts: [aHost('web1')], leftOut: ['web2'] })
    const plan = planOf(planRun(one, bothAfter(leftOpen('1.4.0')), toDeploy('1.5.0'), aRun))
    expect(plan.hosts.map(({ host, putBackFirst }) => [host, putBackFirst.switches])).toStrictEqual([
      ['web1', ['s1']],
    ])
  })

  test('in the middle of the switch of another run', () => {
    const history = aStageHistory([deployed('1.3.0'), leftOpen('1.4.0')], { lock: aHolder })
    const hosts = seen(factsOf('web1', { production: history }), factsOf('web2'))
    expect(plannedText(planRun(aTarget(), hosts, toDeploy('1.5.0'), aRun))).toMatchInlineSnapshot(
      `"web1 ! locked: is being switched: its lock is held by ben from desk (process 815) since 2026-11-20T11:55:00.000Z: deploy production → wait until that run has ended; the lock goes with it. \`--wait-lock SECONDS\` does that"`,
    )
  })

  test('a time that is none is said to be unknown', () => {
    const atMs = Number.MAX_SAFE_INTEGER
    const hosts = seen(
      factsOf('web1', { production: aStageHistory([leftOpen('1.4.0', { atMs })]) }),
      factsOf('web2', { production: aStageHistory([deployed('1.4.0', { atMs })]) }),
    )
    expect(plannedText(planRun(aTarget(), hosts, toDeploy('1.5.0'), aRun))).toMatchInlineSnapshot(
      `
      "production ! split: the switch s1 of an unknown time from nothing to shop-1.4.0 is split: web1 has it open, web2 kept it → look at it with \`deploy status production\`
      then decide for all of them: \`deploy recover production --back\` or \`deploy recover production --forward\`"
    `,
    )
  })
})

describe('a plan is data', () => {
  const target = aTarget({
    env: { TOKEN: secret('TOKEN') },
    hooks: { activate: [reload], failed: [reload], 'before:switch': [exec(['migrate'], { once: true })] },
  })
  const plan = planOf(planRun(target, bothAfter(deployed('1.3.0')), toDeploy('1.4.0'), aRun))

  test('it survives being written as JSON and read again', () => {
    const json = planAsJson(plan)
    expect(JSON.parse(JSON.stringify(json))).toStrictEqual(json)
    // Maps have become objects, nothing else is lost: functions would have thrown.
    expect(structuredClone(plan)).toStrictEqual(plan)
  })

  test('a secret is in it by name', () => {
    const [step] = plan.phases.find(({ name }) => name === 'activate')?.hosts.get('web1')?.inside ?? []
    expect(step?.env['TOKEN']).toStrictEqual({ secret: 'TOKEN' })
  })

  test('the same facts give the same plan', () => {
    const again = planOf(planRun(target, bothAfter(deployed('1.3.0')), toDeploy('1.4.0'), aRun))
    expect(again).toStrictEqual(plan)
  })
})

describe('links that were not made here', () => {
  const activated = aTarget({ hosts: [aHost('web1')], hooks: { activate: [reload] } })
  const withLink = (link: Link) => seen(factsOf('web1', { production: aStageHistory([], { link }) }))

  test('a link that leads out of the root is switched from, and undone for where it leads', () => {
    const link = { kind: 'link', text: '/srv/old/shop', revision: undefined, dangling: false } as const
    const plan = planOf(planRun(activated, withLink(link), toDeploy('1.4.0'), aRun))
    expect(plan.hosts[0]?.from).toBe('/srv/old/shop')
    expect(stepsText(plan, 'activate')).toMatchInlineSnapshot(
      `"web1 activate/1 (hooks): systemctl --user reload shop in /var/webcode/shop-1.4.0 for shop-1.4.0 after nothing, undo: systemctl --user reload shop in /srv/old/shop for shop after nothing"`,
    )
  })

  test('where a link leads nowhere there is nothing that a step could be undone for', () => {
    const link = { kind: 'link', text: 'shop-0.9', revision: 'shop-0.9', dangling: true } as const
    const plan = planOf(planRun(activated, withLink(link), toDeploy('1.4.0'), aRun))
    expect(stepsText(plan, 'activate')).toMatchInlineSnapshot(
      `"web1 activate/1 (hooks): systemctl --user reload shop in /var/webcode/shop-1.4.0 for shop-1.4.0 after nothing"`,
    )
  })
})
