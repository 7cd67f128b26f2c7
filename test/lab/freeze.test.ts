import { describe, expect, test } from 'vitest'
import { stopped } from '../e2e/support/faults.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { atGate, STANDING, shutGate } from '../e2e/support/gate.ts'
import { everywhere, journal, links } from '../e2e/support/hosts.ts'
import { makeProject, type Project } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { copyOf } from './support/copy-of.ts'

const NAMES = ['web1', 'web2', 'web3']
const fleet = await fleetOf(NAMES)

/** Live on 1.0; a new one for each test. */
const deployed = makeProject(fleet).then(async project => {
  expect(await project.deploy(['production', await release(project, '1.0')])).toMatchObject({ code: 0 })
  return project
})
const live = async () => await copyOf(fleet, await deployed)

const frozenOn = async (project: Project) => {
  const { stdout } = await project.deploy(['status', 'production', '--json'])
  const { hosts } = JSON.parse(stdout).stages.production
  return NAMES.map(name => hosts[name].frozen?.reason ?? null)
}

const lastWords = async (project: Project) =>
  await Promise.all(NAMES.map(async name => (await journal(project, name)).at(-1)?.['what']))

describe('a frozen stage', () => {
  test('is changed by nothing until it is unlocked; who, why and how it ends is said', async () => {
    const project = await live()
    expect(await project.deploy(['lock', 'production', '--reason', 'the sale'])).toMatchObject({ code: 0 })
    expect(await lastWords(project)).toEqual(['frozen', 'frozen', 'frozen'])
    const next = await release(project, '1.1')
    for (const args of [
      ['production', next],
      ['prepare', 'production', next],
      ['promote', 'staging', 'production'],
      ['rollback', 'production', '--to', 'shop-1.0'],
      ['rollback', 'production', '--to', 'shop-9.9'],
      ['prune', 'production'],
      ['discard', 'shop-9.9', 'production'],
      ['lock', 'production', '--reason', 'another one'],
    ]) {
      if (args[0] === 'promote') await project.deploy(['staging', await release(project, '1.0')])
      const { code, stdout, stderr } = await project.deploy(args)
      expect([args, code]).toEqual([args, 7])
      expect(stdout + stderr).toMatch(/production is frozen by .* since .*: the sale/)
      expect(stdout + stderr).toMatch(/deploy unlock production/)
    }
    expect(await links(fleet, project, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))
    const { stdout } = await project.deploy(['status', 'production'])
    expect(stdout).toMatch(/frozen by .*: the sale\n.*deploy unlock production/)
    expect(await project.deploy(['staging', next])).toMatchObject({ code: 0 })
    expect(await project.deploy(['unlock', 'production'])).toMatchObject({ code: 0 })
    expect(await frozenOn(project)).toEqual([null, null, null])
    expect(await project.deploy(['production', next])).toMatchObject({ code: 0 })
  })

  test('is frozen on all hosts or on none', async () => {
    const project = await live()
    {
      await using _down = await stopped(fleet.host('web3'))
      expect(await project.deploy(['lock', 'production', '--reason', 'the sale'])).toMatchObject({ code: 3 })
    }
    expect(await frozenOn(project)).toEqual([null, null, null])
  })

  test('a dry run freezes nothing', async () => {
    const project = await live()
    const { code, stdout } = await project.deploy(['lock', 'production', '--reason', 'x', '--dry-run'])
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'web1  freeze production: x'])
    expect(await frozenOn(project)).toEqual([null, null, null])
  })
})

describe('F11 --wait-lock', () => {
  /** A run to 1.0 that verifies until `open`: everybody else comes too early. */
  async function underWay() {
    const project = await makeProject(fleet, { hooks: { verify: [atGate] } })
    const open = await shutGate(project, 'web1')
    const run = project.start(['production', await release(project, '1.0'), '--json'])
    await run.printed(STANDING)
    return { project, run, open, next: await release(project, '1.1') }
  }

  test('waits for the run that is under way, says whom, and then plans on what that run has left', async () => {
    const { project, run, open, next } = await underWay()
    const refused = await project.deploy(['production', next])
    expect(refused.code).toBe(7)
    const waiting = project.start(['production', next, '--wait-lock', '120'])
    await waiting.printed(/production is locked by .*; waiting up to 120 s for it/)
    await open()
    expect([(await run.ended).code, (await waiting.ended).code]).toEqual([0, 0])
    expect(await links(fleet, project, 'production')).toEqual(everywhere(fleet, 'shop-1.1'))
    const [latest] = (await journal(project, 'web1')).filter(({ what }) => what === 'intent').toReversed()
    expect(latest).toMatchObject({ from: 'shop-1.0', to: 'shop-1.1' })
  })

  test('ends when its time is up', async () => {
    const { project, run, open, next } = await underWay()
    expect(await project.deploy(['production', next, '--wait-lock', '1'])).toMatchObject({ code: 7 })
    await open()
    expect(await run.ended).toMatchObject({ code: 0 })
  })

  test('ends with 130 when it is interrupted', async () => {
    const { project, run, open, next } = await underWay()
    const waiting = project.start(['production', next, '--wait-lock', '120'])
    await waiting.printed('waiting up to')
    waiting.signal('SIGINT')
    expect(await waiting.ended).toMatchObject({ code: 130 })
    await open()
    expect(await run.ended).toMatchObject({ code: 0 })
  })

  test('works for upkeep as well', async () => {
    const { project, run, open } = await underWay()
    expect(await project.deploy(['prune', 'production'])).toMatchObject({ code: 7 })
    const waiting = project.start(['prune', 'production', '--wait-lock', '120'])
    await waiting.printed('waiting up to')
    await open()
    expect([(await run.ended).code, (await waiting.ended).code]).toEqual([0, 0])
  })
})
