import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { bootProbe, script, sh } from '../../src/index.ts'
import type { RunningDeployment } from '../e2e/support/deploy.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { atGate, STANDING, shutGate } from '../e2e/support/gate.ts'
import { everywhere, links, rootListing } from '../e2e/support/hosts.ts'
import { makeProject, type Project } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'

const fleet = await fleetOf(['web1'])
const host = fleet.host('web1')

/** Says where it is to listen, and never answers. */
const MUTE = [
  'import os, socket, sys, time',
  'one = socket.socket(socket.AF_UNIX)',
  'one.bind(sys.argv[1])',
  'one.listen()',
  'print("listens at " + sys.argv[1], flush=True)',
  'while os.path.exists(os.environ["DEPLOY_ROOT"] + "/gate"): time.sleep(0.05)',
  'sys.exit(1)',
].join('\n')

/** As another ordinary user of the host, in the root of a project. */
async function asNobody(project: Project, command: string) {
  const nobody = ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups']
  return await host.run([...nobody, '/bin/sh', '-c', `cd ${project.rootOn('web1')} && ${command}`], {
    as: 'root',
  })
}

/** What the deploy account has in the places for temporary files that others could open. */
async function openToOthers(): Promise<string> {
  const places = ['/tmp', '/var/tmp', '/dev/shm']
  const theirs = ['-mindepth', '1', '-maxdepth', '1', '-user', host.user, '-perm', '/077', '!', '-type', 'l']
  return (await host.run(['find', ...places, ...theirs], { as: 'root' })).stdout
}

const modeOf = async (project: Project, path: string) =>
  (await stat(join(project.rootOf('web1'), path))).mode & 0o777

describe('F29 another user of a host, while a run builds', () => {
  let held: { readonly project: Project; readonly run: RunningDeployment; readonly open: () => Promise<void> }

  beforeAll(async () => {
    const project = await makeProject(fleet, {
      hooks: { build: [script(sh`echo of a step > made`), atGate] },
      shared: { directories: ['uploads'] },
    })
    expect(await project.deploy(['staging', await release(project, '1.0')])).toMatchObject({ code: 0 })
    // As a root was that an early version made; the next run closes it.
    await host.run([
      '/bin/sh',
      '-c',
      `cd ${project.rootOn('web1')}/.stage && chmod 755 . */ && chmod 644 *.* */*`,
    ])
    const open = await shutGate(project, 'web1')
    const run = project.start(['staging', await release(project, '1.1'), '--json'])
    await run.printed(STANDING)
    held = { project, run, open }
  })

  test('can read what is live: the attempts below come as far as the root', async () => {
    const { code, stdout } = await asNobody(held.project, 'cat staging/made')
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: 'of a step' })
  })

  test.each([
    ['hold the lock of the stage', 'flock -n .stage/locks/staging true'],
    ['hold the lock of the root', 'flock -n .stage/locks/@root true'],
    ['hold the lock of the revision that is built', 'flock -n .stage/locks/shop-1.1 true'],
    ['take a lock file away', 'mv .stage/locks/staging .stage/locks/x'],
    ['list the records', 'ls .stage'],
    ['list what arrives', 'ls .stage/incoming'],
    ['read the journal', 'cat .stage/journal.jsonl'],
    ['read an sdist', 'cat .stage/sdists/shop-1.0.tar.gz'],
    [
      'leave something where the record of the build is read',
      'echo {} > .stage/incoming/shop-1.1.record.json',
    ],
    ['leave a pipe where the journal is read', 'mkfifo .stage/checkpoint.new'],
    ['make a revision', 'mkdir shop-9.9'],
    ['move the link', 'ln -sfn shop-1.1 staging'],
    ['move the records away', 'mv .stage x'],
    ['put something into the build', 'touch shop-1.1/planted'],
    ['change what a step of the build made', 'echo x >> shop-1.1/made'],
    ['take away what a step of the build made', 'rm -f shop-1.1/made'],
    ['write into the log of the build', 'echo x >> shop-1.1/.build.log'],
    ['move the build away', 'mv shop-1.1 x'],
    ['change what is live', 'echo x >> shop-1.0/made'],
    ['put something into what is live', 'touch shop-1.0/planted'],
    ['put something into what revisions share', 'touch shared/uploads/planted'],
    ['put something beside it', 'mkdir shared/planted'],
  ])('cannot %s', async (_, command) => {
    const { code, stderr } = await asNobody(held.project, command)
    expect({ command, failed: code !== 0 }).toEqual({ command, failed: true })
    expect(stderr).toMatch(/Permission denied|Operation not permitted|cannot open/)
  })

  test('finds the records closed, and nothing of the run in a place for temporary files', async () => {
    expect(await modeOf(held.project, '.stage')).toBe(0o700)
    expect(await openToOthers()).toBe('')
  })

  test('does not keep the run from its end', async () => {
    await held.open()
    expect(await held.run.ended).toMatchObject({ code: 0 })
    expect(await links(fleet, held.project, 'staging')).toEqual(everywhere(fleet, 'shop-1.1'))
    expect(await rootListing(held.project, 'web1')).toEqual(['shared', 'shop-1.0', 'shop-1.1', 'staging'])
  })
})

test('F29 nobody else reaches the socket at which a revision is tried, or knows its place before', async () => {
  const project = await makeProject(fleet)
  const boot = bootProbe(['python3', '-c', MUTE, '{socket}'], { timeout: '5m' })
  await project.configure({ verify: [boot] })
  const seen = new Set<string>()
  for (const version of ['1.0', '1.1']) {
    const open = await shutGate(project, 'web1')
    const run = project.start(['staging', await release(project, version), '--json'])
    await run.printed(/listens at \/\S+?\/socket/)
    const [socket] = (
      await host.run(['find', '/tmp', '-path', '/tmp/stage-deploy-*/socket'], { as: 'root' })
    ).stdout
      .trim()
      .split('\n')
    expect(socket).toMatch(/^\/tmp\/stage-deploy-[a-z0-9_]{8}\/socket$/)
    seen.add(`${socket}`)
    expect((await asNobody(project, `ls ${socket}`)).code).not.toBe(0)
    expect(await openToOthers()).toBe('')
    await open()
    expect(await run.ended).toMatchObject({ code: 4 })
  }
  expect(seen.size).toBe(2)
})
