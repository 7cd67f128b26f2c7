import { mkdir, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Deployment } from '../e2e/support/deploy.ts'
import { closingTable, problemsOf } from '../e2e/support/events.ts'
import { fleetOf, WITH_NAMESPACES } from '../e2e/support/fleet-of.ts'
import { everywhere, links } from '../e2e/support/hosts.ts'
import type { Project } from '../e2e/support/project.ts'
import { beforeKeep } from './support/half-way.ts'
import { endsWithin, expectAtRest, NAMES, status } from './support/one-of-three.ts'
import { UNDONE_MS } from './support/size.ts'

const fleet = await fleetOf(NAMES)

/** `ln -sfn`, by somebody who is in a hurry. */
async function moveByHand(project: Project, host: string, text: string): Promise<void> {
  const link = join(project.rootOf(host), 'production')
  await mkdir(join(project.rootOf(host), text), { recursive: true })
  await symlink(text, `${link}.new`)
  await rename(`${link}.new`, link)
}

const MOVED = 'the link was moved by somebody else'
const failed = (live: string | null) => ({
  live,
  readBack: true,
  outcome: { kind: 'failed', reason: expect.stringContaining(MOVED) },
})

/** The command that is said to put it right: it is carried out as it stands. */
async function follow(project: Project, said: string): Promise<Deployment> {
  const [, command = ''] = /`deploy (rollback [^`]*)`/.exec(said) ?? []
  return await project.deploy(command.split(' '))
}

const statusText = async (project: Project) => (await project.deploy(['status', 'production'])).stdout

/** No command calls it a split, each says what was moved and how it is put back, and that is true. */
async function expectPutRight(project: Project, run: Deployment, revision: string): Promise<void> {
  const command = `deploy rollback production --to ${revision}`
  for (const said of [
    run.stdout,
    await statusText(project),
    (await project.deploy(['recover', 'production', '--back'])).stdout,
  ]) {
    expect(said).toContain(command)
    expect(said).not.toMatch(/deploy recover/)
  }
  const done = await follow(project, run.stdout)
  expect(done.code, done.stdout + done.stderr).toBe(0)
  expect(done.stderr).toMatch(/the link was moved by hand/)
  await expectAtRest(fleet, project, revision)
  expect(await status(project)).toMatchObject({ hosts: everywhere(fleet, { moved: null }) })
}

describe.runIf(WITH_NAMESPACES)('F12 a link that somebody moves during the switch', () => {
  test.each([
    ['to what no switch has set', 'shop-0.9'],
    ['back to what was live before', 'shop-1.0'],
  ])('on one host, %s: the others keep, and it is left alone and said', async (_title, text) => {
    const { project, run, goOn } = await beforeKeep(fleet)
    await moveByHand(project, 'web3', text)
    await goOn()
    const ended = await endsWithin(run, UNDONE_MS)
    const kept = { live: 'shop-1.1', readBack: true, outcome: { kind: 'ok' } }
    expect({ code: ended.code, table: closingTable(ended), problems: problemsOf(ended) }).toEqual({
      code: 6,
      table: { web1: kept, web2: kept, web3: failed(text) },
      problems: ['web3: moved'],
    })
    expect(await links(fleet, project, 'production')).toMatchObject({ web1: 'shop-1.1', web3: text })
    expect(await status(project)).toMatchObject({
      split: null,
      hosts: { web1: { moved: null }, web3: { live: text, moved: { recorded: 'shop-1.1' } } },
    })
    await expectPutRight(project, ended, 'shop-1.1')
  })

  test('on all hosts: nothing is left to undo, and each is said', async () => {
    const { project, run, goOn } = await beforeKeep(fleet)
    for (const name of NAMES) await moveByHand(project, name, 'shop-0.9')
    await goOn()
    const ended = await endsWithin(run, UNDONE_MS)
    expect({ code: ended.code, table: closingTable(ended) }).toEqual({
      code: 6,
      table: everywhere(fleet, failed('shop-0.9')),
    })
    expect(ended.stdout).not.toMatch(/undone/)
    await expectPutRight(project, ended, 'shop-1.1')
  })

  test('and a run that is interrupted then: the others are put back, and it is left alone', async () => {
    const { project, run } = await beforeKeep(fleet)
    await moveByHand(project, 'web3', 'shop-0.9')
    run.signal('SIGINT')
    const ended = await endsWithin(run, UNDONE_MS)
    expect({ code: ended.code, table: closingTable(ended) }).toMatchObject({
      code: 6,
      table: { web1: { live: 'shop-1.0' }, web2: { live: 'shop-1.0' }, web3: failed('shop-0.9') },
    })
    await expectPutRight(project, ended, 'shop-1.0')
  })

  test('or puts a directory in its place: it is never touched, and has to be moved away first', async () => {
    const { project, run, goOn } = await beforeKeep(fleet)
    const link = join(project.rootOf('web3'), 'production')
    await rm(link)
    await mkdir(join(link, 'precious'), { recursive: true })
    await goOn()
    const ended = await endsWithin(run, UNDONE_MS)
    expect({ code: ended.code, table: closingTable(ended) }).toMatchObject({
      code: 6,
      table: { web3: failed(null) },
    })
    expect(ended.stdout).toMatch(/move what is in its place away on web3/)
    expect(await follow(project, ended.stdout)).toMatchObject({ code: 3 })
    await rename(link, join(project.rootOf('web3'), 'moved-away'))
    await expectPutRight(project, ended, 'shop-1.1')
  })
})
