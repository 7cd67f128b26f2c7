import { mkdir, mkdtemp, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import { startDeploy } from './support/deploy.ts'
import { phasesOf } from './support/events.ts'
import { fleetOf } from './support/fleet-of.ts'
import { everywhere, links } from './support/hosts.ts'
import { makeProject, withPython } from './support/project.ts'
import { PROJECT, release } from './support/releases.ts'

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
