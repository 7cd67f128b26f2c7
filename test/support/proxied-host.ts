import { appendFile } from 'node:fs/promises'
import { type DelayProxy, type ProxySetting, startDelayProxy } from './delay-proxy.ts'
import type { Fleet } from './fleet.ts'
import { knownHostsLine } from './ssh-keys.ts'

/** What to write into `hosts.NAME` to reach a host through a proxy; its root is for the test to say. */
export interface ProxiedHost {
  readonly proxy: DelayProxy
  readonly reached: {
    readonly address: string
    readonly port: number
    readonly user: string
    readonly identityFile: string
  }
}

/** Puts a proxy in front of a host, whose key is known there as well. Dispose of the proxy when the test is done. */
export async function proxiedHost(
  fleet: Fleet,
  name: string,
  setting: ProxySetting = {},
): Promise<ProxiedHost> {
  const host = fleet.host(name)
  const proxy = await startDelayProxy(host, setting)
  const { address, port } = proxy
  await appendFile(fleet.knownHostsFile, `${knownHostsLine(address, port, host.hostKey)}\n`)
  return { proxy, reached: { address, port, user: host.user, identityFile: fleet.identityFile } }
}
