import { mkdir, readdir } from 'node:fs/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hostConnector } from '../../src/observe/connect-host.ts'
import { observeFleet } from '../../src/observe/observe-fleet.ts'
import type { Channel, Destination } from '../../src/transport/channel.ts'
import { createTransport, type Transport } from '../../src/transport/transport.ts'
import { aHost, aRun, aTarget } from '../support/builders.ts'
import { loopbackChannel } from '../support/loopback-channel.ts'
import { makeScratchDirectory } from '../support/scratch-directory.ts'

/** This machine, without SSH. */
function localTransport(): Transport {
  const transport = createTransport({ askPassphrase: async () => undefined, env: { ...process.env } })
  onTestFinished(() => transport.close())
  return transport
}

const hereAt = (root: string) => aHost('here', { client: 'local', root, python: '/usr/bin/python3' })

/** A transport to hosts that never say a word. */
function silentTransport() {
  const destinations: Destination[] = []
  const loopback = loopbackChannel()
  const transport: Transport = {
    reach: async destination => {
      destinations.push(destination)
      const channel: Channel = loopback.channel
      return channel
    },
    close: async () => undefined,
  }
  return { transport, destinations, loopback }
}

describe('a host', () => {
  test('is told whose root it works on, and tells who we are there', async () => {
    await using directory = await makeScratchDirectory()
    const host = hereAt(`${directory.path}/webcode`)
    const connect = hostConnector(aTarget(), aRun, localTransport())
    const { opened, end } = await connect(host)
    await end.close()
    expect(opened.uid).toBe(process.getuid?.())
    expect(opened.executable).toBe('/usr/bin/python3')
  })

  test('is observed without one byte being written', async () => {
    await using directory = await makeScratchDirectory()
    await mkdir(`${directory.path}/webcode/not-ours`, { recursive: true })
    const host = hereAt(`${directory.path}/webcode`)
    const { observations, connected } = await observeFleet(
      [host],
      { stages: ['production'], check: [], recipes: [] },
      {
        connect: hostConnector(aTarget(), aRun, localTransport()),
        parallel: 1,
        emit: () => undefined,
        signal: new AbortController().signal,
      },
    )
    await connected.get('here')?.end.close()
    expect(observations.get('here')).toMatchObject({
      kind: 'read',
      facts: { root: { kind: 'directory', project: undefined }, foreign: ['not-ours'], revisions: [] },
    })
    expect(await readdir(directory.path, { recursive: true })).toStrictEqual(['webcode', 'webcode/not-ours'])
  })
})

describe('a connection', () => {
  test('goes where the host says, by its own files before those of all', async () => {
    const { transport, destinations, loopback } = silentTransport()
    const ssh = { ...aTarget().ssh, knownHostsFile: '/all/known_hosts', configFile: '/all/config' }
    const connect = hostConnector(aTarget({ ssh }), aRun, transport)
    const reached = connect(aHost('web1', { knownHostsFile: '/own/known_hosts', port: 2222 }))
    loopback.host.end({ kind: 'exited', code: 127 })
    await expect(reached).rejects.toMatchObject({ code: 'remote-end' })
    expect(destinations).toMatchObject([
      { host: 'web1', port: 2222, knownHostsFile: '/own/known_hosts', configFile: '/all/config' },
    ])
  })

  test('that is called off before the remote end speaks is closed at once', async () => {
    const { transport, loopback } = silentTransport()
    const stop = new AbortController()
    const reached = hostConnector(aTarget(), aRun, transport)(aHost('web1'), stop.signal)
    stop.abort()
    await expect(reached).rejects.toMatchObject({ code: 'interrupted' })
    expect(await loopback.host.ended).toMatchObject({ kind: 'lost' })
  })
})
