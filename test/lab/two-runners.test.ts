import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { exec } from '../../src/index.ts'
import type { RunningDeployment } from '../e2e/support/deploy.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { atGate, STANDING, shutGate } from '../e2e/support/gate.ts'
import { everywhere, journal, leftovers, links, rootListing, treeOf } from '../e2e/support/hosts.ts'
import { makeProject, type Project, type ProjectConfig } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { collectCleanups } from '../support/cleanups.ts'
import { proxiedHost } from '../support/proxied-host.ts'
import { HOLDER, heldLock } from './support/held-lock.ts'
import { heartbeat, inSize, UNDONE_MS } from './support/size.ts'
import { toldOf } from './support/told.ts'

const NAMES = ['web1', 'web2', 'web3']
const fleet = await fleetOf(NAMES)
const gated = (slot: string): ProjectConfig => ({ heartbeat, hooks: { [slot]: [atGate] } })

const project = await makeProject(fleet, { heartbeat })
let minor = 0
const nextVersion = () => `1.${minor++}`
await project.deploy(['staging', await release(project, nextVersion())])

/** A run of staging to another revision, which waits in a slot on web1 alone. When the test ends, however it does, so does the run. */
async function underWay(slot: string) {
  const version = nextVersion()
  const sdist = await release(project, version)
  await project.configure(gated(slot))
  const open = await shutGate(project, 'web1')
  const run = project.start(['staging', sdist, '--json'])
  onTestFinished(async () => {
    await open()
    run.signal('SIGKILL')
  })
  await run.printed(STANDING)
  await toldOf(run, ['web2', 'web3'], 'step-finished', `"step":"${slot}/1"`)
  await project.configure({ heartbeat })
  return { run, open, sdist, revision: `shop-${version}` }
}

/** Was this switch put back by another connection than the one that armed it? */
const isTaken = (journals: readonly (readonly Readonly<Record<string, unknown>>[])[], id: unknown) =>
  journals.flat().some(line => line['what'] === 'taken' && line['id'] === id)

/** Everything on all hosts but the locks, which are asked for, and given back, where others hold none. */
const everything = async (of: Project = project) =>
  (await Promise.all(NAMES.map(name => treeOf(of.rootOf(name))))).map(tree =>
    tree.filter(line => !/^\.stage\/locks\b/.test(line)),
  )

const heldBy = (pid: number | undefined) =>
  new RegExp(`staging is locked by \\S+ from \\S+ \\(process ${pid}\\) since 20\\S+Z: deploy staging`)

/** Of two runs whose winner stands at a gate: the one that ends first has lost, and says to whom; the other one then goes through. */
async function raced<Run extends RunningDeployment>(
  [first, second]: readonly Run[],
  open: () => Promise<void>,
): Promise<{ readonly winner: Run; readonly loser: Run }> {
  if (first === undefined || second === undefined) throw new Error('there are two of them')
  const loser = await Promise.race([first.ended.then(() => first), second.ended.then(() => second)])
  const winner = loser === first ? second : first
  const { code, stdout } = await loser.ended
  expect({ code, stdout }).toEqual({ code: 7, stdout: expect.stringMatching(heldBy(winner.pid)) })
  await open()
  expect(await winner.ended).toMatchObject({ code: 0 })
  return { winner, loser }
}

describe('F11 two runs at once', () => {
  test('of which one has begun: the other exits 7 naming holder and time, and touches nothing', async () => {
    const { run, open, revision } = await underWay('build')
    const before = await everything()
    const second = await project.deploy(['staging', await release(project, nextVersion())])
    expect(second).toMatchObject({ code: 7, stdout: expect.stringMatching(heldBy(run.pid)) })
    expect(await everything()).toEqual(before)
    await open()
    expect(await run.ended).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, revision))
  })

  test('in the same instant, on the same hosts or on hosts that overlap: one wins on all of its hosts', async () => {
    await project.configure(gated('build'))
    for (let round = 1; round <= inSize({ short: 2, full: 20 }); round += 1) {
      const before = await links(fleet, project, 'staging')
      const open = await shutGate(project, 'web2')
      const asked =
        round % 2 === 1
          ? [NAMES, NAMES]
          : [
              ['web1', 'web2'],
              ['web2', 'web3'],
            ]
      const runs = []
      for (const hosts of asked) {
        const version = nextVersion()
        runs.push({ hosts, revision: `shop-${version}`, sdist: await release(project, version) })
      }
      const started = runs.map(run => ({
        ...run,
        ...project.start(['staging', run.sdist, '--hosts', run.hosts.join(',')]),
      }))
      const { winner, loser } = await raced(started, open)
      const switched = Object.fromEntries(winner.hosts.map(host => [host, winner.revision]))
      expect(await links(fleet, project, 'staging')).toEqual({ ...before, ...switched })
      const listings = await Promise.all(NAMES.map(name => rootListing(project, name)))
      expect(listings.flat()).not.toContain(loser.revision)
      expect(await leftovers(fleet, project)).toEqual([])
    }
    await project.configure({ heartbeat })
  })

  test('each with the lock of the host that is nearer to it: one of them gives way, and only one', async () => {
    const { hosts } = fleet.configFor()
    const rooted = (name: string, reached: object = {}) => ({
      [name]: { ...hosts[name], ...reached, root: project.rootOn(name) },
    })
    const before = await links(fleet, project, 'staging')
    const open = await shutGate(project, 'web1')
    await using proxies = collectCleanups()
    const runs = []
    for (const [near, far] of [
      ['web1', 'web3'],
      ['web3', 'web1'],
    ] as const) {
      // Longer than two processes need to begin at the same time, so that each is refused where it comes late.
      const { proxy, reached } = await proxiedHost(fleet, far, { delayMs: 300 })
      proxies.defer(async () => await proxy[Symbol.asyncDispose]())
      const runner = await makeProject(fleet, {
        ...{ ...gated('build'), heartbeat: '30s' },
        hosts: { ...rooted(near), ...rooted(far, reached) },
      })
      const version = nextVersion()
      runs.push({ runner, sdist: await release(runner, version), revision: `shop-${version}` })
    }
    const started = runs.map(({ runner, sdist, revision }) => ({
      ...runner.start(['staging', sdist, '--hosts', 'web1,web3']),
      revision,
    }))
    const { winner } = await raced(started, open)
    const switched = { web1: winner.revision, web3: winner.revision }
    expect(await links(fleet, project, 'staging')).toEqual({ ...before, ...switched })
  })

  test('for two stages of one root: a rollback does not wait for the build of the other', async () => {
    await project.deploy(['production', await release(project, '0.1')])
    await project.deploy(['production', await release(project, '0.2')])
    const { run, open, revision } = await underWay('build')
    expect(await project.deploy(['rollback', 'production'])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'production')).toEqual(everywhere(fleet, 'shop-0.1'))
    // Until here the build has waited at its gate.
    await open()
    expect(await run.ended).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, revision))
  })
})

describe('F11 the lock of a stage, held on one host by somebody else', async () => {
  const held = await makeProject(fleet)
  for (const version of ['1.0', '1.1']) await held.deploy(['staging', await release(held, version)])
  await held.deploy(['production', await release(held, '1.2')])
  await held.configure({ verify: [exec(['false'])] })
  await held.deploy(['staging', await release(held, '1.3')])
  await held.configure({})
  const next = await release(held, '1.4')

  const refusedUntouched = async (args: readonly string[]) => {
    await using _lock = await heldLock(fleet.host('web2'), held, 'staging')
    const before = await everything(held)
    const { code, stdout, stderr } = await held.deploy(args)
    expect({ code, said: `${stdout}\n${stderr}` }).toEqual({
      code: 7,
      said: expect.stringMatching(
        /staging is locked by alice from laptop \(process 4711\) since 2026-01-02T03:04:05.*Z: deploy staging/,
      ),
    })
    expect(await everything(held)).toEqual(before)
    const text = join(held.rootOf('web2'), '.stage/locks/staging')
    expect(JSON.parse(await readFile(text, 'utf8'))).toEqual(HOLDER)
  }

  test.each([
    ['a deploy', ['staging', next]],
    ['a deploy to some hosts', ['staging', next, '--hosts', 'web1,web2']],
    ['prepare', ['prepare', 'staging', next]],
    ['a promotion', ['promote', 'production', 'staging']],
    ['a rollback', ['rollback', 'staging']],
    ['a rollback to a revision', ['rollback', 'staging', '--to', 'shop-1.0']],
    ['discard', ['discard', 'shop-1.3', 'staging']],
    ['prune', ['prune', 'staging']],
    ['lock', ['lock', 'staging', '--reason', 'the sale']],
    ['unlock', ['unlock', 'staging']],
  ])('refuses %s with exit 7, naming holder and time; nothing changes', async (_what, args) => {
    await refusedUntouched(args)
  })

  test('refuses the recovery of a split alike', async () => {
    const file = join(held.rootOf('web3'), '.stage/journal.jsonl')
    const whole = await readFile(file, 'utf8')
    const lines = whole.trimEnd().split('\n')
    const kept = lines.findLastIndex(line => /"what": ?"kept"/.test(line) && line.includes('staging'))
    await writeFile(
      file,
      lines
        .map(line => `${line}\n`)
        .filter((_line, at) => at !== kept)
        .join(''),
    )
    expect(await held.deploy(['status', 'staging'])).toMatchObject({ code: 6 })
    await refusedUntouched(['recover', 'staging', '--forward'])
    await writeFile(file, whole)
  })

  test('and let go of by the kernel, keeps nobody out, whatever its text says', async () => {
    // The text of the tests before stands in the file still.
    expect(await held.deploy(['staging', next])).toMatchObject({ code: 0 })
    expect(await links(fleet, held, 'staging')).toEqual(everywhere(fleet, 'shop-1.4'))
  })
})

describe('F11 a lock', () => {
  test('goes with the remote end that is killed; of its build only the revision stays locked', async () => {
    const { run, open, sdist, revision } = await underWay('build')
    const host = fleet.host('web1')
    const end = (await host.processes()).find(({ command }) => /^\S*python3.*stage-deploy/.test(command))
    await host.run(['kill', '-9', `${end?.pid}`])
    expect(await run.ended).toMatchObject({ code: 4 })
    // Its step goes on, and could still write into what it was building.
    const same = await project.deploy(['staging', sdist])
    expect(same).toMatchObject({ code: 7, stdout: expect.stringContaining(`${revision} is locked by`) })
    expect(await project.deploy(['staging', await release(project, nextVersion())])).toMatchObject({
      code: 0,
    })
    await open()
    await expect.poll(() => host.pids(), { timeout: 10_000 }).toEqual([])
    expect(await project.deploy(['staging', sdist, '--allow-downgrade'])).toMatchObject({ code: 0 })
  })

  test('whose file was replaced is none: nothing is armed, and nothing is switched', async () => {
    const { run, open } = await underWay('before:switch')
    const before = await links(fleet, project, 'staging')
    const file = `${project.rootOn('web2')}/.stage/locks/staging`
    await fleet.host('web2').run(['/bin/sh', '-c', 'cp "$1" "$1.new" && mv "$1.new" "$1"', 'sh', file])
    await open()
    expect(await run.ended).toMatchObject({ code: 4 })
    expect(await links(fleet, project, 'staging')).toEqual(before)
  })

  test.each(['another revision', 'the very same revision'])(
    'whose files were removed everywhere in a switch is none: a second run puts that back and goes to %s; the first never keeps',
    async what => {
      const { run, open, sdist, revision } = await underWay('activate')
      for (const host of fleet.hosts) {
        const locks = `${project.rootOn(host.name)}/.stage/locks`
        await host.run(['/bin/sh', '-c', 'rm "$1"/*', 'sh', locks])
      }
      const isSame = what === 'the very same revision'
      const version = isSame ? undefined : nextVersion()
      const second = await project.deploy([
        'staging',
        version === undefined ? sdist : await release(project, version),
      ])
      expect({ code: second.code, stderr: second.stderr }).toMatchObject({ code: 0 })
      const journals = () => Promise.all(NAMES.map(name => journal(project, name)))
      const before = await journals()
      await open()
      expect((await run.ended).code).toBe(6)
      expect(await journals()).toEqual(before)
      expect(before.flat().filter(({ what: line, id }) => line === 'kept' && isTaken(before, id))).toEqual([])
      const live = version === undefined ? revision : `shop-${version}`
      expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, live))
      expect(await project.deploy(['staging', await release(project, nextVersion())])).toMatchObject({
        code: 0,
      })
      expect(await leftovers(fleet, project)).toEqual([])
    },
  )

  test.each([
    ['before the switch', 'build', 4],
    // Its hosts are found on a revision that it has nothing to do with.
    ['after it', 'activate', 6],
  ])(
    'is lost by a runner that is frozen %s; another run takes it, and the thawed one changes nothing',
    async (_when, slot, code) => {
      const { run, open } = await underWay(slot)
      run.signal('SIGSTOP')
      await open()
      const version = nextVersion()
      const second = await project.deploy([
        ...['staging', await release(project, version)],
        ...['--wait-lock', `${UNDONE_MS / 1000}`],
      ])
      expect(second).toMatchObject({ code: 0 })
      const before = await everything()
      run.signal('SIGCONT')
      expect((await run.ended).code).toBe(code)
      expect(await everything()).toEqual(before)
      expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, `shop-${version}`))
      expect(await leftovers(fleet, project)).toEqual([])
    },
  )
})
