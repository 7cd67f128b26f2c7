import { describe, expect, test } from 'vitest'
import { Refuse } from '../support/scripted-end.ts'
import { aRun } from './support/a-run.ts'
import { cut, exited, type Faults, killedBy, never, untilCancelled } from './support/simulated-host.ts'

const links = (run: ReturnType<typeof aRun>) => run.hosts.map(host => host.link)
const OLD = ['shop-1.3.0', 'shop-1.3.0', 'shop-1.3.0']

describe('one host fails', () => {
  test('in upload: the others are stopped and awaited, what was begun is removed everywhere', async () => {
    const run = aRun()
    run.host('web2').faults.receive = () => {
      throw new Refuse('no-space', 'no space is left on the device')
    }
    const { exit } = await run.go()
    expect(exit).toBe(4)
    expect(links(run)).toStrictEqual(OLD)
    expect(run.story()).toMatchInlineSnapshot(`
      "[lock]
      [/lock]
      [upload]
      web1 upload (send the sdist): ok
      web2 upload (send the sdist): no space is left on the device
      web3 upload (send the sdist): ok
      [/upload]
      exit 4
        web1 shop-1.3.0: cancelled
        web2 shop-1.3.0: no space is left on the device
        web3 shop-1.3.0: cancelled"
    `)
    expect(run.hosts.map(host => host.done)).toMatchInlineSnapshot(`
      [
        [
          "receive shop-1.4.0",
          "abandon shop-1.4.0",
        ],
        [
          "abandon shop-1.4.0",
        ],
        [
          "receive shop-1.4.0",
          "abandon shop-1.4.0",
        ],
      ]
    `)
  })

  test('in build: running steps of the others are cancelled; nothing is judged', async () => {
    const run = aRun({ steps: [['build', 'make env']] })
    run.host('web1').steps.set('build/1', untilCancelled)
    run.host('web2').steps.set('build/1', () => exited(1))
    const { exit, hosts } = await run.go()
    expect({ exit, hosts }).toMatchInlineSnapshot(`
      {
        "exit": 4,
        "hosts": {
          "web1": {
            "live": "shop-1.3.0",
            "outcome": {
              "kind": "cancelled",
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
          "web3": {
            "live": "shop-1.3.0",
            "outcome": {
              "kind": "cancelled",
            },
            "readBack": true,
          },
        },
      }
    `)
    expect(run.hosts.map(host => host.done)).toMatchInlineSnapshot(`
      [
        [
          "receive shop-1.4.0",
          "unpack shop-1.4.0",
          "build/1 cancelled",
          "abandon shop-1.4.0",
        ],
        [
          "receive shop-1.4.0",
          "unpack shop-1.4.0",
          "build/1 1",
          "abandon shop-1.4.0",
        ],
        [
          "receive shop-1.4.0",
          "unpack shop-1.4.0",
          "build/1 0",
          "abandon shop-1.4.0",
        ],
      ]
    `)
  })

  test('in build, killed by a signal: that is a failure, never success', async () => {
    const run = aRun({ hosts: ['web1'], steps: [['build', 'make env']] })
    run.host('web1').steps.set('build/1', () => killedBy('SIGKILL'))
    const { exit, hosts } = await run.go()
    expect({ exit, hosts }).toMatchInlineSnapshot(`
      {
        "exit": 4,
        "hosts": {
          "web1": {
            "live": "shop-1.3.0",
            "outcome": {
              "kind": "failed",
              "reason": "killed by SIGKILL",
            },
            "readBack": true,
          },
        },
      }
    `)
  })

  test('in verify: the revision is rejected on all hosts, by name of the one that said no', async () => {
    const run = aRun({ steps: [['verify', 'unit tests']] })
    run.host('web2').steps.set('verify/1', () => exited(1))
    run.host('web3').steps.set('verify/1', untilCancelled)
    const { exit } = await run.go()
    expect(exit).toBe(4)
    expect(run.hosts.map(host => host.done.at(-1))).toMatchInlineSnapshot(`
      [
        "reject shop-1.4.0: web2: unit tests: exit 1",
        "reject shop-1.4.0: web2: unit tests: exit 1",
        "reject shop-1.4.0: web2: unit tests: exit 1",
      ]
    `)
    const [said] = run.host('web2').bodiesOf('reject')
    expect(run.story().match(/^.* rejected .*$/gm)).toStrictEqual(
      ['web1', 'web2', 'web3'].map(host => `${host} rejected shop-1.4.0: web2: unit tests: exit 1`),
    )
    expect(said?.verification.map(({ step, title, result }) => [step, title, result])).toStrictEqual([
      ['verify/1', 'unit tests', 'exit 1'],
    ])
  })

  test('in verify: no secret is in the verdict that hosts keep', async () => {
    const run = aRun({ hosts: ['web1'], steps: [['verify', 'log in with hunter2']] })
    run.host('web1').steps.set('verify/1', () => exited(1))
    await run.go({ hide: text => text.replaceAll(/hunter2|exit 1/g, '[TOKEN]') })
    const [said] = run.host('web1').bodiesOf('reject')
    expect(JSON.stringify(said)).not.toMatch(/hunter2|exit 1/)
    expect(said?.reason).toBe('web1: log in with [TOKEN]: [TOKEN]')
  })

  test('in verify, where the program could not be started: no verdict, the revision is removed', async () => {
    const run = aRun({ hosts: ['web1'], steps: [['verify', 'unit tests']] })
    run.host('web1').steps.set('verify/1', () => ({
      ...exited(0),
      kind: 'unstarted',
      code: null,
      reason: 'no such program',
    }))
    const { exit } = await run.go()
    expect(exit).toBe(4)
    expect(run.host('web1').done.at(-1)).toBe('abandon shop-1.4.0')
    expect(run.story()).not.toContain('rejected')
  })

  test('in seal: the others are sealed, that one is removed, nothing is switched', async () => {
    const run = aRun({ hosts: ['web1', 'web2'] })
    run.host('web2').faults.seal = () => {
      throw new Refuse('no-space', 'no space is left on the device')
    }
    const { exit } = await run.go()
    expect(exit).toBe(4)
    expect(run.hosts.map(host => host.done.at(-1))).toStrictEqual(['seal shop-1.4.0', 'abandon shop-1.4.0'])
  })

  test('before:switch: what was started is undone, also on the others, latest first', async () => {
    const run = aRun({
      hosts: ['web1', 'web2'],
      stands: true,
      steps: [
        ['before:switch', 'maintenance on'],
        ['before:switch', 'migrate', { undo: false }],
      ],
    })
    run.host('web2').steps.set('before:switch/2', () => exited(1))
    const { exit, hosts } = await run.go()
    expect({ exit, hosts }).toMatchInlineSnapshot(`
      {
        "exit": 4,
        "hosts": {
          "web1": {
            "live": "shop-1.3.0",
            "outcome": {
              "kind": "cancelled",
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
        },
      }
    `)
    expect(run.hosts.map(host => host.done)).toMatchInlineSnapshot(`
      [
        [
          "before:switch/1 0",
          "before:switch/2 0",
          "undo before:switch/1 0",
        ],
        [
          "before:switch/1 0",
          "before:switch/2 1",
          "undo before:switch/1 0",
        ],
      ]
    `)
    expect(run.hosts.flatMap(host => host.bodiesOf('arm'))).toStrictEqual([])
  })

  test('with --keep-failed the unfinished revision is kept', async () => {
    const run = aRun({ hosts: ['web1'], steps: [['build', 'make env']] })
    run.host('web1').steps.set('build/1', () => exited(1))
    await run.go({ keepFailed: true })
    expect(run.host('web1').bodiesOf('abandon')).toStrictEqual([])
  })
})

describe('one host is lost', () => {
  test('in a long step: it is unknown, the others stop, nothing switches', async () => {
    const run = aRun({ steps: [['build', 'make env']] })
    run.host('web1').steps.set('build/1', untilCancelled)
    run.host('web2').faults.run = (_body, _usual, connection) => cut(connection)
    const { exit, hosts } = await run.go()
    expect({ exit, hosts }).toMatchInlineSnapshot(`
      {
        "exit": 4,
        "hosts": {
          "web1": {
            "live": "shop-1.3.0",
            "outcome": {
              "kind": "cancelled",
            },
            "readBack": true,
          },
          "web2": {
            "live": "shop-1.3.0",
            "outcome": {
              "kind": "unknown",
              "reason": "the connection was lost: the remote end ended (the cable was cut)",
            },
            "readBack": false,
          },
          "web3": {
            "live": "shop-1.3.0",
            "outcome": {
              "kind": "cancelled",
            },
            "readBack": true,
          },
        },
      }
    `)
    expect(links(run)).toStrictEqual(OLD)
  })

  test('before:switch: it was told before how to undo what it starts, and does so by itself; that is said', async () => {
    const run = aRun({ hosts: ['web1'], stands: true, steps: [['before:switch', 'maintenance on']] })
    run.host('web1').faults.run = async ({ undoOf }, usual, connection) => {
      if (undoOf === null) connection.started.push('before:switch/1')
      return undoOf === null ? cut(connection) : usual()
    }
    const { exit } = await run.go()
    expect(exit).toBe(4)
    const byItself =
      'it undoes before:switch/1 by itself, if it still runs: `deploy status production` says how that ended'
    expect(run.said.filter(({ type }) => type === 'notice')).toStrictEqual([
      { type: 'notice', host: 'web1', message: byItself },
    ])
    expect(run.host('web1').done).toStrictEqual(['undo before:switch/1 0 (alone)'])
  })

  test('with nothing to do itself: the others do not go on for nothing', async () => {
    const run = aRun({ hosts: ['web1', 'web2'], steps: [['build', 'make env', { on: ['web1'] }]] })
    run.host('web1').steps.set('build/1', cancelled => {
      void cut(run.host('web2').connections[0] ?? unreachable())
      return untilCancelled(cancelled)
    })
    const { exit, hosts } = await run.go()
    expect({ exit, hosts }).toMatchInlineSnapshot(`
      {
        "exit": 4,
        "hosts": {
          "web1": {
            "live": "shop-1.3.0",
            "outcome": {
              "kind": "cancelled",
            },
            "readBack": true,
          },
          "web2": {
            "live": "shop-1.3.0",
            "outcome": {
              "kind": "unknown",
              "reason": "the connection was lost: the remote end ended (the cable was cut)",
            },
            "readBack": false,
          },
        },
      }
    `)
  })
})

describe('the first signal', () => {
  test.each(['upload', 'build', 'verify'] as const)(
    'in %s: steps are stopped, what was begun is removed, exit 130',
    async phase => {
      const run = aRun({ hosts: ['web1', 'web2'], steps: [[phase, 'long']] })
      for (const host of run.hosts) host.steps.set(`${phase}/1`, untilCancelled)
      run.when(
        event => event.type === 'step-started' && event.step === `${phase}/1`,
        () => setTimeout(run.signal, 5),
      )
      const { exit } = await run.go()
      expect(exit).toBe(130)
      expect(run.hosts.map(host => host.done.at(-1))).toStrictEqual([
        'abandon shop-1.4.0',
        'abandon shop-1.4.0',
      ])
      expect(run.hosts.map(host => host.locksHeld)).toStrictEqual([[], []])
    },
  )

  test('before the run has begun: nothing is done', async () => {
    const run = aRun({ hosts: ['web1'] })
    run.signal()
    const { exit } = await run.go()
    expect(exit).toBe(130)
    expect(run.host('web1').done).toStrictEqual([])
    expect(run.host('web1').locksHeld).toStrictEqual([])
  })

  test('before:switch: what was started is undone, exit 130', async () => {
    const run = aRun({ hosts: ['web1'], stands: true, steps: [['before:switch', 'maintenance on']] })
    run.host('web1').steps.set('before:switch/1', untilCancelled)
    run.when(
      event => event.type === 'step-started',
      () => setTimeout(run.signal, 5),
    )
    const { exit } = await run.go()
    expect(exit).toBe(130)
    expect(run.host('web1').done).toStrictEqual(['before:switch/1 cancelled', 'undo before:switch/1 0'])
  })
})

test('the second signal in before:switch: every host undoes by itself what it was told, exit 130', async () => {
  const run = aRun({ stands: true, steps: [['before:switch', 'maintenance on']] })
  let running = 0
  for (const host of run.hosts)
    host.steps.set('before:switch/1', () => {
      running += 1
      if (running === run.hosts.length) for (const _ of ['first', 'second']) run.signal()
      return never()
    })
  const { exit } = await run.go()
  expect(exit).toBe(130)
  const undone = ['undo before:switch/1 0 (alone)']
  await expect.poll(() => run.hosts.map(host => host.done)).toStrictEqual([undone, undone, undone])
})

test('the second signal leaves at once: no waiting for steps, nothing switched, exit 130', async () => {
  const run = aRun({ hosts: ['web1'], steps: [['build', 'deaf']] })
  run.host('web1').steps.set('build/1', () => new Promise(() => undefined))
  run.when(
    event => event.type === 'step-started' && event.step === 'build/1',
    () => {
      setTimeout(run.signal, 5)
      setTimeout(run.signal, 10)
    },
  )
  const { exit, hosts } = await run.go()
  expect({ exit, hosts }).toMatchInlineSnapshot(`
    {
      "exit": 130,
      "hosts": {
        "web1": {
          "live": "shop-1.3.0",
          "outcome": {
            "kind": "cancelled",
          },
          "readBack": false,
        },
      },
    }
  `)
})

function unreachable(): never {
  throw new Error('never connected')
}

const deafDisks: readonly (readonly [string, Faults])[] = [
  ['an upload', { receive: () => never() }],
  ['unpacking', { unpack: () => never() }],
  ['sealing', { seal: () => never() }],
]

test.each(deafDisks)(
  'a disk that answers nobody in %s, while its host beats on, makes the host lost after a while, not never',
  async (_what, faults) => {
    const run = aRun()
    run.host('web2').faults = faults
    const { exit, hosts } = await run.go()
    expect(exit).toBe(4)
    expect(links(run)).toStrictEqual(OLD)
    expect(hosts['web2']?.outcome).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('was not answered within 0.4 s, which `fileTimeout` lengthens'),
    })
    // It is still at it: nothing may be begun beside that, and its dead man's switch removes what it began.
    const [, ...later] = run
      .host('web2')
      .asked.slice(run.host('web2').asked.indexOf(Object.keys(faults)[0] ?? ''))
    expect(later).toStrictEqual([])
    expect(run.host('web2').connections.map(({ scripted }) => scripted.end.isLost)).toStrictEqual([true])
  },
)
