import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import { problemsOf } from '../e2e/support/events.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { links, rootListing } from '../e2e/support/hosts.ts'
import { makeProject, type Project } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'

const fleet = await fleetOf(['stage1', 'stage2', 'web1', 'web2'])
const [staging, production] = [
  ['stage1', 'stage2'],
  ['web1', 'web2'],
]
const other = { files: { 'shop/other.py': 'x = 1\n' } }

const sha256 = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex')

/** What the run was refused for, and all that it said. */
async function refusal(project: Project, ...args: readonly string[]) {
  const run = await project.deploy([...args, '--json'])
  return { code: run.code, problems: problemsOf(run), said: run.stdout }
}

const untouched = async (project: Project) =>
  await Promise.all(production.map(host => rootListing(project, host)))

/** Rewrites one file of the records of a host, as whoever has its account can. */
async function rewrite(project: Project, host: string, path: string, from: string, to: string) {
  const file = join(project.rootOf(host), path)
  const text = await readFile(file, 'utf8')
  expect(text).toContain(from)
  await writeFile(file, text.replaceAll(from, to))
}

describe('F27 a host whose journal lies', () => {
  const journal = '.stage/journal.jsonl'
  let project: Project
  let sdist: string
  let forged: string
  let [honest, lie] = ['', '']

  beforeEach(async () => {
    project = await makeProject(fleet, {
      stages: { staging: { hosts: staging }, production: { hosts: production, after: 'staging' } },
    })
    sdist = await release(project, '1.0')
    expect(await project.deploy(['staging', sdist])).toMatchObject({ code: 0 })
    honest = await sha256(sdist)
    const elsewhere = join(project.directory, 'forged')
    forged = await release({ directory: elsewhere }, '1.0', other)
    lie = await sha256(forged)
  })

  test('lets no other bytes through to the next stage: the host that contradicts it is named with it', async () => {
    await rewrite(project, 'stage1', journal, honest, lie)
    const { code, problems, said } = await refusal(project, 'production', forged)
    expect({ code, problems }).toEqual({ code: 3, problems: ['staging: hosts-disagree'] })
    expect(said).toMatch(
      new RegExp(`stage1 says ${lie.slice(0, 12)} .*; stage2 says ${honest.slice(0, 12)} `),
    )
    expect(await untouched(project)).toEqual([[], []])
  })

  test('stops the bytes that were live as well, and a promotion, until somebody has found out who is right', async () => {
    await rewrite(project, 'stage1', journal, honest, lie)
    const refused = { code: 3, problems: ['staging: hosts-disagree'] }
    expect(await refusal(project, 'production', sdist)).toMatchObject(refused)
    expect(await refusal(project, 'promote', 'staging', 'production')).toMatchObject(refused)
    expect(await untouched(project)).toEqual([[], []])
    await rewrite(project, 'stage1', journal, lie, honest)
    expect(await project.deploy(['promote', 'staging', 'production'])).toMatchObject({ code: 0 })
  })

  test('is contradicted by the manifest of its own revision where nobody else can be read', async () => {
    await project.configure({
      stages: {
        staging: { hosts: ['stage1'] },
        production: { hosts: production, after: 'staging' },
        other: { hosts: ['stage2'] },
      },
    })
    await rewrite(project, 'stage1', journal, honest, lie)
    const { code, problems, said } = await refusal(project, 'production', forged)
    expect({ code, problems }).toEqual({ code: 3, problems: ['staging: hosts-disagree'] })
    expect(said).toContain(
      `stage1 says ${lie.slice(0, 12)} (its journal) and ${honest.slice(0, 12)} (its manifest)`,
    )
    expect(await untouched(project)).toEqual([[], []])
  })

  test('in which the revision is spelt otherwise is contradicted all the same', async () => {
    await rewrite(project, 'stage1', journal, honest, lie)
    await rewrite(project, 'stage1', journal, 'shop-1.0', 'Shop-1.0.0')
    const { code, problems, said } = await refusal(project, 'production', forged)
    expect({ code, problems }).toEqual({ code: 3, problems: ['staging: hosts-disagree'] })
    expect(said).toContain(`stage1 says ${lie.slice(0, 12)} (its journal of Shop-1.0.0)`)
  })

  test('takes no host of its own stage back to bytes that the others do not have', async () => {
    expect(await project.deploy(['staging', await release(project, '1.1')])).toMatchObject({ code: 0 })
    await rewrite(project, 'stage1', journal, honest, lie)
    const refused = { code: 3, problems: ['staging: hosts-disagree'] }
    expect(await refusal(project, 'rollback', 'staging')).toMatchObject(refused)
    expect(await links(fleet, project, 'staging')).toMatchObject({ stage1: 'shop-1.1', stage2: 'shop-1.1' })
    expect(await project.deploy(['rollback', 'staging', '--except', 'stage1'])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toMatchObject({ stage1: 'shop-1.1', stage2: 'shop-1.0' })
  })
})

describe('F27 a revision in two spellings', () => {
  const config = {
    project: 'b-legacy',
    stages: { staging: { hosts: staging }, production: { hosts: production } },
  }
  const ship = async (project: Project, name: string, version: string, mark: string) =>
    await refusal(project, 'staging', await release(project, version, { name, files: { mark } }))
  const live = (name: string | null) => ({ stage1: name, stage2: name, web1: null, web2: null })
  const everywhere = (code: string) => staging.map(host => `${host}: ${code}`)

  test('is one: other bytes are refused by whatever name and version they come', async () => {
    const project = await makeProject(fleet, config)
    expect(await ship(project, 'b_legacy', '1.0.0', 'first')).toMatchObject({ code: 0 })
    for (const [name, version] of [
      ['B-Legacy', '1.0.0'],
      ['b.legacy', '1.0'],
      ['b_legacy', '1'],
      ['b__legacy', '1.0.0.0'],
    ] as const) {
      const refused = await ship(project, name, version, 'other')
      expect(refused).toMatchObject({ code: 3, problems: everywhere('conflict') })
      expect(refused.said).toContain(`${name}-${version} is there as b_legacy-1.0.0 with other bytes`)
    }
    expect(await links(fleet, project, 'staging')).toEqual(live('b_legacy-1.0.0'))
    expect(await rootListing(project, 'stage1')).toEqual(['b_legacy-1.0.0', 'staging'])
  })

  test('that was rejected is rejected, until it is discarded by whatever name', async () => {
    const project = await makeProject(fleet, { ...config, verify: [exec(['false'])] })
    expect(await ship(project, 'B-Legacy', '1.2.0', 'first')).toMatchObject({ code: 4 })
    await project.configure(config)
    const refused = await ship(project, 'b-legacy', '1.2', 'other')
    expect(refused).toMatchObject({ code: 3, problems: everywhere('rejected') })
    expect(refused.said).toContain('deploy discard B-Legacy-1.2.0 staging')
    expect(await project.deploy(['discard', 'b_legacy-1.2', 'staging'])).toMatchObject({ code: 0 })
    expect(await ship(project, 'b-legacy', '1.2', 'other')).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual(live('b-legacy-1.2'))
  })

  test('is gone back to by any of them', async () => {
    const project = await makeProject(fleet, config)
    expect(await ship(project, 'b_legacy', '1.0.0', 'first')).toMatchObject({ code: 0 })
    expect(await ship(project, 'B-Legacy', '1.0.post1', 'second')).toMatchObject({ code: 0 })
    const back = async (to: string) => (await project.deploy(['rollback', 'staging', '--to', to])).code
    expect(await back('b-legacy-1.0')).toBe(0)
    expect(await links(fleet, project, 'staging')).toEqual(live('b_legacy-1.0.0'))
    expect(await back('b-legacy-1.0-1')).toBe(0)
    expect(await links(fleet, project, 'staging')).toEqual(live('B-Legacy-1.0.post1'))
    expect(await back('b-legacy-1.1')).toBe(3)
  })

  test('that an earlier version of the tool made twice goes on as two, each by its own name', async () => {
    const project = await makeProject(fleet, config)
    expect(await ship(project, 'b_legacy', '1.0.0', 'first')).toMatchObject({ code: 0 })
    for (const host of staging) await makeTwin(project, host, 'b_legacy-1.0.0', 'B-Legacy-1.0.0')
    const { stdout } = await project.deploy(['status', 'staging', '--json'])
    const { revisions } = JSON.parse(stdout).stages.staging.hosts.stage1
    expect(revisions.map(({ name }: { name: string }) => name)).toEqual(['B-Legacy-1.0.0', 'b_legacy-1.0.0'])
    for (const to of ['B-Legacy-1.0.0', 'b_legacy-1.0.0']) {
      expect(await project.deploy(['rollback', 'staging', '--to', to])).toMatchObject({ code: 0 })
      expect(await links(fleet, project, 'staging')).toEqual(live(to))
    }
    const { code, problems, said } = await refusal(project, 'rollback', 'staging', '--to', 'b-legacy-1.0')
    expect({ code, problems }).toEqual({ code: 3, problems: ['staging: ambiguous'] })
    expect(said).toContain('b-legacy-1.0 may be B-Legacy-1.0.0 or b_legacy-1.0.0')
  })
})

/** What the tool did before it knew that two spellings are one revision: it stands twice, sealed from other bytes. */
async function makeTwin(project: Project, host: string, name: string, twin: string): Promise<void> {
  const script = `
    cd "$1" && cp -a "$2" "$3" && cp -a .stage/sdists/"$2".tar.gz .stage/sdists/"$3".tar.gz &&
    chmod u+w "$3" "$3"/.revision.json &&
    sed -i 's/"revision": "[^"]*"/"revision": "'"$3"'"/; s/"sha256": "[^"]*"/"sha256": "'"$(printf %064d 7)"'"/' \\
      "$3"/.revision.json &&
    chmod a-w "$3"/.revision.json "$3"`
  const { code, stderr } = await fleet
    .host(host)
    .run(['/bin/sh', '-c', script, 'sh', project.rootOn(host), name, twin])
  if (code !== 0) throw new Error(stderr)
}
