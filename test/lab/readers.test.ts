import { access, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { exec } from '../../src/index.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { makeProject, type Project } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { inSize } from './support/size.ts'

const NAMES = ['web1', 'web2', 'web3']
const fleet = await fleetOf(NAMES)
const PROGRAM = await readFile(new URL('support/reader.py', import.meta.url), 'utf8')

/** A revision whose files all hold its version. */
const ship = async (project: Project, version: string) =>
  await release(project, version, { files: { 'shop/first.txt': version, 'shop/second.txt': version } })

/** What a reader on one host found. */
interface Findings {
  /** What could not be opened. */
  readonly missing: readonly string[]
  /** What two files of one directory held, where it was not the same. */
  readonly mixed: readonly (readonly string[])[]
  /** The versions in the order in which they were met, each with how often it was read in a row. */
  readonly seen: readonly (readonly [version: string, times: number])[]
}

/** A program that reads on one host, as a process of the deploy account that yields to everything else. */
async function read(project: Project, name: string): Promise<Findings> {
  const [link = '', ...files] = ['staging', 'begun', 'enough'].map(file => `${project.rootOn(name)}/${file}`)
  const { code, stdout, stderr } = await fleet
    .host(name)
    .run(['nice', '-n', '19', '/usr/bin/python3', '-I', '-S', '-c', PROGRAM, link, ...files])
  if (code !== 0) throw new Error(`the reader of ${name}: ${stderr}`)
  return JSON.parse(stdout)
}

/** Readers on all hosts, each of which has begun to read. @returns what ends them */
async function startReaders(project: Project): Promise<() => Promise<Readonly<Record<string, Findings>>>> {
  const readers = NAMES.map(async name => [name, await read(project, name)] as const)
  const end = async () => {
    for (const name of NAMES) await writeFile(join(project.rootOf(name), 'enough'), '')
    return Object.fromEntries(await Promise.all(readers))
  }
  onTestFinished(async () => void (await end()))
  for (const name of NAMES)
    await vi.waitFor(() => access(join(project.rootOf(name), 'begun')), { timeout: 30_000 })
  return end
}

const total = (findings: Readonly<Record<string, Findings>>) =>
  Object.values(findings)
    .flatMap(({ seen }) => seen)
    .reduce((sum, [, times]) => sum + times, 0)

/** Nothing was ever missing or mixed, and these versions were live one after the other, on every host, each read. */
function expectSeen(findings: Readonly<Record<string, Findings>>, versions: readonly string[]): void {
  for (const [host, { missing, mixed, seen }] of Object.entries(findings)) {
    expect({ host, missing, mixed }).toEqual({ host, missing: [], mixed: [] })
    expect(seen.map(([version]) => version)).toEqual(versions)
  }
}

const SWITCHES = inSize({ short: 4, full: 100 })

test(`F20 readers on every host miss nothing and see no mix during ${SWITCHES} switches`, async () => {
  const project = await makeProject(fleet)
  await project.deploy(['staging', await ship(project, '1.1')])
  expect(await project.deploy(['staging', await ship(project, '1.2')])).toMatchObject({ code: 0 })
  const endReaders = await startReaders(project)
  const live = ['1.2']
  while (live.length <= SWITCHES) {
    const next = live.at(-1) === '1.2' ? '1.1' : '1.2'
    const { code } = await project.deploy(['rollback', 'staging', '--to', `shop-${next}`])
    expect([live.length, code]).toEqual([live.length, 0])
    live.push(next)
  }
  const findings = await endReaders()
  expectSeen(findings, live)
  process.stdout.write(`${total(findings)} reads on ${NAMES.length} hosts during ${SWITCHES} switches\n`)
})

test('F20 nor when every host is put back', async () => {
  const project = await makeProject(fleet)
  expect(await project.deploy(['staging', await ship(project, '1.1')])).toMatchObject({ code: 0 })
  // Long enough for every reader to come along.
  await project.configure({ hooks: { health: [exec(['sleep', '0.5']), exec(['false'])] } })
  const endReaders = await startReaders(project)
  expect(await project.deploy(['staging', await ship(project, '1.2')])).toMatchObject({ code: 5 })
  const findings = await endReaders()
  expectSeen(findings, ['1.1', '1.2', '1.1'])
  process.stdout.write(
    `${total(findings)} reads on ${NAMES.length} hosts during one switch and its put back\n`,
  )
})
