import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { everywhere, journal, links, rootListing } from '../e2e/support/hosts.ts'
import { makeProject, type Project, type ProjectConfig } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'

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
const revisions = async (project: Project, host = 'web1') =>
  (await rootListing(project, host)).filter(name => name.startsWith('shop-'))

test('F14 a deploy keeps as many revisions that were live as the stage says, and their sdists', async () => {
  const project = await makeProject(fleet, keep(2))
  await ship(project, 'staging', '1.0', '1.1', '1.2', '1.3')
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

test('F14 failed deploys push no good revision out', async () => {
  const project = await makeProject(fleet, keep(2))
  await ship(project, 'staging', '1.0', '1.1')
  await project.configure({ ...keep(2), verify: [exec(['false'])] })
  for (const version of ['2.0', '2.1', '2.2'])
    await project.deploy(['staging', await release(project, version)])
  await project.configure(keep(2))
  expect(await project.deploy(['prune', 'staging'])).toMatchObject({ code: 0 })
  expect(await revisions(project)).toEqual(['shop-1.0', 'shop-1.1'])
  expect(await project.deploy(['rollback', 'staging'])).toMatchObject({ code: 0 })
})

test('F14 what is live on another stage of the same root stays, however old it is', async () => {
  const project = await makeProject(fleet, keep(2))
  await ship(project, 'production', '1.0')
  await ship(project, 'staging', '1.1', '1.2', '1.3')
  expect(await revisions(project)).toEqual(['shop-1.0', 'shop-1.2', 'shop-1.3'])
})

test('F14 what is live stays, and what it would be rolled back to, though others were live after them', async () => {
  const project = await makeProject(fleet, keep(5))
  await ship(project, 'staging', '1.0', '1.1', '1.2', '1.3', '1.4')
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

test('F14 what was not made here, and what a foreign link names, is never touched', async () => {
  const project = await makeProject(fleet, keep(2))
  await ship(project, 'staging', '1.0', '1.1')
  const root = project.rootOf('web1')
  await mkdir(join(root, 'shop-0.9'))
  await writeFile(join(root, 'shop-0.9/file'), 'precious')
  await mkdir(join(root, 'backup'))
  await symlink('shop-1.0', join(root, 'pinned'))
  await ship(project, 'staging', '1.2', '1.3')
  expect(await rootListing(project, 'web1')).toEqual([
    ...['backup', 'pinned', 'shop-0.9', 'shop-1.0', 'shop-1.2', 'shop-1.3', 'staging'],
  ])
  expect(await revisions(project, 'web2')).toEqual(['shop-1.2', 'shop-1.3'])
})

test('F14 a revision in which a process still runs stays until the next time', async () => {
  const project = await makeProject(fleet, keep(2))
  await ship(project, 'staging', '1.0', '1.1')
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
