import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { exec, script, sh } from '../../src/index.ts'
import { closingTable, eventsOf, outputOf, phasesOf, problemsOf } from '../e2e/support/events.ts'
import { changed } from '../e2e/support/faults.ts'
import { fleetOf, WITH_NAMESPACES } from '../e2e/support/fleet-of.ts'
import { everywhere, journal, leftovers, links, rootListing, runningOn } from '../e2e/support/hosts.ts'
import { makeProject, type Project, type ProjectConfig } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { copyOf } from './support/copy-of.ts'

const fleet = await fleetOf(['web1', 'web2', 'web3'])
const NAMES = ['web1', 'web2', 'web3']

/** A step that fails on web2 alone. */
const failsOnWeb2 = script(sh`echo "looking at $DEPLOY_HOST"; test "$DEPLOY_HOST" != web2`, { title: 'look' })

/** Live on 1.0 everywhere; a new one for each test, configured like this. */
const live = makeProject(fleet).then(async project => {
  const { code, stderr } = await project.deploy(['staging', await release(project, '1.0')])
  if (code !== 0) throw new Error(stderr)
  return project
})
const liveProject = async (config: ProjectConfig) => await copyOf(fleet, await live, config)

/** What must be true after every failure before the switch: nothing switched, nothing running, nothing half way. */
async function expectUntouched(project: Project): Promise<void> {
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
  expect(await Promise.all(NAMES.map(name => runningOn(fleet, name)))).toEqual([[], [], []])
  expect(await leftovers(fleet, project)).toEqual([])
}

describe('F4 a verification that fails on one of three hosts', () => {
  test('switches nowhere and rejects the revision on all', async () => {
    const project = await liveProject({ verify: [failsOnWeb2] })
    const run = await project.deploy(['staging', await release(project, '1.1'), '--json'])
    expect({ code: run.code, phases: phasesOf(run) }).toMatchObject({
      code: 4,
      phases: ['lock', 'upload', 'build', 'verify'],
    })
    await expectUntouched(project)
    for (const host of NAMES) {
      expect(await rootListing(project, host)).toEqual(['shop-1.0', 'staging'])
      expect((await journal(project, host)).at(-1)).toMatchObject({ what: 'rejected', revision: 'shop-1.1' })
    }
  })

  test('is shown with its host, its step and the end of its output', async () => {
    const look = script(
      sh`echo "looking at $DEPLOY_HOST"; test "$DEPLOY_HOST" != web2 || exit 1; exec sleep 600`,
      {
        title: 'look',
      },
    )
    const project = await liveProject({ verify: [look] })
    const { stdout } = await project.deploy(['staging', await release(project, '1.1')])
    expect(stdout.replace(/^Log: .*$/m, 'Log: FILE')).toMatchInlineSnapshot(`
      "host  was       is now    outcome
      web1  shop-1.0  shop-1.0  not switched
      web2  shop-1.0  shop-1.0  failed: exit 1
      web3  shop-1.0  shop-1.0  not switched

      ✖ web2, verify: look: failed: exit 1
        | looking at web2
        → shop-1.1 is rejected now and is never switched to: mend it and ship a new version
        → if it was not to blame, \`deploy discard shop-1.1 staging\` forgets the rejection

      Failed in verify on web2. Nothing was switched anywhere.
      Log: FILE
      "
    `)
  })

  test('makes the same bytes refused until they are discarded; a new version goes through', async () => {
    const project = await liveProject({ verify: [failsOnWeb2] })
    const bad = await release(project, '1.1')
    await project.deploy(['staging', bad])
    await project.configure({})
    const refused = await project.deploy(['staging', bad, '--json'])
    expect({ code: refused.code, problems: problemsOf(refused) }).toEqual({
      code: 3,
      problems: NAMES.map(name => `${name}: rejected`),
    })
    expect(await project.deploy(['staging', await release(project, '1.2')])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.2'))
    expect(await project.deploy(['discard', 'shop-1.1', 'staging'])).toMatchObject({ code: 0 })
    expect((await journal(project, 'web1')).at(-1)).toMatchObject({ what: 'discarded', revision: 'shop-1.1' })
    expect(await project.deploy(['staging', bad, '--allow-downgrade'])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.1'))
  })

  test('cannot be discarded where it is verified', async () => {
    const project = await liveProject({})
    const { code, stderr } = await project.deploy(['discard', 'shop-1.0', 'staging'])
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/shop-1\.0 is verified/) })
    expect(await rootListing(project, 'web1')).toEqual(['shop-1.0', 'staging'])
  })

  test('keeps what was built with --keep-failed', async () => {
    const project = await liveProject({ verify: [failsOnWeb2] })
    const run = await project.deploy(['staging', await release(project, '1.1'), '--keep-failed'])
    expect(run).toMatchObject({ code: 4 })
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
    expect(await rootListing(project, 'web2')).toEqual(['shop-1.0', 'shop-1.1', 'staging'])
  })

  test.each([
    ['killed by a signal', script(sh`kill -KILL $$`), /SIGKILL/],
    ['stopped by its time limit', exec(['sleep', '600'], { timeout: '500ms' }), /0\.5 s|500 ms|time/],
  ])('is one, too, when a step is %s', async (_how, step, reason) => {
    const project = await liveProject({ verify: [step] })
    const run = await project.deploy(['staging', await release(project, '1.1')])
    expect(run).toMatchObject({ code: 4, stdout: expect.stringMatching(reason) })
    await expectUntouched(project)
    expect((await journal(project, 'web3')).at(-1)).toMatchObject({ what: 'rejected' })
  })
})

describe('F4 a verification that could not be started', () => {
  test('is no verdict: nothing is rejected, and nothing is left', async () => {
    const project = await liveProject({ verify: [exec(['no-such-program'])] })
    const run = await project.deploy(['staging', await release(project, '1.1')])
    expect(run).toMatchObject({ code: 4, stdout: expect.stringMatching(/no-such-program/) })
    await expectUntouched(project)
    expect((await journal(project, 'web3')).map(({ what }) => what)).not.toContain('rejected')
  })
})

describe('F2 F3 a build that fails on one of three hosts', () => {
  const buildStep = (onWeb2: string) => ({
    hooks: { build: [exec(['/bin/sh', '-c', `test $DEPLOY_HOST = web2 || exec sleep 600; ${onWeb2}`])] },
  })

  test.each([
    ['exits non-zero', 'exit 9', /exit 9/],
    ['is killed by a signal', 'kill -KILL $$', /SIGKILL/],
  ])(
    'and %s stops the builds of the others, and ends only when they are gone',
    async (_how, onWeb2, reason) => {
      const project = await liveProject(buildStep(onWeb2))
      const run = await project.deploy(['staging', await release(project, '1.1'), '--json'])
      expect(run).toMatchObject({ code: 4 })
      const cancelled = { live: 'shop-1.0', readBack: true, outcome: { kind: 'cancelled' } }
      const failed = { kind: 'failed', reason: expect.stringMatching(reason) }
      expect(closingTable(run)).toEqual({
        web1: cancelled,
        web2: { ...cancelled, outcome: failed },
        web3: cancelled,
      })
      await expectUntouched(project)
      expect(await rootListing(project, 'web1')).toEqual(['shop-1.0', 'staging'])
    },
  )

  test('is no verdict: the same bytes may be tried again', async () => {
    const project = await liveProject(buildStep('exit 9'))
    const sdist = await release(project, '1.1')
    await project.deploy(['staging', sdist])
    await project.configure({})
    expect(await project.deploy(['staging', sdist])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.1'))
  })
})

test('F3 a hook that is killed by a signal on one of three hosts is a failure: nothing is switched', async () => {
  const killed = script(sh`test "$DEPLOY_HOST" != web2 || kill -KILL $$`, { title: 'be killed' })
  const project = await liveProject({ hooks: { 'before:switch': [killed] } })
  const run = await project.deploy(['staging', await release(project, '1.1'), '--json'])
  expect({ code: run.code, table: closingTable(run) }).toMatchObject({
    code: 4,
    table: {
      web2: { live: 'shop-1.0', outcome: { kind: 'failed', reason: expect.stringMatching(/SIGKILL/) } },
    },
  })
  await expectUntouched(project)
})

describe.runIf(WITH_NAMESPACES)('F1 an upload that fails on one of three hosts', () => {
  test('switches nowhere, names the host and the reason, and leaves nothing', async () => {
    const project = await liveProject({})
    // Where uploads arrive there is room for 64 KiB, and nobody but the upload asks how much.
    const incoming = `${project.rootOn('web2')}/.stage/incoming`
    const mine = `uid=$(stat -c %u ${incoming}),gid=$(stat -c %g ${incoming})`
    await using _full = await changed(
      fleet.host('web2'),
      `mount -t tmpfs -o size=64k,${mine} small ${incoming}`,
      `umount ${incoming}`,
    )
    const large = await release(project, '1.1', {
      files: { 'data.bin': randomBytes(200_000).toString('hex') },
    })
    const run = await project.deploy(['staging', large, '--json'])
    expect(run).toMatchObject({ code: 4 })
    expect(closingTable(run)).toMatchObject({
      web2: { live: 'shop-1.0', outcome: { kind: 'failed', reason: expect.stringMatching(/space/i) } },
    })
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
    expect(await rootListing(project, 'web1')).toEqual(['shop-1.0', 'staging'])
  })
})

describe('F5 F6 a failure at or after the switch on one of three hosts', () => {
  /** Says what it does; fails on web2 for the new revision alone, so that the way back is free. */
  const activate = script(
    sh`echo "activating $DEPLOY_REVISION"; test "$DEPLOY_HOST:$DEPLOY_VERSION" != web2:1.1`,
    { title: 'activate' },
  )

  test.each(['after:switch', 'activate', 'after:activate', 'health', 'after:health'])(
    'in %s puts all of them back',
    async slot => {
      const project = await liveProject({ hooks: { [slot]: [activate] } })
      const run = await project.deploy(['staging', await release(project, '1.1'), '--json'])
      expect({ code: run.code, table: closingTable(run) }).toMatchObject({
        code: 5,
        table: everywhere(fleet, { live: 'shop-1.0', readBack: true }),
      })
      await expectUntouched(project)
      expect(eventsOf(run, 'switched')).toHaveLength(3)
      expect(eventsOf(run, 'put-back')).toHaveLength(3)
      expect(eventsOf(run, 'kept')).toEqual([])
    },
  )

  test('activates the old revision again on every host', async () => {
    const project = await liveProject({ hooks: { activate: [activate] } })
    const run = await project.deploy(['staging', await release(project, '1.1'), '--json'])
    const printed = NAMES.map(name => outputOf(run, name, 'undo activate'))
    expect(printed).toEqual(NAMES.map(() => ['activating shop-1.0']))
  })

  test('leaves a revision that stands: the next deploy of it only switches', async () => {
    const project = await liveProject({ hooks: { health: [activate] } })
    const sdist = await release(project, '1.1')
    await project.deploy(['staging', sdist])
    await project.configure({})
    const next = await project.deploy(['staging', sdist, '--json'])
    expect({ code: next.code, phases: phasesOf(next) }).toEqual({
      code: 0,
      phases: ['lock', 'switch', 'activate', 'health', 'prune'],
    })
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.1'))
  })

  test('on a first deploy takes the links away again', async () => {
    const project = await makeProject(fleet, { hooks: { activate: [activate] } })
    const run = await project.deploy(['staging', await release(project, '1.1')])
    // There is no old revision to activate: nothing to undo.
    expect(run).toMatchObject({ code: 5 })
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, null))
  })

  test('undoes with the undo of a step where it has one', async () => {
    const undo = exec(['echo', 'undone'])
    const project = await liveProject({
      hooks: { 'before:switch': [exec(['echo', 'done'], { undo })], health: [activate] },
    })
    const run = await project.deploy(['staging', await release(project, '1.1'), '--json'])
    expect({ code: run.code, undone: outputOf(run, 'web3', 'undo before:switch') }).toEqual({
      code: 5,
      undone: ['undone'],
    })
  })

  test('is exit 6 when an undo fails: the links are old, what they activated is not known to be', async () => {
    const always = script(sh`test "$DEPLOY_HOST" != web2`, { title: 'activate' })
    const project = await liveProject({ hooks: { activate: [always] } })
    const run = await project.deploy(['staging', await release(project, '1.1')])
    expect(run).toMatchObject({ code: 6 })
    await expectUntouched(project)
  })

  test.runIf(WITH_NAMESPACES)(
    'is put back when the rename itself fails; the next deploy converges',
    async () => {
      // The links of a switch are made in .stage: a root that takes no new entry is noticed by the rename alone.
      const seal = script(sh`test "$DEPLOY_HOST" != web2 || chmod 555 "$DEPLOY_ROOT"`, {
        title: 'seal the root',
      })
      const project = await liveProject({ hooks: { 'before:switch': [seal] } })
      const sdist = await release(project, '1.1')
      const run = await project.deploy(['staging', sdist, '--json'])
      expect({ code: run.code, table: closingTable(run) }).toMatchObject({
        code: 5,
        table: {
          ...everywhere(fleet, { live: 'shop-1.0', readBack: true }),
          web2: { live: 'shop-1.0', outcome: { kind: 'failed', reason: expect.stringMatching(/denied/) } },
        },
      })
      await expectUntouched(project)
      await fleet.host('web2').run(['chmod', '755', project.rootOn('web2')])
      await project.configure({})
      expect(await project.deploy(['staging', sdist])).toMatchObject({ code: 0 })
      expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.1'))
    },
  )

  test.runIf(WITH_NAMESPACES)(
    'is exit 6 when the put-back fails too; status shows the split, the next run is refused, recover mends it',
    async () => {
      const seal = script(sh`test "$DEPLOY_HOST" != web2 || { chmod 555 "$DEPLOY_ROOT"; exit 1; }`, {
        title: 'seal the root and fail',
      })
      const project = await liveProject({ hooks: { 'after:switch': [seal] } })
      const run = await project.deploy(['staging', await release(project, '1.1'), '--json'])
      expect({ code: run.code, table: closingTable(run) }).toMatchObject({
        code: 6,
        table: { web1: { live: 'shop-1.0' }, web2: { live: 'shop-1.1' }, web3: { live: 'shop-1.0' } },
      })
      expect(await links(fleet, project, 'staging')).toEqual({
        ...everywhere(fleet, 'shop-1.0'),
        web2: 'shop-1.1',
      })
      const status = await project.deploy(['status', 'staging', '--json'])
      expect({ code: status.code, ...JSON.parse(status.stdout).stages.staging }).toMatchObject({
        code: 6,
        uniform: false,
        split: { from: 'shop-1.0', to: 'shop-1.1', hosts: NAMES },
      })
      await project.configure({})
      const refused = await project.deploy(['staging', await release(project, '1.2')])
      expect(refused).toMatchObject({
        code: 6,
        stdout: expect.stringMatching(/deploy recover staging --back/),
      })
      await fleet.host('web2').run(['chmod', '755', project.rootOn('web2')])
      expect(await project.deploy(['recover', 'staging', '--back'])).toMatchObject({ code: 0 })
      await expectUntouched(project)
      expect(await project.deploy(['status', 'staging'])).toMatchObject({ code: 0 })
    },
  )

  test('runs the steps of `failed` after it, on every host', async () => {
    const project = await liveProject({
      hooks: { health: [activate], failed: [exec(['echo', 'look here'])] },
    })
    const run = await project.deploy(['staging', await release(project, '1.1'), '--json'])
    expect(NAMES.map(name => outputOf(run, name, 'failed'))).toEqual(NAMES.map(() => ['look here']))
  })
})
