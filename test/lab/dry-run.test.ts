import { describe, expect, test } from 'vitest'
import { exec, script, secret, sh } from '../../src/index.ts'
import { fleetOf, WITH_NAMESPACES } from '../e2e/support/fleet-of.ts'
import { treeOf } from '../e2e/support/hosts.ts'
import { makeProject, type Project } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'

const fleet = await fleetOf(['web1', 'web2', 'web3'])

/** Roots and homes of all hosts, to the last byte and nanosecond. */
const everything = async (project: Project) =>
  await Promise.all(fleet.hosts.flatMap(({ name, home }) => [treeOf(project.rootOf(name)), treeOf(home)]))

const config = {
  env: { API_KEY: secret('API_KEY') },
  verify: [exec(['touch', '/tmp/verified'])],
  hooks: { 'before:switch': [script(sh`touch /tmp/hooked`, { title: 'a hook' })] },
}
const env = { API_KEY: 'swordfish' }

/** What is live, what it was before, one that was rejected, and a newer sdist: for all dry runs, since none changes anything. */
async function settled(): Promise<Project> {
  const project = await makeProject(fleet, {})
  expect(await project.deploy(['staging', await release(project, '1.0')])).toMatchObject({ code: 0 })
  await project.configure({ verify: [exec(['false'])] })
  expect(await project.deploy(['staging', await release(project, '1.0.5')])).toMatchObject({ code: 4 })
  await project.configure({})
  expect(await project.deploy(['staging', await release(project, '1.1')])).toMatchObject({ code: 0 })
  await release(project, '1.2')
  return project
}

describe('F22 a dry run', () => {
  let standing: Promise<Project> | undefined

  test.each([
    ['of a first deploy', []],
    ['of a first deploy, as JSON', ['--json']],
  ])('%s writes not one byte on any host', async (_what, flags) => {
    const project = await makeProject(fleet, config)
    await release(project, '1.0')
    const before = await everything(project)
    expect(await project.deploy(['staging', '--dry-run', ...flags], { env })).toMatchObject({ code: 0 })
    expect(await everything(project)).toEqual(before)
    expect(await fleet.host('web1').run(['ls', '/tmp/verified', '/tmp/hooked'])).toMatchObject({ stdout: '' })
  })

  test.each([
    ['deploy', ['staging']],
    ['prepare', ['prepare', 'staging']],
    ['rollback', ['rollback', 'staging']],
    ['promote', ['promote', 'staging', 'production']],
    ['prune', ['prune', 'staging']],
    ['discard', ['discard', 'shop-1.0.5', 'staging']],
  ])('of %s where revisions stand writes not one byte either', async (_command, args) => {
    standing ??= settled()
    const project = await standing
    const before = await everything(project)
    expect(await project.deploy([...args, '-n'])).toMatchObject({ code: 0 })
    expect(await everything(project)).toEqual(before)
  })

  // Where all hosts have the same root: otherwise the plan tells them apart.
  test.runIf(WITH_NAMESPACES)(
    'prints the plan: phases, hosts and steps, and the names of secrets only',
    async () => {
      const project = await makeProject(fleet, config)
      await release(project, '1.0')
      const { stdout } = await project.deploy(['staging', '--dry-run'], { env })
      const root = project.rootOn('web1')
      const steady = stdout.replaceAll(root, 'ROOT').replace(project.directory, 'PROJECT')
      expect(
        steady.replaceAll(/[0-9a-f]{64}/g, 'SHA256').replace(/, \d+ B/, ', SIZE'),
      ).toMatchInlineSnapshot(`
        "shop 1.0 → staging, 3 hosts
        sdist PROJECT/dist/shop-1.0.tar.gz, SIZE
        sha256 SHA256
        channel final

        host  live  becomes   shop-1.0  root
        web1  none  shop-1.0  is built  ROOT
        web2  none  shop-1.0  is built  ROOT
        web3  none  shop-1.0  is built  ROOT

        lock  3 hosts
          all hosts
            take the lock of staging

        upload  3 hosts
          all hosts
            receive the sdist and check its sha256

        build  3 hosts
          all hosts
            unpack into {root}/shop-1.0

        verify  3 hosts
          all hosts
            touch /tmp/verified (verify, 10 min)
              with API_KEY=[secret API_KEY]

        seal  3 hosts
          all hosts
            write the verdict and make the revision read-only

        switch  3 hosts
          all hosts
            a hook (hooks, before:switch, 10 min)
              /bin/sh -eu -c 'touch /tmp/hooked' script
              with API_KEY=[secret API_KEY]
            staging: no link → shop-1.0

        activate, health  nothing to do

        prune  3 hosts
          all hosts
            nothing to remove
        "
      `)
    },
  )

  test('with --json prints one object: the plan', async () => {
    const project = await makeProject(fleet, config)
    await release(project, '1.0')
    const { stdout } = await project.deploy(['staging', '--dry-run', '--json'], { env })
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ v: 1, intent: 'deploy', project: 'shop', stage: 'staging', revision: { name: 'shop-1.0' } },
      hosts: ['web1', 'web2', 'web3'].map(host => ({ host, stands: false, live: null, wanted: 'shop-1.0' })),
      leftOut: [],
    })
    expect(stdout).not.toMatch('swordfish')
  })

  test('of what would be refused is refused alike', async () => {
    standing ??= settled()
    const project = await standing
    const lower = await release(project, '0.9')
    expect(await project.deploy(['staging', lower, '--dry-run'])).toMatchObject({ code: 3 })
  })
})
