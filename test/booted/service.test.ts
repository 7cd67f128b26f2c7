import { describe, expect, test } from 'vitest'
import { problemsOf } from '../e2e/support/events.ts'
import { everywhere, links } from '../e2e/support/hosts.ts'
import { makeProject, type Project } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { answerOf, application } from '../e2e/support/supervised.ts'
import { SUDO_ALL } from '../support/booted/booted-options.ts'
import { makeReadOnly, stopUserManager } from '../support/booted/faults.ts'
import { bootedFleetOf } from './support/booted-fleet-of.ts'
import { directoryOfMain, type Manager, systemctl } from './support/managed.ts'

const fleet = await bootedFleetOf(['web1', 'web2'], {
  sudo: SUDO_ALL,
  overrides: { web1: { suite: 'bookworm' }, web2: { suite: 'trixie' } },
})
const cases: readonly (readonly [manager: Manager, port: number])[] = [
  ['systemd-user', 8010],
  ['systemd', 8020],
]

describe.each(cases)('a service of %s on two releases of Debian', (manager, port) => {
  const unit = `shop-${manager}-production`
  // Each host has a Python of its own release.
  const python = {
    python: {
      interpreter: '/usr/bin/python3',
      pipArgs: ['--no-index', '--find-links', '/usr/share/python-wheels'],
    },
  }
  const configuration = {
    recipes: [
      python,
      {
        service: {
          ...{ name: `shop-${manager}`, manager, listen: port, steady: '1s', within: '10s' },
          command: ['.env/bin/python', '-m', 'shop.serve', '{port}'],
        },
      },
    ],
    stages: { production: { hosts: ['web1', 'web2'] } },
  }
  const ships = async (made: Project, version: string, before = '') =>
    await made.deploy(['production', await release(made, version, application(version, before)), '--json'])

  /** What serves on every host, seen from three sides. */
  async function expectServing(made: Project, version: string): Promise<void> {
    expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, `shop-${version}`))
    for (const host of fleet.hosts) {
      expect(await answerOf(host, port)).toMatchObject({ version, revision: `shop-${version}` })
      expect(await directoryOfMain(host, manager, unit)).toBe(`${made.rootOn(host.name)}/shop-${version}`)
      expect(await systemctl(host, manager, 'is-enabled', unit)).toBe('enabled')
    }
  }

  test('follows a switch and a rollback, and a version that does not come up leaves the old one serving', async () => {
    const made = await makeProject(fleet, configuration)
    const first = await ships(made, '1.0')
    expect({ code: first.code, problems: problemsOf(first), stderr: first.stderr }).toEqual({
      code: 0,
      problems: [],
      stderr: '',
    })
    await expectServing(made, '1.0')

    expect((await ships(made, '2.0')).code).toBe(0)
    await expectServing(made, '2.0')
    expect(await made.deploy(['check', 'production'])).toMatchObject({ code: 0 })

    expect((await made.deploy(['rollback', 'production', '--json'])).code).toBe(0)
    await expectServing(made, '1.0')

    const failed = await ships(
      made,
      '3.0',
      'import sys\nif __name__ == "__main__": sys.exit("no such database")',
    )
    expect(failed.code).toBe(5)
    expect(failed.stdout).toContain('no such database')
    await expectServing(made, '1.0')
  })
})

const serving = (name: string, manager: Manager, port: number) => ({
  recipes: [
    {
      service: {
        ...{ name, manager, listen: port, steady: '1s', env: { PYTHONPATH: '.' } },
        command: ['/usr/bin/python3', '-m', 'shop.serve', '{port}'],
      },
    },
  ],
  stages: { production: { hosts: ['web1', 'web2'] } },
})

const ships = async (made: Project) => {
  const run = await made.deploy(['production', await release(made, '1.0', application('1.0'))])
  return { code: run.code, said: `${run.stdout}${run.stderr}` }
}

test.each(cases)(
  'a service of %s whose definition cannot be written on one host is put back on both',
  async (manager, port) => {
    const made = await makeProject(fleet, serving(`unwritable-${manager}`, manager, port + 5))
    const directory = manager === 'systemd' ? '/etc/systemd/system' : '/home/deploy/.config/systemd/user'
    await using readOnly = await makeReadOnly(fleet.host('web2'), directory)
    const { code, said } = await ships(made)
    expect({ code, said }).toEqual({ code: 5, said: expect.stringContaining('Read-only file system') })
    expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, null))
    for (const host of fleet.hosts) {
      const unit = `unwritable-${manager}-production.service`
      expect(await systemctl(host, manager, 'list-unit-files', '--no-legend', unit)).toBe('')
    }
    await readOnly.mend()
    expect((await ships(made)).code).toBe(0)
  },
)

test('a service of the account is refused where only the socket of its manager is left', async () => {
  const made = await makeProject(fleet, serving('gone', 'systemd-user', 8030))
  await using stopped = await stopUserManager(fleet.host('web1'))
  const { code, said } = await ships(made)
  expect({ code, said }).toEqual({
    code: 3,
    said: expect.stringContaining('web1\n  ✖ no service manager of deploy answers'),
  })
  expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, null))
  await stopped.mend()
  expect((await ships(made)).code).toBe(0)
})
