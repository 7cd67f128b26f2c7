import { expect, test } from 'vitest'
import { collectCleanups } from '../support/cleanups.ts'
import { proxiedHost } from '../support/proxied-host.ts'
import { fleetOf } from './support/fleet-of.ts'
import { FULL } from './support/full-size.ts'
import { atGate, STANDING, shutGate } from './support/gate.ts'
import { everywhere, links } from './support/hosts.ts'
import { makeProject } from './support/project.ts'
import { release } from './support/releases.ts'

const NAMES = ['web1', 'web2', 'web3']
const fleet = await fleetOf(NAMES)

/** Far enough apart that what leaves in one turn is passed on before the first answer to it is there, however busy this machine is. */
const DELAY = { delayMs: 100 }

/** Not in the traffic of a proxy: TCP's own handshake. */
const TCP = 1

/** The step that stands at the gate is asked for when the switch has been read back, and says so: one more. */
const GATE = 1

/**
 * How many round trips each host needs, from the TCP connect to the answer to `fire`, in which it reads its link back; the
 * revision stands there.
 */
async function roundTripsOf(client: string, args: (sdist: string) => readonly string[]) {
  await using cleanups = collectCleanups()
  const project = await makeProject(fleet)
  const sdist = await release(project, '1.0')
  for (const each of [sdist, await release(project, '1.1')])
    expect(await project.deploy(['staging', each])).toMatchObject({ code: 0 })
  const proxied = await Promise.all(NAMES.map(name => proxiedHost(fleet, name, DELAY)))
  for (const { proxy } of proxied) cleanups.defer(async () => await proxy[Symbol.asyncDispose]())
  const hosts = proxied.map(({ reached }, index) => {
    const name = NAMES[index] ?? ''
    return [name, { ...reached, root: project.rootOn(name) }] as const
  })
  const hooks = { 'after:switch': [atGate] }
  await project.configure({ ssh: { client }, hosts: Object.fromEntries(hosts), hooks, heartbeat: '60s' })
  const gates = await Promise.all(NAMES.map(name => shutGate(project, name)))
  const run = project.start([...args(sdist), '--json'])
  await run.printed(new RegExp(`("line":"${STANDING}"[^]*){${NAMES.length}}`))
  const traffic = proxied.map(({ proxy }) => proxy.traffic())
  for (const open of gates) await open()
  expect(await run.ended).toMatchObject({ code: 0 })
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
  return traffic.map(connections => connections.map(({ roundTrips }) => TCP + roundTrips - GATE))
}

const rollback = () => ['rollback', 'staging']
const deploy = (sdist: string) => ['staging', sdist, '--allow-downgrade']

// ssh(1) asks which methods there are before it offers a key, and cannot be told not to: one more.
const ways = [
  ['12', 'a deploy', 'node-ssh', deploy],
  ['13', 'a rollback', 'openssh', rollback],
  ['12', 'a rollback', 'node-ssh', rollback],
  ['13', 'a deploy', 'openssh', deploy],
] as const
test.each(FULL ? ways : ways.slice(0, 2))(
  '%s round trips to the read-back, on one connection, is what %s with %s to a revision that stands takes',
  async (count, _what, client, args) => {
    expect(await roundTripsOf(client, args)).toEqual(NAMES.map(() => [Number(count)]))
  },
)
