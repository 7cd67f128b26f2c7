import { afterEach } from 'vitest'
import type { Fleet } from '../../support/fleet.ts'
import { speaksSsh } from '../../support/ssh-banner.ts'
import type { TestHost } from '../../support/test-host.ts'

/** A way in which a runner loses one host, and how that host comes back by itself or by somebody's hand. */
export interface Loss {
  strike(host: TestHost): Promise<void>
  /** Nothing to do where the host was back at once. */
  mend(host: TestHost): Promise<void>
}

const nothing = async () => undefined

/** Every way that the lab knows. What their names say is all that the product can see of them. */
export const losses = {
  'its connection breaks': { strike: host => host.killSessions(), mend: nothing },
  'its server is stopped': {
    strike: async host => {
      await host.stop()
      await host.killSessions()
    },
    mend: host => host.start(),
  },
  'its network is cut': { strike: host => host.cutNetwork(), mend: host => host.mendNetwork() },
  'it is frozen': { strike: host => host.freeze('host'), mend: host => host.thaw() },
  'its remote end is killed': { strike: killRemoteEnd, mend: nothing },
  'it reboots': {
    strike: async host => {
      await host.powerOff()
      await host.powerOn()
    },
    mend: nothing,
  },
} satisfies Readonly<Record<string, Loss>>

export type LossName = keyof typeof losses

/** Which of them a runner notices only by silence, and which leave nobody on the host to clean up. */
export const silent: readonly LossName[] = ['its network is cut', 'it is frozen']
export const fatal: readonly LossName[] = ['its remote end is killed', 'it reboots']

/** After each test of a file: a test that failed half way leaves no host lost to the next one. */
export function mendAfterEach({ hosts, kind }: Fleet): void {
  afterEach(async () => {
    for (const host of hosts) {
      await host.thaw()
      if (kind === 'namespaces') await host.mendNetwork()
      if (!(await speaksSsh(host.address, host.port))) await host.start()
    }
  })
}

/** SIGKILL, as the kernel's OOM killer sends it: to the remote end alone, and nothing can be done about it. */
export async function killRemoteEnd(host: TestHost): Promise<void> {
  const pids = await remoteEnds(host)
  if (pids.length === 0) throw new Error(`${host.name}: no remote end to kill`)
  await host.run(['kill', '-KILL', ...pids.map(String)], { as: 'root' })
}

/** Stops it while its SSH server goes on: what the runner sends arrives in its input, and waits there. */
export async function stopRemoteEnd(host: TestHost): Promise<void> {
  await host.run(['kill', '-STOP', ...(await remoteEnds(host)).map(String)], { as: 'root' })
}

/** As guarantees.md says how to find one. */
const remoteEnds = async (host: TestHost): Promise<readonly number[]> =>
  (await host.processes())
    .filter(({ command }) => /^\S*python3 .* stage-deploy python listening$/.test(command))
    .map(({ pid }) => pid)
