import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { StageError } from '../../../src/model/stage-error.ts'
import { type Asking, Refuse } from '../../support/scripted-end.ts'
import type { ARun } from '../support/a-run.ts'
import { aRun } from '../support/a-run.ts'
import { type Connection, cut, exited, never, untilCancelled } from '../support/simulated-host.ts'

const stands = { stands: true } as const
const links = (run: ARun) => run.hosts.map(host => host.link)
const OLD = ['shop-1.3.0', 'shop-1.3.0', 'shop-1.3.0']
const NEW = ['shop-1.4.0', 'shop-1.4.0', 'shop-1.4.0']

/** What is said to be done about links that somebody else moved. */
const hintsOf = (run: ARun): readonly string[] =>
  run.said.flatMap(event =>
    event.type === 'problem' && event.problem.code === 'moved'
      ? [`${event.problem.where}: ${event.problem.hint}`]
      : [],
  )

/** The tale from the switch on, without what follows the table. */
const fromSwitch = (run: ARun): string => run.story().split('[/lock]\n')[1] ?? ''

const first = (run: ARun, name: string): Connection => {
  const [connection] = run.host(name).connections
  if (connection === undefined) throw new Error('never connected')
  return connection
}

describe('arm', () => {
  test('refused on one: nothing fires, what was armed is disarmed, what was started is undone, exit 4', async () => {
    const run = aRun({ ...stands, steps: [['before:switch', 'maintenance on']] })
    run.host('web2').faults.arm = () => {
      throw new Refuse('moved', 'the link is not what it was planned to be')
    }
    const { exit } = await run.go()
    expect(exit).toBe(4)
    expect(fromSwitch(run)).toMatchInlineSnapshot(`
      "[switch]
      web1 before:switch/1 (maintenance on): ok
      web1 undo before:switch/1 (undo of before:switch: maintenance on back): ok
      web1 put back to shop-1.3.0: ok
      web2 before:switch/1 (maintenance on): ok
      web2 undo before:switch/1 (undo of before:switch: maintenance on back): ok
      web2 put back to shop-1.3.0: ok
      web3 before:switch/1 (maintenance on): ok
      web3 undo before:switch/1 (undo of before:switch: maintenance on back): ok
      web3 put back to shop-1.3.0: ok
      [/switch]
      exit 4
        web1 shop-1.3.0: cancelled
        web2 shop-1.3.0: the link is not what it was planned to be
        web3 shop-1.3.0: cancelled"
    `)
    expect(run.hosts.flatMap(host => host.bodiesOf('fire'))).toStrictEqual([])
  })

  test('not answered in time: that host is put back as well, it may be armed', async () => {
    const run = aRun(stands)
    run.host('web2').faults.arm = async (_body, usual) => {
      await usual()
      return never()
    }
    const { exit } = await run.go()
    expect(exit).toBe(4)
    expect(run.host('web2').done).toStrictEqual(['put back'])
    expect(fromSwitch(run)).toMatchInlineSnapshot(`
      "[switch]
      web1 put back to shop-1.3.0: ok
      web2 put back to shop-1.3.0: ok
      web3 put back to shop-1.3.0: ok
      [/switch]
      exit 4
        web1 shop-1.3.0: cancelled
        web2 shop-1.3.0: arm was not answered within 0.15 s; it was put back
        web3 shop-1.3.0: cancelled"
    `)
  })

  test('a host lost while it arms: nothing was fired, so nothing is waited for, exit 4', async () => {
    const run = aRun(stands)
    run.host('web2').faults.arm = (_body, _usual, connection) => cut(connection)
    const { exit } = await run.go()
    expect(exit).toBe(4)
    expect(run.host('web2').connections.length).toBe(1)
    expect(fromSwitch(run)).toMatchInlineSnapshot(`
      "[switch]
      web1 put back to shop-1.3.0: ok
      web3 put back to shop-1.3.0: ok
      [/switch]
      exit 4
        web1 shop-1.3.0: cancelled
        web2 shop-1.3.0 (not read back): unknown: the remote end ended (the cable was cut)
        web3 shop-1.3.0: cancelled"
    `)
  })

  test('says what to undo, and who else switches', async () => {
    const run = aRun({
      ...stands,
      hosts: ['web1', 'web2'],
      steps: [
        ['verify', 'not undone'],
        ['before:switch', 'maintenance on'],
        ['activate', 'balance', { kind: 'local' }],
        ['health', 'ask', { kind: 'http-probe' }],
        ['prune', 'not undone'],
      ],
    })
    await run.go()
    const [body] = run.host('web1').bodiesOf('arm')
    expect({
      ...body,
      undo: body?.undo.map(({ of, run, probe }) => [of, run?.argv ?? probe?.url]),
    }).toMatchInlineSnapshot(`
      {
        "atMs": 0,
        "except": [],
        "exception": null,
        "from": "shop-1.3.0",
        "hosts": [
          "web1",
          "web2",
        ],
        "id": "r5",
        "kind": "deploy",
        "recovers": null,
        "stage": "production",
        "to": "shop-1.4.0",
        "undo": [
          [
            "before:switch/1",
            [
              "maintenance on back",
            ],
          ],
          [
            "health/1",
            "http://localhost/",
          ],
        ],
      }
    `)
  })
})

describe('fire', () => {
  test('refused on one: every host is put back, that one included, exit 5', async () => {
    const run = aRun(stands)
    run.host('web2').faults.fire = () => {
      throw new Refuse('io', 'rename: input/output error')
    }
    const { exit } = await run.go()
    expect(exit).toBe(5)
    expect(links(run)).toStrictEqual(OLD)
    expect(fromSwitch(run)).toMatchInlineSnapshot(`
      "[switch]
      web1 switched: shop-1.3.0 -> shop-1.4.0
      web1 put back to shop-1.3.0: ok
      web2 put back to shop-1.3.0: ok
      web3 switched: shop-1.3.0 -> shop-1.4.0
      web3 put back to shop-1.3.0: ok
      [/switch]
      exit 5
        web1 shop-1.3.0: cancelled
        web2 shop-1.3.0: rename: input/output error
        web3 shop-1.3.0: cancelled"
    `)
    expect(run.hosts.map(host => host.done)).toMatchInlineSnapshot(`
      [
        [
          "fire shop-1.4.0",
          "put back",
        ],
        [
          "put back",
        ],
        [
          "fire shop-1.4.0",
          "put back",
        ],
      ]
    `)
  })

  test('not confirmed in time: that host is put back over the same connection', async () => {
    const run = aRun(stands)
    run.host('web2').faults.fire = async (_body, usual) => {
      await usual()
      return never()
    }
    const { exit } = await run.go()
    expect(exit).toBe(5)
    expect(run.host('web2').connections.length).toBe(1)
    expect(run.host('web2').done).toStrictEqual(['fire shop-1.4.0', 'put back'])
  })

  test('leaves for all hosts in one turn of the event loop', async () => {
    const run = aRun(stands)
    let turns = 0
    const asked: number[] = []
    for (const host of run.hosts)
      host.faults.fire = (_body, usual) => {
        if (asked.length === 0) setImmediate(() => (turns += 1))
        asked.push(turns)
        return usual()
      }
    await run.go()
    expect(asked).toStrictEqual([0, 0, 0])
  })

  test('is not sent to anybody while one host is silent; that one is unknown, nothing was switched', async () => {
    const run = aRun({ ...stands, heartbeatMs: 300 })
    const host = run.host('web2')
    host.faults.arm = async (_body, usual, connection) => {
      connection.scripted.freeze(true)
      return usual()
    }
    // By then what was last heard of web2 is older than a third of the limit.
    run.host('web1').faults.arm = async (_body, usual) => {
      await sleep(150)
      return usual()
    }
    const { exit } = await run.go()
    expect(exit).toBe(4)
    expect(run.hosts.flatMap(one => one.bodiesOf('fire'))).toStrictEqual([])
    expect(links(run)).toStrictEqual(OLD)
  })
})

describe('a connection lost after fire was sent is never adopted, and never guessed about', () => {
  const lostInFire = (options: { readonly fires: boolean }) => {
    const run = aRun({ ...stands, steps: [['after:switch', 'reload']] })
    run.host('web2').faults.fire = async (_body, usual, connection) => {
      if (options.fires) await usual()
      return cut(connection)
    }
    return run
  }

  test.each([
    ['had not fired', { fires: false }],
    ['had fired', { fires: true }],
  ])('the host %s and put itself back: exit 5', async (_title, options) => {
    const run = lostInFire(options)
    const { exit, hosts } = await run.go()
    expect(exit).toBe(5)
    expect(links(run)).toStrictEqual(OLD)
    expect(hosts['web2']).toStrictEqual({
      live: 'shop-1.3.0',
      readBack: true,
      outcome: {
        kind: 'failed',
        reason: 'the connection was lost: the remote end ended (the cable was cut); it was put back',
      },
    })
  })

  test('it is found out in this order', async () => {
    const run = lostInFire({ fires: true })
    await run.go()
    expect(fromSwitch(run)).toMatchInlineSnapshot(`
      "[switch]
      web1 switched: shop-1.3.0 -> shop-1.4.0
      web1 put back to shop-1.3.0: ok
      web2 notice: the remote end ended (the cable was cut); finding out on a new connection what became of the switch
      web2 notice: found with the old link; its journal says put-back
      web2 put back to shop-1.3.0: ok
      web3 switched: shop-1.3.0 -> shop-1.4.0
      web3 put back to shop-1.3.0: ok
      [/switch]
      exit 5
        web1 shop-1.3.0: cancelled
        web2 shop-1.3.0: the connection was lost: the remote end ended (the cable was cut); it was put back
        web3 shop-1.3.0: cancelled"
    `)
    expect(
      run.host('web2').connections.map(({ scripted }) => scripted.asked.map(asked => asked.do)),
    ).toMatchInlineSnapshot(`
      [
        [
          "settle",
          "lock",
          "lock",
          "arm",
          "fire",
        ],
        [
          "lock",
          "read-back",
          "close",
        ],
      ]
    `)
  })

  test('its remote end died without putting back: it is put back over the new connection, exit 5', async () => {
    const run = lostInFire({ fires: true })
    const host = run.host('web2')
    host.whenAlone = 'dies'
    const { exit } = await run.go()
    expect(exit).toBe(5)
    expect(links(run)).toStrictEqual(OLD)
    expect(host.done).toStrictEqual(['fire shop-1.4.0', 'put back'])
  })

  test('its remote end died, and it cannot be put back from here: the table says what is, exit 6', async () => {
    const run = lostInFire({ fires: true })
    const host = run.host('web2')
    host.whenAlone = 'dies'
    host.faults['put-back'] = () => {
      throw new Refuse('read-only', 'the file system is read-only')
    }
    const { exit, hosts } = await run.go()
    expect(exit).toBe(6)
    expect(links(run)).toStrictEqual(['shop-1.3.0', 'shop-1.4.0', 'shop-1.3.0'])
    expect(hosts['web2']).toMatchInlineSnapshot(`
      {
        "live": "shop-1.4.0",
        "outcome": {
          "kind": "failed",
          "reason": "the file system is read-only",
        },
        "readBack": true,
      }
    `)
  })

  test.each(['dies', 'dies before its undo'] as const)(
    'its remote end %s: what is left is undone over the new connection',
    async whenAlone => {
      const run = aRun({
        ...stands,
        hosts: ['web1'],
        steps: [
          ['activate', 'reload'],
          ['health', 'ask', { undo: false }],
        ],
      })
      const host = run.host('web1')
      host.whenAlone = whenAlone
      host.faults.run = ({ spec }, usual, connection) =>
        spec.step === 'health/1' ? cut(connection) : usual()
      const { exit } = await run.go()
      expect(exit).toBe(5)
      const putBacks = whenAlone === 'dies' ? ['put back'] : ['put back', 'put back']
      expect(host.done).toStrictEqual(['fire shop-1.4.0', 'activate/1 0', ...putBacks, 'undo activate/1 0'])
      expect(
        host.bodiesOf('put-back-done').map(({ undo }) => undo.map(({ of, ok }) => [of, ok])),
      ).toStrictEqual([[['activate/1', true]]])
    },
  )

  test('its old remote end keeps the lock: nobody knows, exit 6', async () => {
    const run = lostInFire({ fires: true })
    run.host('web2').whenAlone = 'hangs'
    const { exit, hosts } = await run.go()
    expect(exit).toBe(6)
    expect(hosts['web2']).toMatchInlineSnapshot(`
      {
        "live": "shop-1.3.0",
        "outcome": {
          "kind": "unknown",
          "reason": "the connection was lost: the remote end ended (the cable was cut); what became of the switch could not be found out",
        },
        "readBack": false,
      }
    `)
  })

  test('it is reached again and never says how it stands: nobody knows, exit 6', async () => {
    const run = lostInFire({ fires: true })
    const isBack = (name: string) => run.host(name).connections.length > 1
    const observe = async (name: string, _end: unknown, limitMs: number) => {
      if (!isBack(name)) return run.host(name).facts('production')
      await sleep(limitMs)
      throw new StageError('connection-lost', 'it was not answered in time')
    }
    const { exit, hosts } = await run.go({ observe })
    expect(exit).toBe(6)
    expect(hosts['web2']?.outcome.kind).toBe('unknown')
  })

  test('it cannot be reached again: nobody knows, exit 6', async () => {
    const run = lostInFire({ fires: true })
    run.when(
      event => event.type === 'notice',
      () => {
        run.host('web2').reachable = false
      },
    )
    const { exit, hosts } = await run.go()
    expect(exit).toBe(6)
    expect(hosts['web2']?.readBack).toBe(false)
  })

  test('another run holds the lock by now: it is read, and left to that run', async () => {
    const run = lostInFire({ fires: true })
    const host = run.host('web2')
    host.whenAlone = 'dies'
    host.others.clear()
    run.when(
      event => event.type === 'notice',
      () => host.others.set('production', 'r9'),
    )
    const { exit, hosts } = await run.go()
    expect(exit).toBe(6)
    expect(hosts['web2']).toMatchInlineSnapshot(`
      {
        "live": "shop-1.4.0",
        "outcome": {
          "kind": "failed",
          "reason": "the connection was lost: the remote end ended (the cable was cut)",
        },
        "readBack": true,
      }
    `)
    expect(host.bodiesOf('put-back')).toStrictEqual([])
  })
})

describe('put back', () => {
  const threeSlots = () =>
    aRun({
      ...stands,
      hosts: ['web1', 'web2'],
      steps: [
        ['before:switch', 'maintenance on'],
        ['after:switch', 'warm'],
        ['activate', 'reload'],
        ['activate', 'restart workers'],
        ['health', 'ask', { undo: false }],
      ],
    })

  test.each([
    ['after:switch', ['after:switch/1']],
    ['activate', ['activate/1', 'after:switch/1']],
    ['health', ['activate/2', 'activate/1', 'after:switch/1']],
  ] as const)(
    'a failure in %s: the link first, then what was started is undone, latest first, exit 5',
    async (slot, undone) => {
      const run = threeSlots()
      run.host('web2').steps.set(`${slot}/1`, () => exited(1))
      const { exit } = await run.go()
      expect(exit).toBe(5)
      expect(links(run)).toStrictEqual(['shop-1.3.0', 'shop-1.3.0'])
      const { done } = run.host('web2')
      expect(done.slice(done.indexOf('put back') - 1)).toStrictEqual([
        `${slot}/1 1`,
        'put back',
        ...undone.map(step => `undo ${step} 0`),
        'undo before:switch/1 0',
      ])
    },
  )

  test('is journaled with how every undo ended', async () => {
    const run = threeSlots()
    run.host('web2').steps.set('activate/2', () => exited(1))
    await run.go()
    expect(run.host('web2').bodiesOf('put-back-done')).toMatchInlineSnapshot(`
      [
        {
          "id": "r5",
          "undo": [
            {
              "of": "activate/2",
              "ok": true,
              "reason": null,
            },
            {
              "of": "activate/1",
              "ok": true,
              "reason": null,
            },
            {
              "of": "after:switch/1",
              "ok": true,
              "reason": null,
            },
            {
              "of": "before:switch/1",
              "ok": true,
              "reason": null,
            },
          ],
        },
      ]
    `)
  })

  test('waits for the running step of the host to end before it undoes it', async () => {
    const run = threeSlots()
    run.host('web1').steps.set('activate/1', untilCancelled)
    run.host('web2').steps.set('activate/1', () => exited(1))
    await run.go()
    expect(run.host('web1').done).toMatchInlineSnapshot(`
      [
        "before:switch/1 0",
        "fire shop-1.4.0",
        "after:switch/1 0",
        "activate/1 cancelled",
        "put back",
        "undo activate/1 0",
        "undo after:switch/1 0",
        "undo before:switch/1 0",
      ]
    `)
  })

  test('an undo that fails: every link reads old, and yet a person must look, exit 6', async () => {
    const run = threeSlots()
    run.host('web2').steps.set('activate/1', () => exited(1))
    run.host('web1').steps.set('undo activate/1', () => exited(1))
    const { exit, hosts } = await run.go()
    expect(exit).toBe(6)
    expect(hosts).toMatchInlineSnapshot(`
      {
        "web1": {
          "live": "shop-1.3.0",
          "outcome": {
            "kind": "failed",
            "reason": "the undo of activate/1 failed: exit 1",
          },
          "readBack": true,
        },
        "web2": {
          "live": "shop-1.3.0",
          "outcome": {
            "kind": "failed",
            "reason": "exit 1",
          },
          "readBack": true,
        },
      }
    `)
  })

  test('that fails is tried again over a new connection; then the table says what is', async () => {
    const run = threeSlots()
    run.host('web1').steps.set('activate/1', () => exited(1))
    const host = run.host('web2')
    host.whenAlone = 'dies'
    host.faults['put-back'] = () => {
      throw new Refuse('read-only', 'the file system is read-only')
    }
    const { exit, hosts } = await run.go()
    expect(exit).toBe(6)
    expect(hosts['web2']).toMatchInlineSnapshot(`
      {
        "live": "shop-1.4.0",
        "outcome": {
          "kind": "failed",
          "reason": "the file system is read-only",
        },
        "readBack": true,
      }
    `)
    expect(host.bodiesOf('put-back').length).toBe(2)
  })

  test('a link that somebody else moved meanwhile is left alone and said, exit 6', async () => {
    const run = threeSlots()
    run.host('web2').steps.set('activate/1', () => {
      run.host('web2').link = 'shop-0.9.0'
      return exited(1)
    })
    const { exit, hosts } = await run.go()
    expect(exit).toBe(6)
    expect(hintsOf(run)).toStrictEqual(['web2: `deploy rollback production --to shop-1.3.0` puts it back'])
    expect(hosts['web2']).toMatchInlineSnapshot(`
      {
        "live": "shop-0.9.0",
        "outcome": {
          "kind": "failed",
          "reason": "exit 1; the link was moved by somebody else: it names shop-0.9.0 and is left alone",
        },
        "readBack": true,
      }
    `)
  })

  test('lost in it: the host undoes the rest itself, and its journal is believed', async () => {
    const run = threeSlots()
    run.host('web1').steps.set('activate/2', () => exited(1))
    const host = run.host('web2')
    let cuts = 0
    host.faults.run = ({ undoOf }, usual, connection) => {
      if (undoOf !== 'activate/1' || cuts > 0) return usual()
      cuts += 1
      return cut(connection)
    }
    const { exit } = await run.go()
    expect(exit).toBe(5)
    expect(host.done).toMatchInlineSnapshot(`
      [
        "before:switch/1 0",
        "fire shop-1.4.0",
        "after:switch/1 0",
        "activate/1 0",
        "activate/2 0",
        "put back",
        "undo activate/2 0",
        "undo activate/1 0 (alone)",
        "undo after:switch/1 0 (alone)",
        "undo before:switch/1 0 (alone)",
      ]
    `)
  })

  test('a local step is undone by the runner, also for a host that is lost', async () => {
    const run = aRun({
      ...stands,
      hosts: ['web1'],
      steps: [
        ['activate', 'balance', { kind: 'local' }],
        ['health', 'ask'],
      ],
    })
    run.host('web1').faults.run = (_body, _usual, connection) => {
      run.host('web1').reachable = false
      return cut(connection)
    }
    const { exit } = await run.go()
    expect(exit).toBe(6)
    expect(run.locally).toStrictEqual(['balance', 'balance back'])
  })

  test('where no link was, it is taken away again', async () => {
    const run = aRun({
      ...stands,
      hosts: ['web1'],
      live: undefined,
      steps: [['health', 'ask', { undo: false }]],
    })
    run.host('web1').link = undefined
    run.host('web1').steps.set('health/1', () => exited(1))
    const { exit } = await run.go()
    expect(exit).toBe(5)
    expect(run.host('web1').link).toBeUndefined()
  })
})

test('what a host warns of while it switches is said', async () => {
  const run = aRun({ ...stands, steps: [['activate', 'reload']] })
  const { faults, steps } = run.host('web2')
  const warning =
    <T>(what: string) =>
    (_body: unknown, usual: () => Promise<T>, _connection: unknown, { print }: Asking) => {
      print('stderr', `stage-deploy: ${what} took no line`)
      return usual()
    }
  faults.arm = warning('arm')
  faults.fire = warning('fire')
  faults['put-back'] = warning('put back')
  faults['put-back-done'] = warning('put back done')
  steps.set('activate/1', () => exited(1))
  await run.go()
  const notices = run.said.flatMap(event =>
    event.type === 'notice' ? [`${event.host}: ${event.message}`] : [],
  )
  expect(notices).toStrictEqual([
    'web2: arm took no line',
    'web2: fire took no line',
    'web2: put back took no line',
    'web2: put back done took no line',
  ])
})

describe('keep', () => {
  test('that the journal could not take is said', async () => {
    const run = aRun(stands)
    run.host('web2').faults.keep = (_body, usual, _connection, { print }) => {
      print('stderr', 'stage-deploy: writing kept into the journal: no space left on device')
      return usual()
    }
    await run.go()
    expect(run.story()).toContain('web2 notice: writing kept into the journal: no space left on device')
  })

  /** The wall clock goes on, the monotonic one does not, and then `keep` is about to leave. */
  const suspendedBeforeKeep = (run: ARun, meanwhile: () => void = () => undefined) => {
    let asleepMs = 0
    run.when(
      event => event.type === 'phase-finished' && event.phase === 'health',
      () => {
        asleepMs = 3_600_000
        meanwhile()
      },
    )
    return { wallMs: () => performance.now() + asleepMs }
  }

  test('after the runner was suspended: its hosts are asked once more, and kept if they are there, exit 0', async () => {
    const run = aRun(stands)
    const { exit } = await run.go(suspendedBeforeKeep(run))
    expect([exit, links(run)]).toStrictEqual([0, NEW])
  })

  test('after the runner was suspended for so long that a host is gone: nobody keeps, exit 5', async () => {
    const run = aRun({ ...stands, heartbeatMs: 900 })
    const clocks = suspendedBeforeKeep(run, () => first(run, 'web2').scripted.freeze(true))
    const { exit } = await run.go(clocks)
    expect(exit).toBe(5)
    expect(run.hosts.flatMap(host => host.bodiesOf('keep'))).toStrictEqual([])
    expect(links(run)).toStrictEqual(OLD)
  })

  const movedAfterKeep = (...names: readonly string[]) => {
    const run = aRun(stands)
    for (const name of names) {
      const host = run.host(name)
      host.faults.keep = async (_body, usual) => {
        const answer = await usual()
        host.link = 'shop-0.9.0'
        return answer
      }
    }
    return run
  }

  test.each([
    ['one link', ['web2']],
    ['all links', ['web1', 'web2', 'web3']],
  ])('and %s moved by somebody else: said of each, with what puts it back, exit 6', async (_what, names) => {
    const run = movedAfterKeep(...names)
    const { exit, hosts } = await run.go()
    expect(exit).toBe(6)
    const reason = 'the link was moved by somebody else: it names shop-0.9.0 and is left alone'
    for (const [name, { outcome }] of Object.entries(hosts))
      expect(outcome).toStrictEqual(names.includes(name) ? { kind: 'failed', reason } : { kind: 'ok' })
    const hint = '`deploy rollback production --to shop-1.4.0` puts it back'
    expect(hintsOf(run)).toStrictEqual(names.map(name => `${name}: ${hint}`))
  })

  test('and a link moved back to what it was before is not what the switch has made of it either', async () => {
    const run = movedAfterKeep('web2')
    const host = run.host('web2')
    host.faults['read-back'] = (_body, usual) => {
      host.link = 'shop-1.3.0'
      return usual()
    }
    const { exit } = await run.go()
    expect(exit).toBe(6)
    expect(hintsOf(run)).toStrictEqual(['web2: `deploy rollback production --to shop-1.4.0` puts it back'])
  })

  test('and a directory in the place of a link: it is in the way of what puts it back', async () => {
    const run = aRun(stands)
    run.host('web2').faults['read-back'] = () => ({
      links: { production: { kind: 'directory', text: null, revision: null, dangling: false } },
      unrecorded: null,
    })
    const { exit, hosts } = await run.go()
    expect([exit, hosts['web2']?.live]).toStrictEqual([6, undefined])
    expect(hintsOf(run)).toStrictEqual([
      'web2: move what is in its place away on web2; then `deploy rollback production --to shop-1.4.0` puts it back',
    ])
  })

  const offTheRecord = (atTheEnd: string | null) => {
    const run = aRun(stands)
    const { faults } = run.host('web2')
    faults.keep = async (_body, usual) => ({ ...(await usual()), unrecorded: 'no space left on device' })
    faults['read-back'] = async (_body, usual) => ({ ...(await usual()), unrecorded: atTheEnd })
    return run
  }

  test('that the journal took later, when old revisions were pruned, is kept like any other, exit 0', async () => {
    const { exit, hosts } = await offTheRecord(null).go()
    expect([exit, hosts['web2']?.outcome]).toStrictEqual([0, { kind: 'ok' }])
  })

  test('that the journal never took is no success: the next run would put it back, exit 6', async () => {
    const run = offTheRecord('no space left on device')
    const { exit } = await run.go()
    expect(exit).toBe(6)
    expect(links(run)).toStrictEqual(NEW)
    expect(run.said.filter(({ type }) => type === 'problem')).toMatchInlineSnapshot(`
      [
        {
          "problem": {
            "code": "unrecorded",
            "hint": "make room for the journal, then \`deploy recover production --forward\`: until then it calls the switch open",
            "message": "it kept the switch, and its journal could not take that: no space left on device",
            "severity": "error",
            "where": "web2",
          },
          "type": "problem",
        },
      ]
    `)
    expect(run.story().split('exit 6')[1]).toMatchInlineSnapshot(`
      "
        web1 shop-1.4.0: ok
        web2 shop-1.4.0: it kept the switch, and its journal could not take that: no space left on device
        web3 shop-1.4.0: ok"
    `)
  })

  test('lost on one that had kept: it is read there, and all is well', async () => {
    const run = aRun(stands)
    run.host('web2').faults.keep = async (_body, usual, connection) => {
      await usual()
      return cut(connection)
    }
    const { exit, hosts } = await run.go()
    expect(exit).toBe(0)
    expect(links(run)).toStrictEqual(NEW)
    expect(hosts['web2']).toStrictEqual({ live: 'shop-1.4.0', readBack: true, outcome: { kind: 'ok' } })
  })

  const putsItselfBack = () => {
    const run = aRun({
      ...stands,
      steps: [
        ['activate', 'reload'],
        ['health', 'ask', { undo: false }],
      ],
    })
    run.host('web2').faults.keep = (_body, usual, connection) =>
      connection === first(run, 'web2') ? cut(connection) : usual()
    return run
  }

  test('lost on one that put itself back: it goes forward again, exit 0', async () => {
    const run = putsItselfBack()
    const { exit } = await run.go()
    expect(exit).toBe(0)
    expect(links(run)).toStrictEqual(NEW)
    expect(run.host('web2').done).toMatchInlineSnapshot(`
      [
        "fire shop-1.4.0",
        "activate/1 0",
        "health/1 0",
        "put back",
        "undo activate/1 0 (alone)",
        "fire shop-1.4.0",
        "activate/1 0",
        "health/1 0",
        "keep shop-1.4.0",
        "prune shop-1.0.0",
      ]
    `)
    expect(fromSwitch(run).split('[/health]\n')[1]).toMatchInlineSnapshot(`
      "web1 kept shop-1.4.0
      web2 notice: the remote end ended (the cable was cut); finding out on a new connection what became of the switch
      web2 notice: found with the old link; its journal says put-back
      web2 put back to shop-1.3.0: ok
      web2 activate/1 (reload): ok
      web2 health/1 (ask): ok
      web2 kept shop-1.4.0
      web3 kept shop-1.4.0
      [prune]
      web1 notice: pruned shop-1.0.0
      web2 notice: pruned shop-1.0.0
      web3 notice: pruned shop-1.0.0
      [/prune]
      exit 0
        web1 shop-1.4.0: ok
        web2 shop-1.4.0: ok
        web3 shop-1.4.0: ok"
    `)
    expect(run.hosts.map(host => host.records.get('r5')?.state)).toStrictEqual(['kept', 'kept', 'kept'])
  })

  test('lost once more after an undo that took longer than it is waited for: found out again, exit 5', async () => {
    const run = aRun({
      ...stands,
      steps: [
        ['activate', 'reload'],
        ['health', 'ask', { undo: false }],
      ],
    })
    const host = run.host('web2')
    host.whenAlone = 'dies'
    host.faults.run = async (body, usual, connection) => {
      if (connection !== first(run, 'web2')) await sleep(400)
      return body.spec.step === 'health/1' ? cut(connection) : usual()
    }
    host.faults['put-back-done'] = (_body, usual, connection) =>
      host.connections.indexOf(connection) === 1 ? cut(connection) : usual()
    const { exit } = await run.go()
    expect(exit).toBe(5)
    expect(host.connections.length).toBe(3)
  })

  describe('what `before:switch` had prepared is undone with the rest', () => {
    const prepared = () => {
      const run = aRun({
        ...stands,
        steps: [
          ['before:switch', 'migrate'],
          ['before:switch', 'announce', { undo: false }],
          ['activate', 'reload'],
        ],
      })
      const host = run.host('web2')
      host.faults.keep = (_body, usual, connection) =>
        connection === first(run, 'web2') ? cut(connection) : usual()
      return { run, host }
    }
    const again = [
      'before:switch/1 0',
      'fire shop-1.4.0',
      'activate/1 0',
      'keep shop-1.4.0',
      'prune shop-1.0.0',
    ]

    test('going forward again prepares it once more before it arms, and nothing that was not undone', async () => {
      const { run, host } = prepared()
      expect((await run.go()).exit).toBe(0)
      expect(host.done.slice(host.done.indexOf('undo before:switch/1 0 (alone)') + 1)).toStrictEqual(again)
      const asked = host.asked.slice(host.asked.lastIndexOf('load-undo'))
      expect(asked.slice(0, 3)).toStrictEqual(['load-undo', 'run', 'arm'])
    })

    test('also where the runner undid it, because the remote end had died', async () => {
      const { run, host } = prepared()
      host.whenAlone = 'dies'
      expect((await run.go()).exit).toBe(0)
      expect(host.done.slice(host.done.indexOf('undo before:switch/1 0') + 1)).toStrictEqual(again)
    })

    test('also where the host is lost once more while it prepares', async () => {
      const { run, host } = prepared()
      host.faults.arm = (_body, usual, connection) =>
        host.connections.indexOf(connection) === 1 ? cut(connection) : usual()
      expect((await run.go()).exit).toBe(0)
      expect(host.done.slice(host.done.lastIndexOf('undo before:switch/1 0 (alone)') + 1)).toStrictEqual(
        again,
      )
    })
  })

  test('going forward again, lost once more: begun again until it is kept', async () => {
    const run = putsItselfBack()
    const host = run.host('web2')
    host.faults.fire = (_body, usual, connection) =>
      host.connections.indexOf(connection) === 1 ? cut(connection) : usual()
    const { exit } = await run.go()
    expect(exit).toBe(0)
    expect(host.connections.length).toBe(3)
    expect(links(run)).toStrictEqual(NEW)
  })

  test('going forward again fails in a step: it is put back, read as that, and split is said, exit 6', async () => {
    const run = putsItselfBack()
    const host = run.host('web2')
    host.steps.set('health/1', () => exited(host.connections.length === 1 ? 0 : 1))
    const { exit, hosts } = await run.go()
    expect(exit).toBe(6)
    expect(links(run)).toStrictEqual(['shop-1.4.0', 'shop-1.3.0', 'shop-1.4.0'])
    expect(hosts['web2']).toMatchInlineSnapshot(`
      {
        "live": "shop-1.3.0",
        "outcome": {
          "kind": "failed",
          "reason": "it was put back again: exit 1",
        },
        "readBack": true,
      }
    `)
  })

  test('lost for good: what the runner did itself for that host stays done, for the others have kept', async () => {
    const run = aRun({ ...stands, steps: [['activate', 'balance', { kind: 'local', on: ['web2'] }]] })
    const host = run.host('web2')
    host.faults.keep = (_body, _usual, connection) => {
      host.reachable = false
      return cut(connection)
    }
    const { exit } = await run.go()
    expect([exit, run.locally]).toStrictEqual([6, ['balance']])
  })

  test('going forward again fails, and so does its put back: both are said, exit 6', async () => {
    const run = putsItselfBack()
    const host = run.host('web2')
    host.steps.set('health/1', () => exited(host.connections.length === 1 ? 0 : 1))
    host.faults['put-back'] = () => {
      throw new Refuse('read-only', 'the file system is read-only')
    }
    const { exit, hosts } = await run.go()
    expect(exit).toBe(6)
    expect(hosts['web2']).toMatchObject({
      live: 'shop-1.4.0',
      outcome: { reason: 'exit 1; and to put it back again failed: the file system is read-only' },
    })
  })

  test('going forward again, lost again and again: given up when the time is over, exit 6', async () => {
    const run = putsItselfBack()
    const host = run.host('web2')
    host.faults.keep = (_body, _usual, connection) => cut(connection)
    const { exit } = await run.go()
    expect(exit).toBe(6)
    expect(host.connections.length).toBeGreaterThan(2)
    expect(host.link).toBe('shop-1.3.0')
  })

  test('lost on one that cannot be reached again: nothing is put back anywhere, exit 6', async () => {
    const run = putsItselfBack()
    run.when(
      event => event.type === 'notice',
      () => {
        run.host('web2').reachable = false
      },
    )
    const { exit } = await run.go()
    expect(exit).toBe(6)
    expect(run.hosts.map(host => host.bodiesOf('put-back'))).toStrictEqual([[], [], []])
    expect(run.host('web1').link).toBe('shop-1.4.0')
  })
})

describe('signals in the switch', () => {
  test.each(['after:switch', 'activate', 'health'] as const)(
    'the first one in %s puts back, exit 5',
    async slot => {
      const run = aRun({ ...stands, steps: [[slot, 'long']] })
      for (const host of run.hosts) host.steps.set(`${slot}/1`, untilCancelled)
      run.when(
        event => event.type === 'step-started',
        () => setTimeout(run.signal, 5),
      )
      const { exit } = await run.go()
      expect(exit).toBe(5)
      expect(links(run)).toStrictEqual(OLD)
      expect(run.host('web1').done).toStrictEqual([
        'fire shop-1.4.0',
        'put back',
        `${slot}/1 cancelled`,
        `undo ${slot}/1 0`,
      ])
    },
  )

  test('the first one while it arms: nothing fires, exit 130', async () => {
    const run = aRun(stands)
    run.host('web2').faults.arm = async (_body, usual) => {
      run.signal()
      return usual()
    }
    const { exit } = await run.go()
    expect(exit).toBe(130)
    expect(run.hosts.flatMap(host => host.bodiesOf('fire'))).toStrictEqual([])
  })

  test('the first one after keep left changes nothing any more, exit 0', async () => {
    const run = aRun(stands)
    run.host('web2').faults.keep = async (_body, usual) => {
      run.signal()
      return usual()
    }
    const { exit } = await run.go()
    expect(exit).toBe(0)
    expect(links(run)).toStrictEqual(NEW)
  })

  test('the second one leaves at once, exit 6; the hosts put themselves back', async () => {
    const run = aRun({ ...stands, steps: [['activate', 'deaf']] })
    for (const host of run.hosts) host.steps.set('activate/1', () => never())
    run.when(
      event => event.type === 'step-started',
      () => {
        setTimeout(run.signal, 5)
        setTimeout(run.signal, 10)
      },
    )
    const { exit, hosts } = await run.go()
    expect({ exit, hosts }).toMatchInlineSnapshot(`
      {
        "exit": 6,
        "hosts": {
          "web1": {
            "live": "shop-1.3.0",
            "outcome": {
              "kind": "unknown",
              "reason": "it was left in the middle of the switch",
            },
            "readBack": false,
          },
          "web2": {
            "live": "shop-1.3.0",
            "outcome": {
              "kind": "unknown",
              "reason": "it was left in the middle of the switch",
            },
            "readBack": false,
          },
          "web3": {
            "live": "shop-1.3.0",
            "outcome": {
              "kind": "unknown",
              "reason": "it was left in the middle of the switch",
            },
            "readBack": false,
          },
        },
      }
    `)
    await expect.poll(() => links(run)).toStrictEqual(OLD)
  })

  test('a bug in the switch lets the hosts put themselves back, and nothing that is read meanwhile is shown', async () => {
    const run = aRun({ ...stands, steps: [['activate', 'reload']] })
    const { exit, hosts } = await run.go({
      monotonicMs: () => {
        if (run.host('web1').link === 'shop-1.4.0') throw new Error('a clock that fails')
        return performance.now()
      },
    })
    expect({ exit, hosts }).toMatchInlineSnapshot(`
      {
        "exit": 6,
        "hosts": {
          "web1": {
            "live": "shop-1.4.0",
            "outcome": {
              "kind": "unknown",
              "reason": "it was left in the middle of the switch",
            },
            "readBack": false,
          },
          "web2": {
            "live": "shop-1.4.0",
            "outcome": {
              "kind": "unknown",
              "reason": "it was left in the middle of the switch",
            },
            "readBack": false,
          },
          "web3": {
            "live": "shop-1.4.0",
            "outcome": {
              "kind": "unknown",
              "reason": "it was left in the middle of the switch",
            },
            "readBack": false,
          },
        },
      }
    `)
    await expect.poll(() => links(run)).toStrictEqual(OLD)
  })

  test('the second one after everything was kept: that is known, exit 0', async () => {
    const run = aRun(stands)
    run.host('web2').faults.prune = () => {
      setTimeout(run.signal, 5)
      setTimeout(run.signal, 10)
      return never()
    }
    const { exit, hosts } = await run.go()
    expect(exit).toBe(0)
    expect(hosts['web2']?.live).toBe('shop-1.4.0')
  })
})
