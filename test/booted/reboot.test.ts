import { expect, test } from 'vitest'
import { atGate, STANDING, shutGate } from '../e2e/support/gate.ts'
import { everywhere, links } from '../e2e/support/hosts.ts'
import { makeProject } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { answerOf, application } from '../e2e/support/supervised.ts'
import { reboot } from '../support/booted/faults.ts'
import type { TestHost } from '../support/test-host.ts'
import { bootedFleetOf } from './support/booted-fleet-of.ts'
import { directoryOfMain } from './support/managed.ts'

const NAMES = ['web1', 'web2'] as const
const fleet = await bootedFleetOf(NAMES, { overrides: { web2: { suite: 'trixie' } } })
/** The least that a configuration may say: the runner has lost a silent host after it. */
const HEARTBEAT = '3s'
const EVENTUALLY = { timeout: 60_000 }

const configuration = (name: string, port: number) => ({
  recipes: [
    {
      service: {
        ...{ name, listen: port, steady: '1s', env: { PYTHONPATH: '.' } },
        command: ['/usr/bin/python3', '-m', 'shop.serve', '{port}'],
      },
    },
  ],
  hooks: { health: [atGate] },
  stages: { production: { hosts: NAMES } },
  heartbeat: HEARTBEAT,
})

const ways: readonly (readonly [
  how: string,
  name: string,
  port: number,
  strike: (host: TestHost) => Promise<void>,
])[] = [
  [
    'loses its power',
    'power',
    8040,
    async host => {
      await host.powerOff()
      await host.powerOn()
    },
  ],
  ['is rebooted', 'reboot', 8050, reboot],
]

test.each(ways)(
  'a host that %s in the middle of a run serves the revision of its link, and the next run goes through',
  async (_how, name, port, strike) => {
    const made = await makeProject(fleet, configuration(name, port))
    const ships = async (version: string) => [
      'production',
      await release(made, version, application(version)),
    ]
    /** What the link says, what answers, and where the service runs, on each host. */
    const served = async () =>
      await Promise.all(
        fleet.hosts.map(async host => ({
          answers: await answerOf(host, port).catch((error: unknown) => String(error)),
          directory: await directoryOfMain(host, 'systemd-user', `${name}-production`),
        })),
      )
    const serving = (version: string) =>
      NAMES.map(host => ({
        answers: expect.objectContaining({ version, revision: `shop-${version}` }),
        directory: `${made.rootOn(host)}/shop-${version}`,
      }))
    const first = await made.deploy(await ships('1.0'))
    expect({ code: first.code, stderr: first.code === 0 ? '' : first.stdout + first.stderr }).toEqual({
      code: 0,
      stderr: '',
    })
    expect(await served()).toEqual(serving('1.0'))

    const open = await shutGate(made, 'web1')
    const run = made.start([...(await ships('2.0')), '--json'])
    await run.printed(STANDING)
    await strike(fleet.host('web2'))
    await open()
    expect((await run.ended).code).toBe(5)
    await expect.poll(served, EVENTUALLY).toEqual(serving('1.0'))
    expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))

    const next = await made.deploy(await ships('2.1'))
    expect({ code: next.code, stderr: next.code === 0 ? '' : next.stdout + next.stderr }).toEqual({
      code: 0,
      stderr: '',
    })
    expect(await served()).toEqual(serving('2.1'))
  },
)
