import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { productCache } from '../../src/artifact/product-cache.ts'
import { sentFile } from '../../src/artifact/sent-file.ts'
import { digestOf } from '../support/builders.ts'
import { Refuse } from '../support/scripted-end.ts'
import type { PlanOptions } from './support/a-plan.ts'
import { type ARun, aRun } from './support/a-run.ts'
import { aProduct, cut, exited, killedBy, timedOut, untilCancelled } from './support/simulated-host.ts'

let directory = ''

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stage-shared-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true })
})

const steps: PlanOptions['steps'] = [
  ['build', 'make env'],
  ['build', 'make wheels', { share: 'wheels' }],
  ['build', 'install'],
]

/** Runs it as a process of its own would: with the cache that others have left. */
async function go(run: ARun) {
  await using products = openCache()
  return await run.go({ products })
}

const warned: string[] = []
const openCache = () => productCache(directory, { warn: message => void warned.push(message) })

/** Who built, as each host writes it into its record. */
function recordsOf(run: ARun): Record<string, unknown> {
  const records: Record<string, unknown> = {}
  for (const host of run.hosts)
    host.faults.seal = ({ builders }, usual) => {
      records[host.name] = builders
      return usual()
    }
  return records
}

const kept = () => readdir(directory)
const received = (run: ARun) => run.hosts.map(host => host.received)
const wheel = { 'shop.whl': 'the wheel' }

describe('a file of the runner', () => {
  const path = () => join(directory, 'pip.whl')

  test('is received by every host before its next step', async () => {
    await writeFile(path(), 'a wheel')
    await using sent = await sentFile(path(), new AbortController().signal)
    const run = aRun({
      steps: [
        ['build', 'send pip', { send: path() }],
        ['build', 'install'],
      ],
    })
    expect((await run.go({ files: new Map([[path(), sent]]) })).exit).toBe(0)
    expect(received(run)).toEqual(run.hosts.map(() => ({ 'pip.whl': 'a wheel' })))
    expect(run.hosts.map(host => host.done.slice(2, 4))).toEqual(
      run.hosts.map(() => ['receive sent', 'build/2 0']),
    )
  })
})

describe('what one host builds for all', () => {
  test('is built there, fetched once, and received by the others before their next step', async () => {
    const run = aRun({ steps })
    const { exit } = await go(run)
    expect(exit).toBe(0)
    const waited = run.said.filter(event => event.type === 'waiting')
    expect(waited.map(event => [event.host, event.step, event.for])).toStrictEqual([
      ['web2', 'build/2', 'web1'],
      ['web3', 'build/2', 'web1'],
    ])
    expect(run.hosts.map(host => host.done.slice(0, 7))).toMatchInlineSnapshot(`
      [
        [
          "receive shop-1.4.0",
          "unpack shop-1.4.0",
          "build/1 0",
          "make room for wheels",
          "build/2 0",
          "give wheels",
          "build/3 0",
        ],
        [
          "receive shop-1.4.0",
          "unpack shop-1.4.0",
          "build/1 0",
          "receive wheels",
          "build/3 0",
          "seal shop-1.4.0",
          "fire shop-1.4.0",
        ],
        [
          "receive shop-1.4.0",
          "unpack shop-1.4.0",
          "build/1 0",
          "receive wheels",
          "build/3 0",
          "seal shop-1.4.0",
          "fire shop-1.4.0",
        ],
      ]
    `)
    expect(received(run)).toEqual([{}, wheel, wheel])
  })

  test('is told by every host as a step of its own', async () => {
    const run = aRun({ steps })
    await go(run)
    expect(
      run
        .story()
        .split('\n')
        .filter(line => line.includes('build/2')),
    ).toEqual([
      'web1 build/2 (make wheels): ok',
      'web2 build/2 (make wheels): ok',
      'web3 build/2 (make wheels): ok',
    ])
  })

  test('is built by the host that the plan names, whichever comes first by name', async () => {
    const run = aRun({ steps: [['build', 'make wheels', { share: 'wheels', builtBy: 'web3' }]], parallel: 1 })
    expect((await go(run)).exit).toBe(0)
    expect(received(run)).toEqual([wheel, wheel, {}])
  })

  test('is built where each of two hosts builds something for the other, and one at a time works', async () => {
    const run = aRun({
      parallel: 1,
      steps: [
        ['build', 'make wheels', { share: 'wheels', builtBy: 'web2' }],
        ['build', 'make assets', { share: 'assets', builtBy: 'web1' }],
      ],
    })
    expect((await go(run)).exit).toBe(0)
    expect(received(run)).toEqual([wheel, wheel, wheel])
  })

  test('is on record on every host, with who built it', async () => {
    const run = aRun({
      steps: [...(steps ?? []), ['build', 'make assets', { share: 'assets', builtBy: 'web2' }]],
    })
    const sealed = recordsOf(run)
    expect((await go(run)).exit).toBe(0)
    const made = { stage: 'production', run: 'r5', atMs: 0 }
    const builders = [
      { share: 'wheels', host: 'web1', ...made },
      { share: 'assets', host: 'web2', ...made },
    ]
    expect(sealed).toEqual({ web1: builders, web2: builders, web3: builders })
  })

  test('is built where few hosts work at once, in whatever order they are named', async () => {
    const hosts = ['web3', 'web2', 'web1']
    const run = aRun({ hosts, parallel: 1, steps })
    expect((await go(run)).exit).toBe(0)
    expect(run.host('web3').received).toEqual(wheel)
  })

  test('is streamed, large as it may be, and empty files are there too', async () => {
    const makes = { 'a.whl': '', 'b.whl': 'b'.repeat(3_000_000), 'c.whl': '' }
    const run = aRun({ steps })
    run.host('web1').makes = makes
    expect((await go(run)).exit).toBe(0)
    expect(run.host('web3').received).toEqual(makes)
  })
})

describe('what an earlier run built', () => {
  const builder = { host: 's1', stage: 'staging', run: 'r1', atMs: 7 }
  const id = digestOf('wheels')
  const reusing: PlanOptions['steps'] = [
    ['build', 'make wheels', { share: 'wheels', kept: builder }],
    ['build', 'install'],
  ]

  beforeEach(async () => {
    await using cache = openCache()
    const arriving = await cache.begin(id, builder, [aProduct('shop.whl', 'the wheel')])
    await arriving.write(Buffer.from('the wheel'))
    await arriving.finish()
  })

  /** As the command does it: what a plan takes from the cache is opened when the plan is made. */
  async function goWithKept(run: ARun, between = async () => {}) {
    await using products = openCache()
    const found = await products.find(id, 'staging')
    if (found === undefined) throw new Error('nothing was kept')
    await between()
    return await run.go({ products, kept: new Map([[id, found]]) })
  }

  test('is received by all, on record with who built it, and nobody builds', async () => {
    const run = aRun({ steps: reusing })
    const sealed = recordsOf(run)
    for (const host of run.hosts) host.steps.set('build/1', () => exited(1))
    expect((await goWithKept(run)).exit).toBe(0)
    expect(received(run)).toEqual([wheel, wheel, wheel])
    const record = [{ share: 'wheels', ...builder }]
    expect(sealed).toEqual({ web1: record, web2: record, web3: record })
  })

  test.each(['gone', 'replaced'])(
    'is received as the plan says, though its file is %s since the plan was made',
    async change => {
      const run = aRun({ steps: reusing })
      const { exit } = await goWithKept(run, async () => {
        await using other = openCache()
        await other.forget(id, 'staging')
        if (change === 'gone') return
        const arriving = await other.begin(id, builder, [aProduct('shop.whl', 'another')])
        await arriving.write(Buffer.from('another'))
        await arriving.finish()
      })
      expect({ exit, received: received(run) }).toEqual({ exit: 0, received: [wheel, wheel, wheel] })
    },
  )

  test('is refused by the hosts where its bytes were changed since', async () => {
    const run = aRun({ steps: reusing })
    const { exit } = await goWithKept(run, async () => {
      const [name = ''] = await kept()
      const file = join(directory, name)
      const bytes = await readFile(file)
      bytes[bytes.length - 1] = 0
      await writeFile(file, bytes)
    })
    expect({ exit, received: received(run), kept: await kept() }).toEqual({
      exit: 4,
      received: [{}, {}, {}],
      kept: [],
    })
  })

  test('is not used again where it led to a rejection', async () => {
    const run = aRun({ steps: [...(reusing ?? []), ['verify', 'unit tests']] })
    run.host('web2').steps.set('verify/1', () => exited(1))
    expect((await goWithKept(run)).exit).toBe(4)
    expect(await kept()).toEqual([])
  })
})

describe('a build that fails', () => {
  const outcomes = async (run: ARun) => {
    const { exit, hosts } = await go(run)
    return {
      exit,
      ...Object.fromEntries(Object.entries(hosts).map(([name, { outcome }]) => [name, outcome])),
    }
  }
  const cancelled = { kind: 'cancelled' }

  test('is the failure of the host that built; who waited for it is cancelled', async () => {
    const run = aRun({ steps })
    run.host('web1').steps.set('build/2', () => killedBy('SIGKILL'))
    expect(await outcomes(run)).toEqual({
      exit: 4,
      web1: { kind: 'failed', reason: 'killed by SIGKILL' },
      web2: cancelled,
      web3: cancelled,
    })
    expect(await kept()).toEqual([])
  })

  test('is told with the option by which another host can build, where there are others', async () => {
    for (const [on, told] of [
      [['web1', 'web2', 'web3'], 1],
      [['web1'], 0],
    ] as const) {
      const run = aRun({ steps: [['build', 'make wheels', { share: 'wheels', on }]] })
      run.host('web1').steps.set('build/1', () => exited(1))
      await go(run)
      const problems = run.said.flatMap(event => (event.type === 'problem' ? [event.problem] : []))
      expect(problems).toHaveLength(told)
      for (const { code, where, hint } of problems)
        expect({ code, where, hint }).toEqual({
          code: 'build-failed',
          where: 'web1',
          hint: expect.stringContaining('maker({ builder })'),
        })
    }
  })

  test('before it came to that is no other', async () => {
    const run = aRun({ steps })
    run.host('web1').steps.set('build/1', () => exited(3))
    expect(await outcomes(run)).toMatchObject({ exit: 4, web1: { reason: 'exit 3' }, web2: cancelled })
  })

  test('by the loss of that host is unknown there', async () => {
    const run = aRun({ steps })
    run.host('web1').faults['fetch-products'] = (_body, _usual, connection) => cut(connection)
    expect(await outcomes(run)).toMatchObject({
      exit: 4,
      web1: { kind: 'unknown' },
      web2: cancelled,
      web3: cancelled,
    })
    expect(await kept()).toEqual([])
  })

  test('because the host that builds is stopped, when another one fails', async () => {
    const run = aRun({ steps })
    run.host('web1').steps.set('build/2', untilCancelled)
    run.host('web2').steps.set('build/1', () => exited(1))
    expect(await outcomes(run)).toMatchObject({
      exit: 4,
      web1: cancelled,
      web2: { kind: 'failed', reason: 'exit 1' },
      web3: cancelled,
    })
  })

  test('on one that only receives is its own, and what was built is kept', async () => {
    const run = aRun({ steps })
    run.host('web3').faults['receive-products'] = () => {
      throw new Refuse('no-space', 'the disk is full')
    }
    expect(await outcomes(run)).toMatchObject({
      exit: 4,
      web3: { kind: 'failed', reason: 'the disk is full' },
    })
    expect(await kept()).toHaveLength(1)
  })

  test('by a signal leaves nobody waiting', async () => {
    const run = aRun({ steps })
    run.host('web1').steps.set('build/2', cancelled => {
      setImmediate(() => run.signal())
      return untilCancelled(cancelled)
    })
    expect(await outcomes(run)).toEqual({ exit: 130, web1: cancelled, web2: cancelled, web3: cancelled })
  })

  test('in the verification takes what was built with it: it is not used again', async () => {
    const run = aRun({ steps: [...(steps ?? []), ['verify', 'unit tests']] })
    run.host('web2').steps.set('verify/1', () => exited(1))
    expect((await go(run)).exit).toBe(4)
    expect(await kept()).toEqual([])
  })
})

test('a step that took longer than it may has failed, and says which option gives it more, whatever it is', async () => {
  const kinds: readonly NonNullable<PlanOptions['steps']>[number][] = [
    ['build', 'x'],
    ['build', 'x', { share: 'wheels' }],
    ['health', 'x', { kind: 'http-probe' }],
  ]
  for (const step of kinds) {
    const run = aRun({ steps: [step] })
    run.host('web1').steps.set(`${step[0]}/1`, timedOut)
    const { hosts } = await go(run)
    expect(hosts['web1']?.outcome).toEqual({
      kind: 'failed',
      reason: expect.stringContaining('time limit, which `timeout` lengthens'),
    })
  }
})

describe('a host that builds is not believed', () => {
  const failure = async (run: ARun) => {
    const { exit, hosts } = await go(run)
    expect({ exit, kept: await kept(), received: received(run).slice(1) }).toEqual({
      exit: 4,
      kept: [],
      received: [{}, {}],
    })
    expect([hosts['web2']?.outcome, hosts['web3']?.outcome]).toEqual([
      { kind: 'cancelled' },
      { kind: 'cancelled' },
    ])
    return hosts['web1']?.outcome
  }

  test.each(['../../../home/deploy/.bashrc', '/etc/passwd', '-rf', '.env', 'a/b', ''])(
    'when it calls a file %j',
    async file => {
      const run = aRun({ steps })
      run.host('web1').makes = { [file]: 'x' }
      const said = `products.0.file: ${JSON.stringify(file)} is no plain name of a file`
      expect(await failure(run)).toEqual({
        kind: 'unknown',
        reason: `the connection was lost: its answer to list-products makes no sense: ${said}`,
      })
      expect(run.host('web1').done).not.toContain('give wheels')
    },
  )

  test('when it announces more than anybody can keep', async () => {
    const run = aRun({ steps })
    run.host('web1').faults['list-products'] = () => ({
      products: [{ ...aProduct('a', ''), bytes: 2 ** 40 }],
    })
    expect(await failure(run)).toMatchObject({
      reason: expect.stringMatching(/at most 17179869184 can be shared$/),
    })
  })

  test('when it sends other bytes than it announced, too many, or too few', async () => {
    for (const sent of ['the whee1', 'the wheel and more', 'the']) {
      const run = aRun({ steps })
      run.host('web1').faults['fetch-products'] = (_body, _usual, _connection, { give }) => {
        give(Buffer.from(sent))
        give(Buffer.alloc(0))
        return {}
      }
      expect(await failure(run)).toMatchObject({
        reason: expect.stringMatching(
          /^what was built did not arrive as it was announced: |: it sent more data for fetch-products than was announced$/,
        ),
      })
    }
  })
})
