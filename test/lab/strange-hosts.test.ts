import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import { closingTable, eventsOf, problemsOf } from '../e2e/support/events.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { everywhere, leftovers, links, rootListing } from '../e2e/support/hosts.ts'
import { makeProject } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { collectCleanups } from '../support/cleanups.ts'
import { proxiedHost } from '../support/proxied-host.ts'
import { inSize } from './support/size.ts'

const CLIENTS = ['node-ssh', 'openssh']
const NAMES = ['web1', 'web2', 'busy']
const fleet = await fleetOf(NAMES, { overrides: { busy: { sshdOptions: { MaxStartups: '2' } } } })
const connectTimeout = inSize({ short: '4s', full: '10s' })

test('F19 a slow host is switched, and put back, together with the others', async () => {
  const { proxy, reached } = await proxiedHost(fleet, 'web2', { delayMs: 200, bytesPerSecond: 200_000 })
  await using _proxy = proxy
  const project = await makeProject(fleet)
  const slow = { web2: { ...reached, root: project.rootOn('web2') } }
  await project.configure({ hosts: slow, ssh: { client: 'openssh' } })
  expect(await project.deploy(['staging', await release(project, '1.0')])).toMatchObject({ code: 0 })
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
  await project.configure({ hosts: slow, hooks: { health: [exec(['false'])] } })
  const back = await project.deploy(['staging', await release(project, '1.1'), '--json'])
  expect({ code: back.code, table: closingTable(back) }).toMatchObject({
    code: 5,
    table: everywhere(fleet, { live: 'shop-1.0', readBack: true }),
  })
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
  expect(await leftovers(fleet, project)).toEqual([])
  // Both have gone the slow way, each on one connection.
  expect(proxy.traffic().map(({ bytesFromHost }) => bytesFromHost > 1000)).toEqual([true, true])
})

describe('F19 a host that hangs', () => {
  test.each(CLIENTS)(
    'before it is reached is named in bounded time, with %s; nothing is begun',
    async client => {
      const project = await makeProject(fleet, { ssh: { client, connectTimeout } })
      await release(project, '1.0')
      await fleet.host('web2').freeze()
      try {
        const refused = await project.deploy(['staging', '--json'])
        expect({ code: refused.code, problems: problemsOf(refused) }).toEqual({
          code: 3,
          problems: ['web2: unreachable'],
        })
        expect(JSON.stringify(eventsOf(refused, 'problem'))).toMatch(
          /web2.*(?:did not answer|within|timed out)/,
        )
        expect(eventsOf(refused, 'phase-started')).toEqual([])
      } finally {
        await fleet.host('web2').thaw()
      }
      expect(await Promise.all(NAMES.map(name => rootListing(project, name)))).toEqual(NAMES.map(() => []))
      expect(await project.deploy(['staging'])).toMatchObject({ code: 0 })
    },
  )

  // From silence at once, through the banner, the keys and the login, up to the first answers of the remote end.
  const CUTS = [0, 1, 100, 1_200, 1_700, 2_000, 2_400, 2_600, 2_800, 3_000, 3_200]
  test.each(CLIENTS)('at any moment until it is read is named in bounded time, with %s', async client => {
    const project = await makeProject(fleet)
    await using proxies = collectCleanups()
    const hosts: Record<string, object> = {}
    for (const cut of CUTS) {
      const { proxy, reached } = await proxiedHost(fleet, 'web2', { cutAfterBytes: cut })
      proxies.defer(async () => await proxy[Symbol.asyncDispose]())
      const root = `${project.rootOn('web2')}/${cut}`
      await fleet.host('web2').run(['mkdir', root])
      hosts[`cut-${cut}`] = { ...reached, root }
    }
    const hung = Object.keys(hosts)
    await project.configure({
      hosts,
      ssh: { client, connectTimeout },
      heartbeat: '3s',
      stages: { staging: { hosts: ['web1', ...hung] }, production: { hosts: ['web2', 'busy'] } },
    })
    await release(project, '1.0')
    const refused = await project.deploy(['staging', '--json'])
    const problems = problemsOf(refused).map(problem => problem.split(': '))
    expect({ code: refused.code, named: problems.map(([host]) => host) }).toEqual({ code: 3, named: hung })
    // It is nobody's key and nobody's program that is wrong.
    for (const [host, code] of problems) expect(`${host} ${code}`).toMatch(/ (unreachable|connection-lost)$/)
    expect(await rootListing(project, 'web1')).toEqual([])
  })
})

/** Logins that somebody has begun and does not end, as many as the server takes. */
async function pendingLogins(): Promise<AsyncDisposable> {
  const { address, port } = fleet.host('busy')
  const sockets: Socket[] = []
  for (let count = 0; count < 2; count += 1) {
    const socket = connect({ host: address, port })
    await once(socket, 'data')
    sockets.push(socket)
  }
  return {
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) {
        socket.destroy()
        await once(socket, 'close')
      }
    },
  }
}

describe('F19 a host with MaxStartups 2', async () => {
  test.each(CLIENTS)('that takes no more logins for now is named in bounded time, with %s', async client => {
    const project = await makeProject(fleet, { ssh: { client, connectTimeout } })
    await release(project, '1.0')
    await using _pending = await pendingLogins()
    const refused = await project.deploy(['staging', '--json'])
    expect({ code: refused.code, problems: problemsOf(refused) }).toEqual({
      code: 3,
      problems: ['busy: unreachable'],
    })
    expect(JSON.stringify(eventsOf(refused, 'problem'))).toMatch(/MaxStartups/)
    expect(await Promise.all(NAMES.map(name => rootListing(project, name)))).toEqual(NAMES.map(() => []))
  })

  test.each(CLIENTS)('is asked again until it takes the login, with %s', async client => {
    const { proxy, reached } = await proxiedHost(fleet, 'busy')
    await using _proxy = proxy
    const project = await makeProject(fleet)
    const root = project.rootOn('busy')
    await project.configure({ ssh: { client, connectTimeout: '60s' }, hosts: { busy: { ...reached, root } } })
    await release(project, '1.0')
    const pending = await pendingLogins()
    const run = project.start(['staging'])
    // The first attempts are refused.
    await expect.poll(() => proxy.traffic().length, { timeout: 30_000 }).toBeGreaterThan(2)
    await pending[Symbol.asyncDispose]()
    expect(await run.ended).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
  })

  // Hosts that share the network of this machine reach each other.
  const loopback = await fleetOf(['one', 'two', 'three', 'bastion'], {
    kind: 'loopback',
    overrides: { bastion: { sshdOptions: { MaxStartups: '2' } } },
  })
  test.each(CLIENTS)('serves as the jump host of all the others, with %s', async client => {
    const project = await makeProject(loopback)
    const { user, address, port } = loopback.host('bastion')
    const configFile = join(project.directory, 'ssh_config')
    await writeFile(configFile, `IdentityFile ${loopback.identityFile}\n`)
    const behind = ['one', 'two', 'three']
    const reached = loopback.configFor(behind).hosts
    const jump = `${user}@${address}:${port}`
    await project.configure({
      stages: { staging: { hosts: behind }, production: { hosts: ['bastion'] } },
      hosts: Object.fromEntries(
        behind.map(name => [name, { ...reached[name], root: project.rootOn(name), jump }]),
      ),
      ssh: { client, configFile, connectTimeout: '60s' },
    })
    await release(project, '1.0')
    expect(await project.deploy(['staging'])).toMatchObject({ code: 0 })
    const live = await links(loopback, project, 'staging')
    expect(live).toEqual({ ...everywhere(loopback, 'shop-1.0'), bastion: null })
  })
})
