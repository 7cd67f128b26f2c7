import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { everywhere, journal, links, rootListing, treeOf } from '../e2e/support/hosts.ts'
import { makeProject, type Project, type ProjectConfig } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { copyOf } from './support/copy-of.ts'
import { inSize } from './support/size.ts'

const fleet = await fleetOf(['web1', 'web2', 'web3'])
const NAMES = ['web1', 'web2', 'web3']
const keep = (keepRevisions: number): ProjectConfig => ({
  stages: { staging: { hosts: NAMES, keepRevisions }, production: { hosts: NAMES, keepRevisions } },
})

async function ship(project: Project, stage: string, ...versions: readonly string[]): Promise<void> {
  for (const version of versions) {
    const { code, stderr } = await project.deploy([stage, await release(project, version)])
    if (code !== 0) throw new Error(`${stage} ${version}: ${code} ${stderr}`)
  }
}
/** Staging deployed to 1.0, then to 1.1; a new one for each test. */
const shipped = makeProject(fleet).then(async project => {
  await ship(project, 'staging', '1.0', '1.1')
  return project
})
const liveOn11 = async (kept: number) => await copyOf(fleet, await shipped, keep(kept))

const revisions = async (project: Project, host = 'web1') =>
  (await rootListing(project, host)).filter(name => name.startsWith('shop-'))

test('F14 a deploy keeps as many revisions that were live as the stage says, and their sdists', async () => {
  const project = await liveOn11(2)
  await ship(project, 'staging', '1.2', '1.3')
  for (const host of NAMES) {
    expect(await revisions(project, host)).toEqual(['shop-1.2', 'shop-1.3'])
    const sdists = await readdir(join(project.rootOf(host), '.stage/sdists'))
    expect(sdists.toSorted()).toEqual(['shop-1.2.tar.gz', 'shop-1.3.tar.gz'])
  }
  expect((await journal(project, 'web1')).filter(({ what }) => what === 'pruned')).toMatchObject([
    { revision: 'shop-1.0' },
    { revision: 'shop-1.1' },
  ])
})

/** After the switch, and as many before it. */
const FAILED = inSize({ short: 2, full: 5 })

test(`F14 ${2 * FAILED} failed deploys push no good revision out`, async () => {
  const project = await liveOn11(2)
  await project.configure({ ...keep(2), hooks: { health: [exec(['false'])] } })
  for (let count = 0; count < FAILED; count += 1)
    expect(await project.deploy(['staging', await release(project, `2.${count}`)])).toMatchObject({ code: 5 })
  await project.configure({ ...keep(2), verify: [exec(['false'])] })
  for (let count = 0; count < FAILED; count += 1)
    expect(await project.deploy(['staging', await release(project, `3.${count}`)])).toMatchObject({ code: 4 })
  await project.configure(keep(2))
  expect(await project.deploy(['prune', 'staging'])).toMatchObject({ code: 0 })
  expect(await revisions(project)).toEqual(expect.arrayContaining(['shop-1.0', 'shop-1.1']))
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.1'))
  expect(await project.deploy(['rollback', 'staging'])).toMatchObject({ code: 0 })
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
})

test('F14 what is live on another stage of the same root stays, however old it is', async () => {
  const project = await makeProject(fleet, keep(2))
  await ship(project, 'production', '1.0')
  await ship(project, 'staging', '1.1', '1.2', '1.3')
  expect(await revisions(project)).toEqual(['shop-1.0', 'shop-1.2', 'shop-1.3'])
})

test('F14 what is live stays, and what it would be rolled back to, though others were live after them', async () => {
  const project = await liveOn11(5)
  await ship(project, 'staging', '1.2', '1.3', '1.4')
  await project.deploy(['rollback', 'staging'])
  await project.deploy(['rollback', 'staging'])
  await project.configure(keep(2))
  expect(await project.deploy(['prune', 'staging'])).toMatchObject({ code: 0 })
  const kept = await revisions(project)
  expect(kept.filter(name => ['shop-1.0', 'shop-1.1', 'shop-1.2'].includes(name))).toEqual([
    'shop-1.1',
    'shop-1.2',
  ])
  expect(await project.deploy(['rollback', 'staging'])).toMatchObject({ code: 0 })
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.1'))
})

test('F14 two stages of one root keep each what is theirs: live and to be rolled back to', async () => {
  const project = await liveOn11(2)
  await ship(project, 'production', '1.2', '1.3')
  await ship(project, 'staging', '1.4', '1.5', '1.6')
  expect(await revisions(project)).toEqual(['shop-1.2', 'shop-1.3', 'shop-1.5', 'shop-1.6'])
  for (const stage of ['staging', 'production'])
    expect(await project.deploy(['rollback', stage])).toMatchObject({ code: 0 })
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.5'))
  expect(await links(fleet, project, 'production')).toEqual(everywhere(fleet, 'shop-1.2'))
})

test('F14 what was not made here, and what a foreign link names, is never touched', async () => {
  const project = await liveOn11(2)
  const root = project.rootOf('web1')
  // Like revisions by name, by what is in them, and not at all.
  const alien = ['shop-0.9', 'shop-1.2rc1', 'shop-9', 'backup', 'releases']
  for (const name of alien) {
    await mkdir(join(root, name))
    await writeFile(join(root, name, 'file'), 'precious')
  }
  await writeFile(join(root, 'shop-0.9', 'PKG-INFO'), 'Metadata-Version: 2.1\nName: shop\nVersion: 0.9\n')
  await symlink('shop-1.0', join(root, 'pinned'))
  const before = await Promise.all(alien.map(name => treeOf(join(root, name))))
  await ship(project, 'staging', '1.2', '1.3')
  expect(await rootListing(project, 'web1')).toEqual(
    [...alien, 'pinned', 'shop-1.0', 'shop-1.2', 'shop-1.3', 'staging'].toSorted(),
  )
  expect(await Promise.all(alien.map(name => treeOf(join(root, name))))).toEqual(before)
  expect(await revisions(project, 'web2')).toEqual(['shop-1.2', 'shop-1.3'])
})

test('F14 a revision in which a process still runs stays until the next time', async () => {
  const project = await liveOn11(2)
  const inside = `${project.rootOn('web1')}/shop-1.0`
  const running = fleet.host('web1').run(['/bin/sh', '-c', 'cd "$1" && exec sleep 300', 'sh', inside])
  await expect.poll(async () => (await fleet.host('web1').run(['pgrep', '-f', '^sleep 300$'])).code).toBe(0)
  await ship(project, 'staging', '1.2', '1.3')
  expect(await revisions(project, 'web1')).toEqual(['shop-1.0', 'shop-1.2', 'shop-1.3'])
  await fleet.host('web1').run(['pkill', '-f', '^sleep 300$'])
  await running
  expect(await project.deploy(['prune', 'staging'])).toMatchObject({ code: 0 })
  expect(await revisions(project, 'web1')).toEqual(['shop-1.2', 'shop-1.3'])
})
