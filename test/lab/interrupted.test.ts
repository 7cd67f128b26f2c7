import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type Step, script, sh } from '../../src/index.ts'
import { closingTable, outputOf } from '../e2e/support/events.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { everywhere, journal, leftovers, links, rootListing, runningOn } from '../e2e/support/hosts.ts'
import { makeProject, type Project, type ProjectConfig } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { heartbeat, UNDONE_MS } from './support/size.ts'

const fleet = await fleetOf(['web1', 'web2', 'web3'])
const NAMES = ['web1', 'web2', 'web3']

/** Says that it is there, and stays with a child of its own; for the old revision it ends at once. */
const stays = script(
  sh`echo "here with $DEPLOY_REVISION"; test "$DEPLOY_VERSION" = 1.0 || { sleep 600; echo never; }`,
  { title: 'stay' },
)
const inSlot = (slot: string, step: Step = stays): ProjectConfig => ({ heartbeat, hooks: { [slot]: [step] } })

/** Live on 1.0 everywhere, with a run of 1.1 under way whose step is running on all hosts. */
async function underWay(slot: string) {
  const project = await makeProject(fleet, { heartbeat })
  await project.deploy(['staging', await release(project, '1.0')])
  await project.configure(inSlot(slot))
  const sdist = await release(project, '1.1')
  const run = project.start(['staging', sdist, '--json'])
  await Promise.all(NAMES.map(name => run.printed(new RegExp(`"host":"${name}".*here with shop-1.1`))))
  return { project, run, sdist }
}

/** What a run has on the hosts. The server's own part of a connection stays as long as the other side does not close it. */
const startedByUs = async () =>
  await Promise.all(
    NAMES.map(async name => (await runningOn(fleet, name)).filter(command => !command.startsWith('sshd:'))),
  )

/** Links, processes and half-made things as they were before. The dead man's switch needs a moment. */
async function expectAsBefore(project: Project): Promise<void> {
  await expect.poll(startedByUs, { timeout: UNDONE_MS, interval: 100 }).toEqual([[], [], []])
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
  expect(await leftovers(fleet, project)).toEqual([])
}

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('F8 %s', signal => {
  test('during the build ends with 130: nothing switched, nothing running, nothing half made', async () => {
    const { project, run } = await underWay('build')
    run.signal(signal)
    expect(await run.ended).toMatchObject({ code: 130 })
    expect(await Promise.all(NAMES.map(name => runningOn(fleet, name)))).toEqual([[], [], []])
    expect(await leftovers(fleet, project)).toEqual([])
    expect(await rootListing(project, 'web2')).toEqual(['shop-1.0', 'staging'])
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
  })
})

describe('F8 an interruption', () => {
  test('during the verification is no verdict: the same bytes may be tried again', async () => {
    const { project, run, sdist } = await underWay('verify')
    run.signal('SIGINT')
    expect(await run.ended).toMatchObject({ code: 130 })
    await project.configure({ heartbeat })
    expect(await project.deploy(['staging', sdist])).toMatchObject({ code: 0 })
  })

  test('during the activation puts every host back and activates the old revision', async () => {
    const { project, run } = await underWay('activate')
    run.signal('SIGINT')
    const ended = await run.ended
    expect({ code: ended.code, table: closingTable(ended) }).toMatchObject({
      code: 5,
      table: everywhere(fleet, { live: 'shop-1.0', readBack: true }),
    })
    const again = NAMES.map(name => outputOf(ended, name, 'undo activate'))
    expect(again).toEqual(NAMES.map(() => ['here with shop-1.0']))
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
    expect(await Promise.all(NAMES.map(name => runningOn(fleet, name)))).toEqual([[], [], []])
  })

  test('twice during the activation leaves at once; the hosts put themselves back', async () => {
    const { project, run } = await underWay('activate')
    run.signal('SIGINT')
    // What comes at once is the echo of the first one.
    await sleep(300)
    run.signal('SIGINT')
    const { code } = await run.ended
    // The hosts may be back by then; either way nobody is left half way.
    expect([5, 6]).toContain(code)
    await expectAsBefore(project)
  })

  test('before anything was done says so', async () => {
    const project = await makeProject(fleet)
    await release(project, '1.0')
    for (const { name } of fleet.hosts) await fleet.host(name).freeze()
    const run = project.start(['staging'])
    await sleep(500)
    run.signal('SIGINT')
    const { code } = await run.ended
    for (const { name } of fleet.hosts) await fleet.host(name).thaw()
    expect(code).toBe(130)
    expect(await Promise.all(NAMES.map(name => rootListing(project, name)))).toEqual([[], [], []])
  })
})

describe('F9 a runner that is killed', () => {
  test.each([['build'], ['verify']])(
    'during %s leaves no process and no lock; the next run works with no manual step',
    async slot => {
      const { project, run, sdist } = await underWay(slot)
      run.signal('SIGKILL')
      await run.ended
      await expect.poll(startedByUs, { timeout: UNDONE_MS, interval: 100 }).toEqual([[], [], []])
      expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
      await project.configure({ heartbeat })
      expect(await project.deploy(['staging', sdist])).toMatchObject({ code: 0 })
      expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.1'))
      expect(await leftovers(fleet, project)).toEqual([])
    },
  )

  test.each(['after:switch', 'activate', 'health'])(
    'during %s: every host puts itself back, activation too, and says so in its journal',
    async slot => {
      const { project, run, sdist } = await underWay(slot)
      run.signal('SIGKILL')
      await run.ended
      await expectAsBefore(project)
      for (const name of NAMES)
        expect((await journal(project, name)).map(({ what }) => what)).toEqual(
          expect.arrayContaining(['intent', 'fired', 'put-back']),
        )
      const { stdout } = await project.deploy(['status', 'staging', '--json'])
      expect(JSON.parse(stdout).stages.staging).toMatchObject({ uniform: true, split: null })
      await project.configure({ heartbeat })
      expect(await project.deploy(['staging', sdist])).toMatchObject({ code: 0 })
      expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.1'))
    },
  )

  test('and whose connections hang: the hosts notice its silence by themselves', async () => {
    const { project, run } = await underWay('activate')
    // Frozen, the runner keeps its connections and says nothing.
    run.signal('SIGSTOP')
    await expectAsBefore(project)
    run.signal('SIGCONT')
    expect(await run.ended).toMatchObject({ code: expect.any(Number) })
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
  })
})
