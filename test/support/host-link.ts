import { programPath } from './requirements.ts'
import { mustRun, runProgram } from './run-program.ts'

/** A cable between this machine and the network namespace of one host. */
export interface HostLink {
  /** Of the host's end. */
  readonly address: string
  /** Of our end, and its interface. */
  readonly gateway: string
  readonly device: string
  cut(): Promise<void>
  mend(): Promise<void>
  remove(): Promise<void>
}

/** RFC 2544 reserves 198.18.0.0/15 for tests between devices; cut into networks of four addresses. */
const NETWORKS = 0x8000
export const OUR_MAC = '02:00:00:00:00:01'
const HOST_MAC = '02:00:00:00:00:02'
/** Packets for it vanish. */
export const NOBODYS_MAC = '02:00:00:00:00:03'

/**
 * Lays a cable to the namespaces of process `pid`. The interface's name claims the addresses: another test run
 * that picks the same number finds it taken.
 */
export async function makeHostLink(pid: number): Promise<HostLink> {
  const number = await claimNetwork(pid)
  const device = deviceName(number)
  const [ours, theirs] = addresses(number)
  const ip = async (...args: readonly string[]) => await mustRun([programPath('ip'), ...args])
  const hostIp = async (...args: readonly string[]) =>
    await mustRun([programPath('nsenter'), '--target', `${pid}`, '--net', programPath('ip'), ...args])
  // Both ends know the other's hardware address by heart. A wrong one makes packets vanish without a word to
  // anybody, where a link that is down would answer "no route to host".
  const pointTo = async (ourPeer: string, theirPeer: string) => {
    await ip('neigh', 'replace', theirs, 'lladdr', ourPeer, 'nud', 'permanent', 'dev', device)
    await hostIp('neigh', 'replace', ours, 'lladdr', theirPeer, 'nud', 'permanent', 'dev', 'eth0')
  }
  await ip('address', 'add', `${ours}/30`, 'dev', device)
  await ip('link', 'set', device, 'up')
  await hostIp('address', 'add', `${theirs}/30`, 'dev', 'eth0')
  await hostIp('link', 'set', 'eth0', 'up')
  await pointTo(HOST_MAC, OUR_MAC)
  return {
    ...{ address: theirs, gateway: ours, device },
    cut: () => pointTo(NOBODYS_MAC, NOBODYS_MAC),
    mend: () => pointTo(HOST_MAC, OUR_MAC),
    // The kernel removes it with the host's namespace too, a moment later: either may come first.
    remove: async () => void (await runProgram([programPath('ip'), 'link', 'delete', device])),
  }
}

async function claimNetwork(pid: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const number = Math.floor(Math.random() * NETWORKS)
    const ours = ['link', 'add', deviceName(number), 'address', OUR_MAC, 'type', 'veth']
    const theirs = ['peer', 'name', 'eth0', 'address', HOST_MAC, 'netns', `${pid}`]
    const result = await runProgram([programPath('ip'), ...ours, ...theirs])
    if (result.code === 0) return number
    if (!result.stderr.includes('File exists'))
      throw new Error(`no network for a test host: ${result.stderr.trim()}`)
  }
  throw new Error('no network for a test host: 100 of 100 numbers are taken')
}

function deviceName(number: number): string {
  return `stage-${number}`
}

function addresses(number: number): readonly [ours: string, theirs: string] {
  const network = number * 4
  const prefix = `198.${18 + (network >> 16)}.${(network >> 8) & 0xff}`
  return [`${prefix}.${(network & 0xff) + 1}`, `${prefix}.${(network & 0xff) + 2}`]
}
