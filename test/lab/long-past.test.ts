import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { everywhere, links, rootListing, runningOn } from '../e2e/support/hosts.ts'
import { makeProject, type Project, type ProjectConfig } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { copyOf } from './support/copy-of.ts'
import { inSize } from './support/size.ts'

const fleet = await fleetOf(['web1', 'web2', 'web3'])
const NAMES = ['web1', 'web2', 'web3']
const CONFIG: ProjectConfig = { stages: { staging: { hosts: NAMES, keepRevisions: 2 } } }
const DEPLOYS = inSize({ short: 5_000, full: 100_000 })
/** A host tells of its latest 500, and two more are there. */
const REVISIONS = inSize({ short: 40, full: 498 })

async function ship(project: Project, ...versions: readonly string[]): Promise<void> {
  for (const version of versions) {
    const { code, stderr } = await project.deploy(['staging', await release(project, version)])
    if (code !== 0) throw new Error(`${version}: ${code} ${stderr}`)
  }
}

const shipped = makeProject(fleet, CONFIG).then(async project => {
  await ship(project, '1.0', '1.1')
  return project
})

const program = readFile(fileURLToPath(new URL('support/long-past.py', import.meta.url)), 'utf8')

/** Live on 1.1, which came after 1.0, which came after thousands. */
async function afterMany(deploys: number, revisions: number): Promise<Project> {
  const project = await copyOf(fleet, await shipped, CONFIG)
  const numbers = [`${deploys}`, `${revisions}`]
  const argv = ['python3', '-c', await program, project.rootOn('web1'), 'staging', ...numbers]
  const done = await Promise.all(
    fleet.hosts.map(async host => await host.run(argv.with(3, project.rootOn(host.name)))),
  )
  for (const { code, stderr } of done) if (code !== 0) throw new Error(stderr)
  return project
}

const statusOf = async (project: Project) => {
  const { code, stdout, stderr } = await project.deploy(['status', 'staging', '--json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout).stages.staging
}

const checkpoint = (project: Project, host: string) => join(project.rootOf(host), '.stage/checkpoint.json')

test(`F28 after ${DEPLOYS} deploys a status, a rollback and the next deploy are those of any root`, async () => {
  const project = await afterMany(DEPLOYS, 0)
  const before = await statusOf(project)
  for (const name of NAMES)
    expect(before.hosts[name]).toMatchObject({ live: 'shop-1.1', previous: 'shop-1.0' })
  expect(await project.deploy(['rollback', 'staging', '--yes'])).toMatchObject({ code: 0 })
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
  const size = await stat(join(project.rootOf('web1'), '.stage/journal.jsonl'))
  const kept = await stat(checkpoint(project, 'web1'))
  expect({ mode: kept.mode & 0o777, isShort: kept.size * 10 < size.size }).toEqual({
    mode: 0o600,
    isShort: true,
  })
  // What lies below 1.0 is gone: nothing to go back to is made up.
  expect((await statusOf(project)).hosts.web1).toMatchObject({ live: 'shop-1.0' })
  await ship(project, '1.2')
  expect((await statusOf(project)).hosts.web1).toMatchObject({ live: 'shop-1.2', previous: 'shop-1.0' })
})

test('F28 a checkpoint that is damaged on one host changes nothing', async () => {
  const project = await afterMany(2_000, 0)
  await ship(project, '1.2')
  const before = await statusOf(project)
  const path = `${project.rootOn('web2')}/.stage/checkpoint.json`
  for (const damage of [`truncate -s 100 ${path}`, `rm ${path} && mkfifo ${path}`, `rm ${path}`]) {
    expect(await fleet.host('web2').run(['/bin/sh', '-c', damage])).toMatchObject({ code: 0 })
    expect(await statusOf(project)).toEqual(before)
  }
})

test(`F28 of ${REVISIONS} revisions too many a deploy removes ten, the oldest, and \`prune\` all the others`, async () => {
  const project = await afterMany(REVISIONS + 100, REVISIONS)
  const there = async () => (await rootListing(project, 'web1')).filter(name => name.startsWith('shop-0.'))
  const plan = await project.deploy(['staging', '--dry-run', await release(project, '1.2')])
  expect(plan.stdout).toContain(`later runs remove ${REVISIONS - 9} more`)
  const { code, stderr } = await project.deploy(['staging', await release(project, '1.2')])
  expect({ code, says: stderr.includes(`later runs remove ${REVISIONS - 9} more`) }).toEqual({
    code: 0,
    says: true,
  })
  const oldest = Array.from({ length: 10 }, (_, index) => `shop-0.${100 + index}`)
  expect((await there()).length).toBe(REVISIONS - 10)
  expect((await there()).filter(name => oldest.includes(name))).toEqual([])
  expect(await project.deploy(['prune', 'staging'])).toMatchObject({ code: 0 })
  expect(await rootListing(project, 'web1')).toEqual(['shop-1.1', 'shop-1.2', 'staging'])
})

test.each(['mkfifo', 'mkdir', 'ln -s /dev/zero'])(
  'F28 a journal replaced by `%s` is named at once',
  async make => {
    const project = await copyOf(fleet, await shipped, CONFIG)
    const path = `${project.rootOn('web2')}/.stage/journal.jsonl`
    await fleet.host('web2').run(['/bin/sh', '-c', `rm ${path} && ${make} ${path}`])
    for (const argv of [
      ['status', 'staging'],
      ['rollback', 'staging', '--yes'],
      ['history', 'staging'],
    ]) {
      const { code, stdout, stderr } = await project.deploy(argv)
      expect({ argv, code }).toEqual({ argv, code: 3 })
      expect(stdout + stderr).toMatch(/no plain file .*journal\.jsonl/)
    }
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.1'))
    expect(await runningOn(fleet, 'web2')).toEqual([])
  },
)
