import { mkdir, mkdtemp, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import type { HostOptions } from '../support/host-options.ts'
import { startDeploy } from './support/deploy.ts'
import { outputOf, phasesOf } from './support/events.ts'
import { fleetOf, WITH_NAMESPACES } from './support/fleet-of.ts'
import { everywhere, leftovers, links } from './support/hosts.ts'
import { makeProject, withPython } from './support/project.ts'
import { PROJECT, release } from './support/releases.ts'

const BANNER = 'Authorised use only.\n{"this":"is no answer"}\n'

// Hosts on which logging in is not as simple as it could be.
const overrides: Readonly<Record<string, HostOptions>> = {
  dash: { shell: '/bin/dash' },
  csh: { shell: '/bin/csh' },
  fish: { shell: '/usr/bin/fish' },
  'one-session': { sshdOptions: { MaxSessions: '1' } },
  banner: { sshdOptions: { Banner: '/etc/ssh/banner' } },
}
const names = [...Object.keys(overrides), 'noisy', 'silent-locale']

const whereLoginsDiffer = 'hosts whose logins differ'
if (!WITH_NAMESPACES) describe.skip(whereLoginsDiffer)
else
  describe(whereLoginsDiffer, async () => {
    const fleet = await fleetOf(names, { kind: 'namespaces', overrides })
    const run = (name: string, command: string, input: string) =>
      fleet.host(name).run(['/bin/sh', '-c', command], { as: 'root', input })
    await run('banner', 'cat > /etc/ssh/banner', BANNER)
    const noise =
      'echo "welcome to $HOSTNAME"; echo \'{"ok":true}\'; echo "mind the gap" >&2; printf "no newline"\n'
    await run('noisy', 'cat > /home/stagetest/.bashrc', noise)
    await run('silent-locale', 'cat > /home/stagetest/.bashrc', 'export LC_ALL=C LANG=C PYTHONUTF8=0\n')

    test.each(['node-ssh', 'openssh'])('are deployed to like any other, with %s', async client => {
      const project = await makeProject(fleet, {
        ssh: { client },
        stages: { staging: { hosts: names } },
        verify: [exec(['echo', 'grün'])],
      })
      await release(project, '1.0')
      const deploy = await project.deploy(['staging', '--json'])
      expect({ code: deploy.code, links: await links(fleet, project, 'staging') }).toEqual({
        code: 0,
        links: everywhere(fleet, 'shop-1.0'),
      })
      expect(names.map(name => outputOf(deploy, name, 'verify'))).toEqual(names.map(() => ['grün']))
      expect(await leftovers(fleet, project)).toEqual([])
    })
  })

describe('the client', async () => {
  const fleet = await fleetOf(['web1', 'web2', 'web3'])

  test("openssh deploys a real project through the system's own ssh", async () => {
    const project = await makeProject(fleet, {
      ssh: { client: 'openssh' },
      recipes: [withPython],
      verify: [exec(['.env/bin/python', '-m', 'unittest'])],
    })
    await release(project, '1.0')
    const run = await project.deploy(['staging', '--json'])
    expect({ code: run.code, phases: phasesOf(run) }).toEqual({
      code: 0,
      phases: ['lock', 'upload', 'build', 'verify', 'seal', 'switch', 'activate', 'health', 'prune'],
    })
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
  })

  test('local deploys to this machine without SSH', async () => {
    const directory = await mkdtemp(join(fleet.directory, 'local-'))
    const root = join(directory, 'root')
    await mkdir(root)
    const here = { address: 'localhost', client: 'local', root, python: '/usr/bin/python3' }
    const config = {
      project: PROJECT,
      hosts: { here },
      stages: { staging: { hosts: ['here'] } },
      recipes: [withPython],
      verify: [exec(['.env/bin/python', '-m', 'unittest'])],
    }
    await writeFile(join(directory, 'stage.config.json'), JSON.stringify(config))
    await release({ directory }, '1.0')
    // Whatever other Pythons this machine has: Debian's setuptools wheel works with Debian's Python alone.
    const env = { PATH: '/usr/bin:/bin' }
    expect(await startDeploy(directory, fleet, ['staging'], { env }).ended).toMatchObject({ code: 0 })
    expect(await readlink(join(root, 'staging'))).toBe('shop-1.0')
  })
})
