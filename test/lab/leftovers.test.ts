import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exec, script, sh } from '../../src/index.ts'
import { problemsOf } from '../e2e/support/events.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { atGate, STANDING, shutGate } from '../e2e/support/gate.ts'
import { everywhere, journal, links, rootListing, treeOf } from '../e2e/support/hosts.ts'
import { makeProject, type Project } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { copyOf } from './support/copy-of.ts'
import { HOLDER } from './support/held-lock.ts'

const NAMES = ['web1', 'web2', 'web3']
const fleet = await fleetOf(NAMES)

const deployed = makeProject(fleet).then(async project => {
  expect(await project.deploy(['staging', await release(project, '1.0')])).toMatchObject({ code: 0 })
  return project
})

/** Live on 1.0, then on these; a new one for each test. */
async function liveOn10(...versions: readonly string[]): Promise<Project> {
  const project = await copyOf(fleet, await deployed)
  for (const version of versions)
    expect(await project.deploy(['staging', await release(project, version)])).toMatchObject({ code: 0 })
  return project
}

const onWeb2 = async (project: Project, command: string) => {
  const { code, stderr } = await fleet
    .host('web2')
    .run(['/bin/sh', '-c', `cd "$1" && ${command}`, 'sh', project.rootOn('web2')])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
}

const switchesOf = async (project: Project) =>
  (await journal(project, 'web2')).flatMap(entry => (entry['what'] === 'intent' ? [entry['to']] : []))

test('F10 a temporary link, in the root or in the records, is never published', async () => {
  const project = await liveOn10('1.1')
  // As two-step switches of other tools, and a killed remote end of this one, leave them.
  const temporary = [
    'staging.tmp',
    '.staging.new',
    'current',
    '.stage/incoming/staging.0123456789abcdef.link',
  ]
  for (const name of temporary) await onWeb2(project, `ln -s shop-1.0 ${name}`)
  await onWeb2(project, 'mkdir .stage/incoming/shop-1.2 && echo half > .stage/incoming/shop-1.2.tar.gz.part')
  expect(await project.deploy(['staging', await release(project, '1.2')])).toMatchObject({ code: 0 })
  expect(await project.deploy(['rollback', 'staging'])).toMatchObject({ code: 0 })
  expect(await project.deploy(['staging', await release(project, '1.3')])).toMatchObject({ code: 0 })
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.3'))
  expect(await switchesOf(project)).toEqual(['shop-1.0', 'shop-1.1', 'shop-1.2', 'shop-1.1', 'shop-1.3'])
  // What a link of somebody else names is not pruned, and the links are theirs.
  expect(await rootListing(project, 'web2')).toEqual(
    expect.arrayContaining(['.staging.new', 'current', 'shop-1.0', 'staging.tmp']),
  )
})

test('F10 a revision that a dead build left unfinished is built anew, with nothing of the old one in it', async () => {
  const project = await liveOn10()
  await project.configure({ hooks: { build: [script(sh`echo of the dead > half`), atGate] } })
  const open = await shutGate(project, 'web2')
  const sdist = await release(project, '1.1')
  const run = project.start(['staging', sdist, '--json'])
  await run.printed(STANDING)
  const host = fleet.host('web2')
  const end = (await host.processes()).find(({ command }) => /^\S*python3.*stage-deploy/.test(command))
  // It cannot clean up after itself, and what it started is gone too.
  await host.run(['kill', '-9', `${end?.pid}`])
  await open()
  expect(await run.ended).toMatchObject({ code: 4 })
  await expect.poll(() => host.pids(), { timeout: 10_000 }).toEqual([])
  expect(await rootListing(project, 'web1')).toEqual(['shop-1.0', 'staging'])
  expect(await rootListing(project, 'web2')).toEqual(['shop-1.0', 'shop-1.1', 'staging'])
  await project.configure({ hooks: { verify: [exec(['test', '!', '-e', 'half'])] } })
  // Nobody can switch to it before.
  const early = await project.deploy(['rollback', 'staging', '--to', 'shop-1.1', '--json'])
  expect(early).toMatchObject({ code: 3 })
  expect(await project.deploy(['staging', sdist])).toMatchObject({ code: 0 })
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.1'))
})

test('F10 a directory that the journal does not know is never touched, and never switched to', async () => {
  const project = await liveOn10()
  const foreign = join(project.rootOf('web2'), 'shop-1.1')
  await mkdir(foreign)
  await writeFile(join(foreign, 'file'), 'precious')
  const before = await treeOf(foreign)
  const next = await release(project, '1.1')
  for (const args of [
    ['staging', next],
    ['prepare', 'staging', next],
    ['rollback', 'staging', '--to', 'shop-1.1'],
  ]) {
    const refused = await project.deploy([...args, '--json'])
    expect({ args, code: refused.code }).toEqual({ args, code: 3 })
    const where = args[0] === 'rollback' ? 'staging' : 'web2'
    expect(problemsOf(refused).map(problem => problem.split(':')[0])).toEqual([where])
  }
  expect(await project.deploy(['staging', await release(project, '1.2')])).toMatchObject({ code: 0 })
  expect(await treeOf(foreign)).toEqual(before)
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.2'))
})

test('F10 what a host that died in its undo had not come to is done by the next run', async () => {
  const active = script(sh`echo "$DEPLOY_REVISION" > "$DEPLOY_ROOT/active"`, { title: 'activate' })
  const project = await makeProject(fleet, { hooks: { activate: [active, atGate] } })
  const first = await release(project, '1.0')
  expect(await project.deploy(['staging', first])).toMatchObject({ code: 0 })
  const open = await shutGate(project, 'web2')
  const run = project.start(['staging', await release(project, '1.1'), '--json'])
  await run.printed(STANDING)
  run.signal('SIGKILL')
  await run.ended
  const host = fleet.host('web2')
  const lastWord = async () => (await journal(project, 'web2')).at(-1)?.['what']
  await expect.poll(lastWord, { timeout: 20_000 }).toBe('put-back')
  // What undoes the latest step stands at the gate too, and the one before it is never come to.
  await host.run(['/bin/sh', '-c', 'kill -9 "$@"', 'sh', ...(await host.pids()).map(String)])
  await open()
  const activeOn = async (name: string) =>
    (await readFile(join(project.rootOf(name), 'active'), 'utf8')).trim()
  expect(await activeOn('web2')).toBe('shop-1.1')
  const status = async () => (await project.deploy(['status', 'staging'])).stdout
  expect(await status()).toMatch(/is not undone: the remote end died before that/)
  const dry = await project.deploy(['staging', first, '--dry-run'])
  expect(dry.stdout).toMatch(/first, on web2: undo activate\/2, activate\/1 of .*which was put back/)
  expect(await project.deploy(['staging', first])).toMatchObject({ code: 0 })
  expect(await activeOn('web2')).toBe('shop-1.0')
  expect(await status()).not.toMatch(/undone/)
  expect(await project.deploy(['staging', first])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/nothing to do/),
  })
})

test.each([
  ['names a run', JSON.stringify(HOLDER)],
  ['is no JSON', 'pid 4711'],
  ['is not even text', '\\377\\000\\376'],
])('F10 a lock file whose text %s, and that nobody holds, locks nothing', async (_what, text) => {
  const project = await liveOn10()
  for (const lock of ['staging', 'shop-1.1']) await onWeb2(project, `printf '${text}' > .stage/locks/${lock}`)
  const { code, stdout } = await project.deploy(['status', 'staging', '--json'])
  const { hosts } = JSON.parse(stdout).stages.staging
  expect([code, NAMES.map(name => hosts[name].lock)]).toEqual([0, [null, null, null]])
  expect(await project.deploy(['staging', await release(project, '1.1')])).toMatchObject({ code: 0 })
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.1'))
})
