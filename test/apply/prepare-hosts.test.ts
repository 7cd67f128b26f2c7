import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Refuse } from '../support/scripted-end.ts'
import { aRun } from './support/a-run.ts'
import { cut } from './support/simulated-host.ts'

test('a shared directory that cannot be made is no refusal of an untouched fleet: others have theirs already', async () => {
  const run = aRun({ makes: ['media'] })
  run.host('web2').faults['make-shared'] = () => {
    throw new Refuse('no-space', 'the disk is full')
  }
  expect((await run.go()).exit).toBe(4)
})

describe('locks: on all hosts or on none', () => {
  test('held by an older run: everything is given back at once, exit 7 names the holder', async () => {
    const run = aRun()
    run.host('web2').others.set('production', 'r1')
    const { exit } = await run.go()
    expect(exit).toBe(7)
    expect(run.story()).toMatchInlineSnapshot(`
      "[lock]
      [/lock]
      problem locked at web2: production is locked by bob from desk (process 77) since 2026-11-20T12:00:00.000Z: deploy production
      exit 7
        web1 shop-1.3.0: cancelled
        web2 shop-1.3.0: cancelled
        web3 shop-1.3.0: cancelled"
    `)
    expect(run.hosts.map(host => host.bodiesOf('unlock').map(({ name }) => name))).toMatchInlineSnapshot(`
      [
        [
          "production",
          "shop-1.4.0",
        ],
        [
          "shop-1.4.0",
        ],
        [
          "production",
          "shop-1.4.0",
        ],
      ]
    `)
    expect(run.hosts.map(host => host.locksHeld)).toStrictEqual([[], [], []])
  })

  test('held by a younger run, which gives way: it is asked again and goes on', async () => {
    const run = aRun({ hosts: ['web1', 'web2'], stands: true })
    run.host('web2').others.set('production', 'r9')
    setTimeout(() => run.host('web2').others.clear(), 20)
    const { exit } = await run.go()
    expect(exit).toBe(0)
  })

  test('held by a younger run that does not give way: after a while exit 7', async () => {
    const run = aRun({ hosts: ['web1'] })
    run.host('web1').others.set('shop-1.4.0', 'r9')
    const { exit } = await run.go()
    expect(exit).toBe(7)
    expect(run.host('web1').locksHeld).toStrictEqual([])
  })

  test('held by a younger run that was through before it gave way: that one won, exit 7', async () => {
    const run = aRun({ hosts: ['web1', 'web2'], stands: true })
    run.host('web2').others.set('production', 'r9')
    setTimeout(() => {
      for (const host of run.hosts) host.link = 'shop-1.5.0'
      run.host('web2').others.clear()
    }, 20)
    const { exit } = await run.go()
    expect(exit).toBe(7)
    expect(
      run.said.map(event => event.type === 'problem' && event.problem.message).filter(Boolean),
    ).toMatchInlineSnapshot(`
      [
        "production is locked by bob from desk (process 77) since 2026-11-20T12:00:00.000Z: deploy production",
        "the link was shop-1.3.0 and is shop-1.5.0",
        "the link was shop-1.3.0 and is shop-1.5.0",
      ]
    `)
    expect(run.hosts.map(host => host.done)).toStrictEqual([[], []])
  })

  test('held by one that has not yet said who it is: it is asked again', async () => {
    const run = aRun({ hosts: ['web1'], stands: true })
    run.host('web1').others.set('production', null)
    setTimeout(() => run.host('web1').others.clear(), 20)
    const { exit } = await run.go()
    expect(exit).toBe(0)
  })

  test('a host lost while it is asked: nothing is done on any, exit 4', async () => {
    const run = aRun({ hosts: ['web1', 'web2'] })
    run.host('web2').faults.lock = (_body, _usual, connection) => cut(connection)
    const { exit } = await run.go()
    expect(exit).toBe(4)
    expect(run.hosts.map(host => [host.done, host.locksHeld])).toStrictEqual([
      [[], []],
      [[], []],
    ])
  })
})

describe('the roots', () => {
  test('that belong to somebody else are all named, exit 3', async () => {
    const run = aRun()
    for (const name of ['web1', 'web3'])
      run.host(name).faults.settle = () => {
        throw new Refuse('other-project', 'the root is that of the project bakery')
      }
    const { exit } = await run.go()
    expect(exit).toBe(3)
    expect(run.said.filter(({ type }) => type === 'problem')).toMatchInlineSnapshot(`
      [
        {
          "problem": {
            "code": "root",
            "hint": undefined,
            "message": "the root is that of the project bakery",
            "severity": "error",
            "where": "web1",
          },
          "type": "problem",
        },
        {
          "problem": {
            "code": "root",
            "hint": undefined,
            "message": "the root is that of the project bakery",
            "severity": "error",
            "where": "web3",
          },
          "type": "problem",
        },
      ]
    `)
  })

  test('that are one and the same are refused: one host under two names', async () => {
    const run = aRun({ hosts: ['web1', 'web2'] })
    run.host('web2').faults.settle = () => ({ id: 'web1', project: 'shop' })
    const { exit } = await run.go()
    expect(exit).toBe(3)
    expect(run.hosts.map(host => [host.done, host.locksHeld])).toStrictEqual([
      [[], []],
      [[], []],
    ])
  })

  test('are settled, locked and looked at in one turn: a host is asked everything before it has answered anything', async () => {
    const run = aRun({ hosts: ['web1'], stands: true })
    const host = run.host('web1')
    const askedBefore: string[] = []
    host.faults.settle = async (_body, usual) => {
      await sleep(20)
      askedBefore.push(...host.bodiesOf('lock').map(({ name }) => `lock ${name}`))
      return usual()
    }
    const observe = async () => {
      askedBefore.push('observe')
      return host.facts('production')
    }
    const { exit } = await run.go({ observe })
    expect(exit).toBe(0)
    expect(askedBefore).toStrictEqual(['observe', 'lock production', 'lock shop-1.4.0'])
  })

  test('that another project binds while a run asks for its locks are refused like one that was bound before', async () => {
    const run = aRun({ hosts: ['web1', 'web2'] })
    run.host('web2').faults.lock = () => {
      throw new Refuse('other-project', 'the root is that of the project bakery')
    }
    const { exit } = await run.go()
    expect(exit).toBe(3)
    expect(run.hosts.map(host => [host.done, host.locksHeld])).toStrictEqual([
      [[], []],
      [[], []],
    ])
  })

  test('that are refused end a run at once that would wait for a lock', async () => {
    const run = aRun({ hosts: ['web1', 'web2'] })
    run.host('web1').others.set('production', 'r0')
    run.host('web2').faults.settle = () => {
      throw new Refuse('other-project', 'the root is that of the project bakery')
    }
    expect((await run.go({ waitLockMs: 60_000 })).exit).toBe(3)
  })
})

test('a plan that no longer holds is refused, with everything that changed, exit 3', async () => {
  const run = aRun()
  run.host('web1').link = 'shop-1.3.1'
  run.host('web3').link = undefined
  const { exit } = await run.go()
  expect(exit).toBe(3)
  expect(run.story()).toMatchInlineSnapshot(`
    "[lock]
    [/lock]
    problem stale-plan at web1: the link was shop-1.3.0 and is shop-1.3.1
    problem stale-plan at web3: the link was shop-1.3.0 and is nothing
    exit 3
      web1 shop-1.3.1: cancelled
      web2 shop-1.3.0: cancelled
      web3 nothing: cancelled"
  `)
})

describe('a switch that a dead run left open', () => {
  const open = { openSwitches: ['r1'], hosts: ['web1', 'web2'], stands: true } as const
  const record = {
    id: 'r1',
    kind: 'deploy',
    stage: 'production',
    from: 'shop-1.3.0',
    to: 'shop-1.3.9',
    recovers: undefined,
  } as const
  const opened = (live: string) => {
    const run = aRun(open)
    for (const host of run.hosts) {
      host.link = live
      host.records.set('r1', {
        ...record,
        hosts: [],
        except: [],
        exception: undefined,
        atMs: 0,
        by: 'bob',
        state: 'open',
        putBackFailed: undefined,
        undo: [],
      })
      host.faults['put-back'] = ({ id }, usual) => {
        if (id !== 'r1') return usual()
        host.link = 'shop-1.3.0'
        host.done.push('put back r1')
        return {
          link: { kind: 'link', text: host.link, revision: host.link, dangling: false },
          movedByOthers: false,
          started: [],
        }
      }
    }
    return run
  }
  const basisOf = () => ({
    linkText: 'shop-1.3.0',
    previous: undefined,
    verdict: undefined,
    sha256: undefined,
    open: ['r1'],
  })

  test('is put back, and the old revision activated, before anything else', async () => {
    const run = opened('shop-1.3.9')
    const { exit } = await run.go({ basisOf })
    expect(exit).toBe(0)
    expect(run.story().split('[/lock]')[0]).toMatchInlineSnapshot(`
      "[lock]
      web1 notice: the switch r1, which nobody kept: the link is put back, it names shop-1.3.0
      web1 reactivate/1 (after a switch that was not kept: activate the old one): ok
      web2 notice: the switch r1, which nobody kept: the link is put back, it names shop-1.3.0
      web2 reactivate/1 (after a switch that was not kept: activate the old one): ok
      "
    `)
    expect(run.host('web1').done.slice(0, 3)).toMatchInlineSnapshot(`
      [
        "put back r1",
        "reactivate/1 0",
        "fire shop-1.4.0",
      ]
    `)
    expect(run.host('web1').bodiesOf('put-back-done')).toStrictEqual([
      { id: 'r1', undo: [{ of: 'reactivate/1', ok: true, reason: null }] },
    ])
  })

  test('and is put back, but was not undone, has what is live activated again, and each step said to be done or lost', async () => {
    const steps = ['activate/1', 'before:switch/1']
    const run = aRun({ hosts: ['web1'], stands: true, undoes: { id: 'r1', steps } })
    const [host] = run.hosts
    host?.records.set('r1', {
      ...{
        ...record,
        hosts: [],
        except: [],
        exception: undefined,
        atMs: 0,
        by: 'bob',
        putBackFailed: undefined,
        undo: [],
      },
      state: 'put-back',
    })
    expect((await run.go()).exit).toBe(0)
    expect(run.story().split('[/lock]')[0]).toMatchInlineSnapshot(`
      "[lock]
      web1 notice: the switch r1 was put back, and not all of it undone: what is live is activated again
      web1 reactivate/1 (after a switch that was not kept: activate the old one): ok
      "
    `)
    expect(run.host('web1').bodiesOf('put-back-done')).toMatchInlineSnapshot(`
      [
        {
          "id": "r1",
          "undo": [
            {
              "of": "reactivate/1",
              "ok": true,
              "reason": null,
            },
            {
              "of": "activate/1",
              "ok": true,
              "reason": null,
            },
            {
              "of": "before:switch/1",
              "ok": false,
              "reason": "its host died before it was undone, and how to do that went with it",
            },
          ],
        },
      ]
    `)
  })

  test('and cannot be put back: the run ends there, and a person must decide, exit 6', async () => {
    const run = opened('shop-1.3.9')
    run.host('web2').faults['put-back'] = () => {
      throw new Refuse('io', 'the disk is gone')
    }
    const { exit } = await run.go({ basisOf })
    expect(exit).toBe(6)
    expect(run.said.filter(({ type }) => type === 'problem')).toMatchInlineSnapshot(`
      [
        {
          "problem": {
            "code": "stuck",
            "hint": "mend the cause, then decide: \`deploy recover production --back\` or \`deploy recover production --forward\`",
            "message": "the switch r1, which nobody kept, cannot be put back: the disk is gone",
            "severity": "error",
            "where": "web2",
          },
          "type": "problem",
        },
      ]
    `)
  })

  test('together with an older one: one of them stays open until the activation is over', async () => {
    const run = aRun({ openSwitches: ['r2', 'r1'], hosts: ['web1'], stands: true })
    const host = run.host('web1')
    const asked: string[] = []
    const link = { kind: 'link', text: 'shop-1.3.0', revision: 'shop-1.3.0', dangling: false } as const
    host.faults['put-back'] = ({ id }) => {
      asked.push(`put back ${id}`)
      return { link, movedByOthers: false, started: [] }
    }
    host.faults['put-back-done'] = ({ id, undo }) => {
      asked.push(`${id} is done: ${undo.map(({ of }) => of).join()}`)
      return {}
    }
    host.faults.run = (_body, usual) => {
      if (!asked.includes('activate')) asked.push('activate')
      return usual()
    }
    const { exit } = await run.go({ basisOf: () => ({ ...basisOf(), open: ['r2', 'r1'] }) })
    expect(exit).toBe(0)
    expect(asked).toMatchInlineSnapshot(`
      [
        "put back r2",
        "r2 is done: ",
        "put back r1",
        "activate",
        "r1 is done: reactivate/1",
        "put back r2",
        "r2 is done: reactivate/1",
      ]
    `)
  })

  test('and is lost meanwhile: nothing was switched, the next run tries again, exit 4', async () => {
    const run = opened('shop-1.3.9')
    run.host('web2').faults['put-back'] = (_body, _usual, connection) => cut(connection)
    expect((await run.go({ basisOf })).exit).toBe(4)
  })

  test('a host that does not answer to put an open switch back is given up as soon as in a switch', async () => {
    const run = opened('shop-1.3.9')
    run.host('web2').faults['put-back'] = () => new Promise(() => undefined)
    const { exit, hosts } = await run.go({ basisOf })
    expect(exit).toBe(4)
    expect(hosts['web2']?.outcome).toMatchObject({ reason: expect.stringContaining('within 0.15 s') })
  })
})

test("a host that does not say whether a lock is its runner's is given up, and the others give theirs back", async () => {
  const run = aRun({ hosts: ['web1', 'web2'], stands: true })
  run.host('web2').faults.lock = () => new Promise(() => undefined)
  const { exit } = await run.go()
  expect(exit).toBe(4)
  expect(run.host('web1').asked).toContain('unlock')
  expect(run.host('web2').connections.map(({ scripted }) => scripted.end.isLost)).toStrictEqual([true])
})
