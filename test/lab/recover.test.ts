import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Step, script, sh } from '../../src/index.ts'
import { asRoot } from '../e2e/support/faults.ts'
import { fleetOf, WITH_NAMESPACES } from '../e2e/support/fleet-of.ts'
import { everywhere, journal, links } from '../e2e/support/hosts.ts'
import { makeProject, type Project } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { SOON } from './support/half-way.ts'
import { gate, liveOn10 } from './support/one-of-three.ts'

const NAMES = ['web1', 'web2', 'web3']
const fleet = await fleetOf(NAMES)

/** A third of it is how old the last heartbeat of a host may be when `keep` leaves. */
const heartbeat = '15s'

/** What processes use is what this wrote last. */
const activate: Step = script(sh`echo "$DEPLOY_REVISION" > "$DEPLOY_ROOT/active"`, { title: 'activate' })

/** Live on 1.0 everywhere, with a run to 1.1 that has switched every host and waits before its first `keep`. */
async function beforeKeep() {
  const project = await liveOn10(fleet, {
    heartbeat,
    hooks: { activate: [activate], 'after:health': [gate] },
  })
  const gateFile = join(project.rootOf('web1'), 'gate')
  await writeFile(gateFile, '')
  const run = project.start(['production', await release(project, '1.1'), '--json'])
  await run.printed('at the gate')
  for (const name of ['web2', 'web3'])
    await run.printed(
      new RegExp(`"type":"step-finished"[^\\n]*"host":"${name}"[^\\n]*"step":"after:health/1"`),
    )
  const keep = async () => {
    await rm(gateFile)
    for (const name of ['web1', 'web3']) await expect.poll(() => lastWord(project, name), SOON).toBe('kept')
    run.signal('SIGKILL')
    await run.ended
  }
  return { project, keep }
}

const lastWord = async (project: Project, host: string) => (await journal(project, host)).at(-1)?.['what']

/**
 * The runner dies while `keep` is on its way to a host that nobody can reach: that host puts itself back, when it has noticed the
 * silence or, so that nobody waits for that, when its connection breaks.
 */
async function splitByCut(notices: 'the silence' | 'the break' = 'the break'): Promise<Project> {
  const { project, keep } = await beforeKeep()
  const host = fleet.host('web2')
  await host.cutNetwork()
  try {
    await keep()
    if (notices === 'the break') await host.killSessions()
    await expect.poll(() => lastWord(project, 'web2'), { timeout: 60_000 }).toBe('put-back')
  } finally {
    await host.mendNetwork()
  }
  return project
}

/** The runner dies, and with it a host: it comes back with its link switched, and nobody who would put it back. */
async function splitByDeath(): Promise<Project> {
  const { project, keep } = await beforeKeep()
  const host = fleet.host('web2')
  await host.freeze('host')
  try {
    await keep()
    const pids = await host.pids()
    await asRoot(host, `kill -9 ${pids.join(' ')}`)
  } finally {
    await host.thaw()
  }
  return project
}

const status = async (project: Project) => {
  const { code, stdout } = await project.deploy(['status', 'production', '--json'])
  const { split, hosts, uniform } = JSON.parse(stdout).stages.production
  const previous = Object.fromEntries(NAMES.map(name => [name, hosts[name].previous]))
  return { code, uniform, split: split === null ? null : split.hosts, previous }
}

const active = async (project: Project) => {
  const read = NAMES.map(async name => {
    const { stdout } = await fleet.host(name).run(['cat', join(project.rootOn(name), 'active')])
    return [name, stdout.trim()] as const
  })
  return Object.fromEntries(await Promise.all(read))
}

describe.runIf(WITH_NAMESPACES)('F6 a split', () => {
  /** For tests that only look at it. */
  let looked: Promise<Project> | undefined
  const toLookAt = () => {
    looked ??= splitByCut('the silence')
    return looked
  }

  test('is seen by status, and refuses a deploy and a rollback with the command that mends it', async () => {
    const project = await toLookAt()
    expect(await status(project)).toMatchObject({ code: 6, split: NAMES })
    const shown = await project.deploy(['status', 'production'])
    for (const args of [
      ['production', await release(project, '1.2')],
      ['rollback', 'production'],
      ['production', '--hosts', 'web2'],
    ]) {
      const { code, stdout, stderr } = await project.deploy(args)
      expect([code, args]).toEqual([6, args])
      for (const said of [`${stdout}${stderr}`, shown.stdout]) {
        expect(said).toMatch(/deploy recover production --back/)
        expect(said).toMatch(/deploy recover production --forward/)
      }
    }
    expect(await links(fleet, project, 'production')).toEqual({
      web1: 'shop-1.1',
      web2: 'shop-1.0',
      web3: 'shop-1.1',
    })
  })

  test('with neither way given, each is explained with its revisions', async () => {
    const project = await toLookAt()
    for (const flags of [[], ['--back', '--forward']]) {
      const { code, stderr } = await project.deploy(['recover', 'production', ...flags])
      expect(code).toBe(2)
      expect(stderr).toMatch(/--back: web1, web2, web3 to shop-1\.0\n/)
      expect(stderr).toMatch(/--forward: web1, web2, web3 to shop-1\.1\n/)
    }
  })

  test('a dry run of a recovery prints its plan and changes nothing', async () => {
    const project = await toLookAt()
    const { code, stdout } = await project.deploy(['recover', 'production', '--back', '--dry-run'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/web1\s+shop-1\.1\s+shop-1\.0\s+is switched/)
    expect(await status(project)).toMatchObject({ code: 6 })
  })

  test.each([
    ['that put itself back', () => splitByCut()],
    ['that died switched', splitByDeath],
  ])('with a host %s is mended back', async (_title, split) => {
    const project = await split()
    const recovered = await project.deploy(['recover', 'production', '--back'])
    expect(recovered.code, recovered.stderr + recovered.stdout).toBe(0)
    expect(await links(fleet, project, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))
    expect(await active(project)).toEqual(everywhere(fleet, 'shop-1.0'))
    expect(await status(project)).toEqual({
      code: 0,
      uniform: true,
      split: null,
      previous: everywhere(fleet, null),
    })
    expect(await project.deploy(['recover', 'production', '--back'])).toMatchObject({ code: 0 })
    expect(await project.deploy(['production', await release(project, '1.2')])).toMatchObject({ code: 0 })
    expect(await project.deploy(['rollback', 'production'])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))
  })

  test.each([
    ['that put itself back', () => splitByCut()],
    ['that died switched', splitByDeath],
  ])('with a host %s is mended forward', async (_title, split) => {
    const project = await split()
    const recovered = await project.deploy(['recover', 'production', '--forward'])
    expect(recovered.code, recovered.stderr + recovered.stdout).toBe(0)
    expect(await links(fleet, project, 'production')).toEqual(everywhere(fleet, 'shop-1.1'))
    expect(await active(project)).toEqual(everywhere(fleet, 'shop-1.1'))
    expect(await status(project)).toEqual({
      code: 0,
      uniform: true,
      split: null,
      previous: everywhere(fleet, 'shop-1.0'),
    })
    expect(await project.deploy(['rollback', 'production'])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))
  })

  test('a recovery that fails is put back: the split stays as it was, and can be mended the other way', async () => {
    const project = await splitByCut()
    const before = await links(fleet, project, 'production')
    const bad: Step = script(sh`test "$DEPLOY_REVISION" = shop-1.0`, { title: 'only 1.0 serves' })
    await project.configure({ heartbeat, hooks: { activate: [activate], health: [bad] } })
    expect(await project.deploy(['recover', 'production', '--forward'])).toMatchObject({ code: 5 })
    expect(await links(fleet, project, 'production')).toEqual(before)
    expect(await status(project)).toMatchObject({ code: 6 })
    expect(await project.deploy(['recover', 'production', '--back'])).toMatchObject({ code: 0 })
    expect(await active(project)).toEqual(everywhere(fleet, 'shop-1.0'))
  })

  test.each([
    ['back', 'shop-1.0', null],
    ['forward', 'shop-1.1', 'shop-1.0'],
  ])(
    'from which those that kept have gone on alone is mended %s for the other, and they are left as they are',
    async (way, live, previous) => {
      const project = await splitByCut()
      // As long as nobody can ask web2, nobody knows that it has put the switch back.
      const alone = ['production', await release(project, '1.2'), '--except', 'web2']
      await fleet.host('web2').stop()
      const gone = await project.deploy(alone)
      await fleet.host('web2').start()
      expect(gone.code, gone.stderr + gone.stdout).toBe(0)
      expect(await status(project)).toMatchObject({ code: 6 })
      expect(await project.deploy([...alone.slice(0, 1), '--hosts', 'web1'])).toMatchObject({ code: 6 })
      const mended = await project.deploy(['recover', 'production', `--${way}`])
      expect(mended.code, mended.stderr + mended.stdout).toBe(0)
      expect(mended.stderr).toMatch(/^web1, web3\n.*has kept a later switch: it is left as it is/m)
      const found = { web1: 'shop-1.2', web2: live, web3: 'shop-1.2' }
      expect(await links(fleet, project, 'production')).toEqual(found)
      expect(await active(project)).toEqual(found)
      expect(await status(project)).toMatchObject({
        code: 0,
        split: null,
        previous: { web1: 'shop-1.1', web2: previous, web3: 'shop-1.1' },
      })
      expect(await project.deploy(['production', await release(project, '1.3')])).toMatchObject({ code: 0 })
    },
  )

  test('a host that cannot be reached is needed, unless it left the stage', async () => {
    const project = await splitByCut()
    await fleet.host('web3').stop()
    try {
      const refused = await project.deploy(['recover', 'production', '--back'])
      expect(refused.code).toBe(3)
      expect(refused.stdout + refused.stderr).toMatch(/every host of the switch .* is needed/)
      const two = { hosts: ['web1', 'web2'] }
      await project.configure({ heartbeat, stages: { production: two, staging: { hosts: ['web3'] } } })
      const mended = await project.deploy(['recover', 'production', '--back'])
      expect(mended.code, mended.stderr).toBe(0)
      expect(mended.stderr).toMatch(/mended without web3/)
    } finally {
      await fleet.host('web3').start()
    }
  })
})

test('F6 a split is never hidden by --hosts: a run on a host that it did not touch is refused too', async () => {
  const project = await makeProject(fleet)
  const next = await release(project, '1.1')
  for (const hosts of ['web1', 'web2,web3'])
    await project.deploy(['production', await release(project, '1.0'), '--hosts', hosts])
  expect(await project.deploy(['production', next, '--hosts', 'web2,web3'])).toMatchObject({ code: 0 })
  const file = join(project.rootOf('web3'), '.stage/journal.jsonl')
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  const kept = lines.findLastIndex(line => /"what": ?"kept"/.test(line))
  // As of a host that lost its power before that reached its disk.
  await writeFile(file, `${lines.filter((_line, at) => at !== kept).join('\n')}\n`)
  for (const args of [
    ['production', next, '--hosts', 'web1'],
    ['production', next, '--except', 'web2,web3'],
    ['prepare', 'production', next, '--hosts', 'web1'],
    ['status', 'production', '--hosts', 'web1'],
  ]) {
    const { code } = await project.deploy(args)
    expect([code, args]).toEqual([6, args])
  }
  expect((await links(fleet, project, 'production'))['web1']).toBe('shop-1.0')
})

test('F6 without a split there is nothing to recover', async () => {
  const project = await makeProject(fleet)
  await project.deploy(['production', await release(project, '1.0')])
  const { code, stdout } = await project.deploy(['recover', 'production', '--forward'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/There is no split of production/)
})
