import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { aRun } from './support/a-run.ts'
import { exited, untilCancelled } from './support/simulated-host.ts'

describe('a run that goes well', () => {
  test('passes every phase on all hosts, in order, and is read back', async () => {
    const run = aRun({
      steps: [
        ['build', 'make env'],
        ['verify', 'unit tests'],
        ['before:switch', 'migrate', { on: ['web1'] }],
        ['activate', 'reload'],
        ['health', 'ask'],
      ],
    })
    const { exit } = await run.go()
    expect(exit).toBe(0)
    expect(run.story()).toMatchInlineSnapshot(`
      "[lock]
      [/lock]
      [upload]
      web1 upload (send the sdist): ok
      web2 upload (send the sdist): ok
      web3 upload (send the sdist): ok
      [/upload]
      [build]
      web1 unpack (unpack the sdist): ok
      web1 build/1 (make env): ok
      web2 unpack (unpack the sdist): ok
      web2 build/1 (make env): ok
      web3 unpack (unpack the sdist): ok
      web3 build/1 (make env): ok
      [/build]
      [verify]
      web1 verify/1 (unit tests): ok
      web2 verify/1 (unit tests): ok
      web3 verify/1 (unit tests): ok
      [/verify]
      [seal]
      web1 seal (write the verdict, make it read-only): ok
      web2 seal (write the verdict, make it read-only): ok
      web3 seal (write the verdict, make it read-only): ok
      [/seal]
      [switch]
      web1 before:switch/1 (migrate): ok
      web1 switched: shop-1.3.0 -> shop-1.4.0
      web2 switched: shop-1.3.0 -> shop-1.4.0
      web3 switched: shop-1.3.0 -> shop-1.4.0
      [/switch]
      [activate]
      web1 activate/1 (reload): ok
      web2 activate/1 (reload): ok
      web3 activate/1 (reload): ok
      [/activate]
      [health]
      web1 health/1 (ask): ok
      web2 health/1 (ask): ok
      web3 health/1 (ask): ok
      [/health]
      web1 kept shop-1.4.0
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
    expect(run.host('web1').done).toMatchInlineSnapshot(`
      [
        "receive shop-1.4.0",
        "unpack shop-1.4.0",
        "build/1 0",
        "verify/1 0",
        "seal shop-1.4.0",
        "before:switch/1 0",
        "fire shop-1.4.0",
        "activate/1 0",
        "health/1 0",
        "keep shop-1.4.0",
        "prune shop-1.0.0",
      ]
    `)
  })

  test('asks for all locks, and gives the revision free for others once it is sealed', async () => {
    const run = aRun({ hosts: ['web1'] })
    await run.go()
    expect(run.host('web1').bodiesOf('lock')).toMatchInlineSnapshot(`
      [
        {
          "mode": "exclusive",
          "name": "production",
        },
        {
          "mode": "exclusive",
          "name": "shop-1.4.0",
        },
        {
          "mode": "shared",
          "name": "shop-1.4.0",
        },
      ]
    `)
    expect(run.host('web1').locksHeld).toStrictEqual([])
  })

  test('where the revision stands nothing is uploaded, built or verified', async () => {
    const run = aRun({ hosts: ['web1'], stands: true })
    const { exit } = await run.go()
    expect(exit).toBe(0)
    expect(run.host('web1').asked).toMatchInlineSnapshot(`
      [
        "settle",
        "lock",
        "lock",
        "arm",
        "fire",
        "keep",
        "prune",
        "read-back",
        "close",
      ]
    `)
  })

  test('a prepared revision is sealed and nothing is switched', async () => {
    const run = aRun({ hosts: ['web1'], intent: 'prepare' })
    const { exit, hosts } = await run.go()
    expect({ exit, hosts }).toMatchInlineSnapshot(`
      {
        "exit": 0,
        "hosts": {
          "web1": {
            "live": "shop-1.3.0",
            "outcome": {
              "kind": "ok",
            },
            "readBack": true,
          },
        },
      }
    `)
    expect(run.host('web1').link).toBe('shop-1.3.0')
  })

  test('`parallel` bounds how many hosts build at once', async () => {
    const run = aRun({ parallel: 1, steps: [['build', 'make env']] })
    let busy = 0
    let most = 0
    for (const host of run.hosts)
      host.steps.set('build/1', async () => {
        busy += 1
        most = Math.max(most, busy)
        await sleep(2)
        busy -= 1
        return exited(0)
      })
    await run.go()
    expect(most).toBe(1)
  })
})

describe('what is said of a run', () => {
  test('a secret travels in the environment of a program, is named as one, and is in no event', async () => {
    const secrets = new Map([['TOKEN', 'hunter2']])
    const run = aRun({
      hosts: ['web1'],
      steps: [
        ['before:switch', 'migrate', { env: { API_TOKEN: { secret: 'TOKEN' }, COLOUR: 'green' } }],
        ['activate', 'reload', { env: { API_TOKEN: { secret: 'TOKEN' } } }],
      ],
    })
    await run.go({ secrets })
    const specs = run
      .host('web1')
      .bodiesOf('run')
      .map(({ spec }) => [spec.step, spec.env, spec.secret])
    expect(specs).toMatchInlineSnapshot(`
      [
        [
          "before:switch/1",
          {
            "API_TOKEN": "hunter2",
            "COLOUR": "green",
          },
          [
            "API_TOKEN",
          ],
        ],
        [
          "activate/1",
          {
            "API_TOKEN": "hunter2",
          },
          [
            "API_TOKEN",
          ],
        ],
      ]
    `)
    expect(
      run
        .host('web1')
        .bodiesOf('arm')
        .flatMap(({ undo }) => undo.map(({ of, run }) => [of, run?.secret])),
    ).toMatchInlineSnapshot(`
      [
        [
          "before:switch/1",
          [
            "API_TOKEN",
          ],
        ],
        [
          "activate/1",
          [
            "API_TOKEN",
          ],
        ],
      ]
    `)
    expect(JSON.stringify(run.said)).not.toContain('hunter2')
    const others = run.host('web1').connections.flatMap(({ scripted }) => scripted.asked)
    const elsewhere = others.filter(asked => !['run', 'load-undo', 'arm'].includes(asked.do))
    expect(JSON.stringify(elsewhere)).not.toContain('hunter2')
  })

  test('what is read back decides the table and the exit code, not what was answered before', async () => {
    const run = aRun({ hosts: ['web1', 'web2'] })
    run.host('web2').faults.prune = async (_body, usual) => {
      run.host('web2').link = 'shop-0.9.0'
      return usual()
    }
    const { exit, hosts } = await run.go()
    expect({ exit, hosts }).toMatchInlineSnapshot(`
      {
        "exit": 6,
        "hosts": {
          "web1": {
            "live": "shop-1.4.0",
            "outcome": {
              "kind": "ok",
            },
            "readBack": true,
          },
          "web2": {
            "live": "shop-0.9.0",
            "outcome": {
              "kind": "failed",
              "reason": "the link was moved by somebody else: it names shop-0.9.0 and is left alone",
            },
            "readBack": true,
          },
        },
      }
    `)
  })

  test('a prune that fails is told of, and the run has gone well', async () => {
    const run = aRun({ hosts: ['web1'], steps: [['after:prune', 'tell', { undo: false }]] })
    run.host('web1').faults.prune = () => {
      throw new Error('no space')
    }
    run.host('web1').steps.set('after:prune/1', () => exited(1))
    const { exit } = await run.go()
    expect(exit).toBe(0)
    expect(run.story().split('[prune]')[1]).toMatchInlineSnapshot(`
      "
      web1 notice: prune: Error: no space
      [/prune]
      exit 0
        web1 shop-1.4.0: ok"
    `)
  })

  test('what was removed in the place of another, and what later runs find, is said', async () => {
    const run = aRun({ hosts: ['web1'] })
    run.host('web1').faults.prune = () => ({
      removed: ['shop-1.1.0'],
      kept: [{ name: 'shop-1.0.0', why: 'a process still runs in it' }],
      swept: {
        removed: 10,
        left: 990,
        kept: [{ name: '/srv/shop/.stage/incoming/x', why: 'it is immutable' }],
      },
    })
    expect((await run.go()).exit).toBe(0)
    expect(run.story().split('[prune]')[1]).toMatchInlineSnapshot(`
      "
      web1 notice: pruned shop-1.1.0
      web1 notice: not pruned: shop-1.0.0, a process still runs in it
      web1 notice: not swept: /srv/shop/.stage/incoming/x, it is immutable
      web1 notice: of 1000 leftovers of dead runs this run removed 10, and later runs remove the rest; \`deploy prune production\` removes them now
      [/prune]
      exit 0
        web1 shop-1.4.0: ok"
    `)
  })

  test('a step before pruning that says no spares everything', async () => {
    const run = aRun({ hosts: ['web1'], steps: [['before:prune', 'guard', { undo: false }]] })
    run.host('web1').steps.set('before:prune/1', () => exited(1))
    const { exit } = await run.go()
    expect(exit).toBe(0)
    expect(run.host('web1').bodiesOf('prune')).toStrictEqual([])
  })

  test('a host lost while pruning is unknown at the end; it was kept, and the run has gone well', async () => {
    const run = aRun({ hosts: ['web1', 'web2'] })
    run.host('web2').faults.prune = (_body, _usual, connection) => {
      connection.scripted.over({ kind: 'lost', reason: 'the cable was cut' })
      return { removed: [], kept: [], swept: { removed: 0, left: 0, kept: [] } }
    }
    const { exit, hosts } = await run.go()
    expect({ exit, hosts }).toMatchInlineSnapshot(`
      {
        "exit": 0,
        "hosts": {
          "web1": {
            "live": "shop-1.4.0",
            "outcome": {
              "kind": "ok",
            },
            "readBack": true,
          },
          "web2": {
            "live": "shop-1.4.0",
            "outcome": {
              "kind": "unknown",
              "reason": "the remote end ended (the cable was cut)",
            },
            "readBack": false,
          },
        },
      }
    `)
  })

  test('the slot `failed` runs after the read-back, on hosts still connected, and changes nothing', async () => {
    const run = aRun({
      hosts: ['web1', 'web2'],
      steps: [
        ['verify', 'tests'],
        ['failed', 'tell'],
      ],
    })
    run.host('web1').steps.set('verify/1', () => exited(1))
    run.host('web2').steps.set('failed/1', () => exited(3))
    const { exit } = await run.go()
    expect(exit).toBe(4)
    expect(run.hosts.map(host => host.asked.slice(-3))).toMatchInlineSnapshot(`
      [
        [
          "read-back",
          "run",
          "close",
        ],
        [
          "read-back",
          "run",
          "close",
        ],
      ]
    `)
    expect(run.said.filter(({ type }) => type === 'notice')).toMatchInlineSnapshot(`
      [
        {
          "host": "web2",
          "message": "a step of the slot failed did not end well: exit 3",
          "type": "notice",
        },
      ]
    `)
  })

  test('a reporter that throws does not decide what becomes of the fleet', async () => {
    const run = aRun({ hosts: ['web1'] })
    const { exit } = await run.go({
      emit: () => {
        throw new Error('the terminal is gone')
      },
    })
    expect(exit).toBe(0)
    expect(run.host('web1').link).toBe('shop-1.4.0')
  })

  test('a bug is said whole, and is no refusal of a host', async () => {
    const run = aRun({
      hosts: ['web1'],
      steps: [['build', 'make env', { env: { A: { secret: 'FORGOTTEN' } } }]],
    })
    const { exit, hosts } = await run.go()
    expect(exit).toBe(4)
    expect(hosts['web1']?.outcome).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/^bug: Error: a secret was not resolved before the run: A\n/),
    })
  })

  test('nothing is said after the end', async () => {
    const run = aRun({ hosts: ['web1'], steps: [['build', 'make env']] })
    run.host('web1').steps.set('build/1', untilCancelled)
    run.when(
      ({ type }) => type === 'step-started',
      () => setTimeout(() => [run.signal(), run.signal()], 5),
    )
    await run.go()
    const count = run.said.length
    await sleep(30)
    expect(run.said.length).toBe(count)
    expect(run.said.at(-1)?.type).toBe('run-finished')
  })
})
