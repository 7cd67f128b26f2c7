import { describe, expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import { environmentIn, phasesOf, problemsOf } from '../e2e/support/events.ts'
import { stopped } from '../e2e/support/faults.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { everywhere, journal, links } from '../e2e/support/hosts.ts'
import { makeProject, type Project } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { copyOf } from './support/copy-of.ts'

const fleet = await fleetOf(['web1', 'web2', 'web3'])
const live = (revision: string) => everywhere(fleet, revision)

/** A copy of a project, if there is one, with staging deployed to one more version. */
async function further(version: string, from?: Project): Promise<Project> {
  const project = from === undefined ? await makeProject(fleet) : await copyOf(fleet, from)
  const { code, stderr } = await project.deploy(['staging', await release(project, version)])
  if (code !== 0) throw new Error(`the deploy of ${version} ended with ${code}: ${stderr}`)
  return project
}

// Deployed to 1.0, then 1.1, then 1.2: every test begins with a copy of one of these.
const live10 = await further('1.0')
const live11 = await further('1.1', live10)
const live12 = await further('1.2', live11)

describe('F13 a rollback', () => {
  test('goes back to the previous revision, and a second one further back, never forward', async () => {
    const project = await copyOf(fleet, live12)
    const steps: unknown[] = []
    for (let time = 0; time < 3; time += 1) {
      const { code } = await project.deploy(['rollback', 'staging'])
      steps.push([code, await links(fleet, project, 'staging')])
    }
    expect(steps).toEqual([
      [0, live('shop-1.1')],
      [0, live('shop-1.0')],
      [3, live('shop-1.0')],
    ])
  })

  test('builds nothing and verifies nothing', async () => {
    const project = await copyOf(fleet, live11)
    const rollback = await project.deploy(['rollback', 'staging', '--json'])
    expect(phasesOf(rollback)).toEqual(['lock', 'switch', 'activate', 'health', 'prune'])
  })

  test('on the first revision ever is refused', async () => {
    const project = await copyOf(fleet, live10)
    const refused = await project.deploy(['rollback', 'staging', '--json'])
    expect({ code: refused.code, problems: problemsOf(refused) }).toEqual({
      code: 3,
      problems: ['staging: no-previous'],
    })
    expect(await links(fleet, project, 'staging')).toEqual(live('shop-1.0'))
  })

  test('with --to goes to any revision that stands', async () => {
    const project = await copyOf(fleet, live12)
    expect(await project.deploy(['rollback', 'staging', '--to', 'shop-1.0'])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual(live('shop-1.0'))
  })

  test('with --to a revision that one host lacks is refused before any host is touched', async () => {
    const project = await copyOf(fleet, live11)
    const next = await release(project, '1.2')
    await project.deploy(['prepare', 'staging', next, '--hosts', 'web1,web2'])
    const before = await journal(project, 'web1')
    const refused = await project.deploy(['rollback', 'staging', '--to', 'shop-1.2', '--json'])
    expect({ code: refused.code, problems: problemsOf(refused) }).toEqual({
      code: 3,
      problems: ['web3: not-standing'],
    })
    expect(await links(fleet, project, 'staging')).toEqual(live('shop-1.1'))
    expect(await journal(project, 'web1')).toEqual(before)
  })

  test('where hosts disagree is refused, listing all of them; --to decides', async () => {
    const project = await copyOf(fleet, live11)
    await project.deploy(['staging', await release(project, '1.2'), '--hosts', 'web2'])
    const refused = await project.deploy(['rollback', 'staging', '--json'])
    expect({ code: refused.code, problems: problemsOf(refused) }).toEqual({
      code: 3,
      problems: ['web1: hosts-disagree', 'web2: hosts-disagree', 'web3: hosts-disagree'],
    })
    expect(await project.deploy(['rollback', 'staging', '--to', 'shop-1.0'])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual(live('shop-1.0'))
  })

  test('after a failed deploy goes to what was live before the live one', async () => {
    const project = await copyOf(fleet, live11)
    await project.configure({ verify: [exec(['false'])] })
    expect(await project.deploy(['staging', await release(project, '1.2')])).toMatchObject({ code: 4 })
    expect(await project.deploy(['rollback', 'staging'])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual(live('shop-1.0'))
  })

  test('runs the hooks of the switch with the revision that it goes to', async () => {
    const project = await copyOf(fleet, live11)
    await project.configure({ hooks: { activate: [exec(['env'])] } })
    const rollback = await project.deploy(['rollback', 'staging', '--json'])
    expect(environmentIn(rollback, 'web2', 'activate')).toMatchObject({
      DEPLOY_REVISION: 'shop-1.0',
      DEPLOY_PREVIOUS: 'shop-1.1',
    })
  })

  test('without a stage asks about the one that was switched last, which without a terminal needs -y', async () => {
    const project = await copyOf(fleet, live11)
    await project.deploy(['promote', 'staging', 'production'])
    await project.deploy(['staging', await release(project, '1.2')])
    const asked = await project.deploy(['rollback'])
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringMatching(/staging to shop-1\.2.*--yes/s) })
    expect(await links(fleet, project, 'staging')).toEqual(live('shop-1.2'))
    expect(await project.deploy(['rollback', '-y'])).toMatchObject({ code: 0 })
    expect([await links(fleet, project, 'staging'), await links(fleet, project, 'production')]).toEqual([
      live('shop-1.1'),
      live('shop-1.1'),
    ])
  })

  test('without a stage, while a host does not answer, wants the stage to be named', async () => {
    const project = await copyOf(fleet, live11)
    await using _down = await stopped(fleet.host('web3'))
    const refused = await project.deploy(['rollback', '-y'])
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringMatching(/web3.*deploy rollback STAGE/s) })
    expect(await links(fleet, project, 'staging')).toEqual(live('shop-1.1'))
  })
})
