import { setTimeout as sleep } from 'node:timers/promises'
import type { HostLink } from './host-link.ts'
import type { HostSupervisor } from './host-supervisor.ts'
import type { ProgramResult } from './run-program.ts'
import { runProgram } from './run-program.ts'
import { speaksSsh } from './ssh-banner.ts'

export interface HostProcess {
  readonly pid: number
  readonly command: string
  /** The server's own part of a session, also while it ends and has no arguments any more. */
  readonly server: boolean
}

export type Account = 'user' | 'root'

/** A throw-away host with a real OpenSSH server. Faults are injected from outside; the product does not know. */
export interface TestHost {
  readonly name: string
  readonly address: string
  readonly port: number
  /** The ordinary user that logs in. */
  readonly user: string
  /** The package repository as the host sees it: `/var/webcode` when the host has its own file system. */
  readonly root: string
  /** The same directory as this process sees it. */
  readonly outside: string
  /** The user's home as this process sees it. */
  readonly home: string
  /** The public line of its host key. */
  readonly hostKey: string
  /**
   * Runs a program on the host without SSH, in the user's home and a clean environment. As root it may change
   * the host for good (`rm /usr/bin/python3`, `mount`): a namespaced host has its own copy of the system.
   */
  run(
    argv: readonly string[],
    options?: { readonly input?: string; readonly as?: Account },
  ): Promise<ProgramResult>
  /** Everything that runs on the host but the listener of its SSH server: sessions, what they started, daemons. */
  processes(): Promise<readonly HostProcess[]>
  pids(): Promise<readonly number[]>
  /**
   * Stops the host's clock, as it were. 'server' freezes sshd and its sessions while what they started goes on
   * unheard; 'host' freezes everything, like a suspended machine.
   */
  freeze(what?: 'server' | 'host'): Promise<void>
  thaw(): Promise<void>
  /** Ends the listener: new connections are refused, sessions go on. Like `systemctl stop ssh`. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Kills sshd's part of every session: the connection breaks, and programs see the end of their input. */
  killSessions(): Promise<void>
  /** From now on packets vanish in both directions and nobody is told. Namespaces only. */
  cutNetwork(): Promise<void>
  mendNetwork(): Promise<void>
  /** Everything on it dies at once, and nobody is told where it has a network to cut. What is on its disk stays. */
  powerOff(): Promise<void>
  powerOn(): Promise<void>
}

/** The part of a host in which namespaces and loopback differ. */
export interface Housing {
  readonly place: Pick<
    TestHost,
    'name' | 'address' | 'port' | 'user' | 'root' | 'outside' | 'home' | 'hostKey'
  >
  readonly supervisor: HostSupervisor
  readonly sshd: readonly string[]
  /** What the SSH server complained about. */
  serverLog(): Promise<string>
  /** How to run a program on this host. @throws when it cannot run as that account */
  entry(argv: readonly string[], as: Account): { readonly argv: readonly string[]; readonly cwd: string }
  /** undefined where the host shares our network. */
  readonly network: Pick<HostLink, 'cut' | 'mend'> | undefined
}

/** How long a server may take until it says its name. */
const START_MS = 10_000

/** Gives a housing the face that tests see, and starts its SSH server. */
export async function openTestHost(housing: Housing): Promise<TestHost> {
  const { place, supervisor } = housing
  const network = () => {
    if (housing.network === undefined)
      throw new Error(`${place.name} shares this machine's network: nothing to cut`)
    return housing.network
  }
  const start = async () => {
    await supervisor.start(housing.sshd)
    await untilItListens(housing)
  }
  await start()
  return {
    ...place,
    start,
    run: async (argv, options = {}) => {
      const entry = housing.entry(argv, options.as ?? 'user')
      const input = options.input === undefined ? {} : { input: options.input }
      return await runProgram(entry.argv, { ...input, cwd: entry.cwd })
    },
    processes: () => supervisor.list(),
    pids: async () => (await supervisor.list()).map(process => process.pid),
    freeze: (what = 'server') => supervisor.signal('STOP', what === 'server' ? 'server' : 'all'),
    thaw: () => supervisor.signal('CONT', 'all'),
    stop: () => supervisor.stop(),
    killSessions: () => supervisor.signal('KILL', 'sessions'),
    cutNetwork: async () => await network().cut(),
    mendNetwork: async () => await network().mend(),
    powerOff: async () => {
      await housing.network?.cut()
      // Killed one after the other, a program would see its server die and have time to act on it.
      await supervisor.signal('STOP', 'all')
      await supervisor.signal('KILL', 'all')
    },
    powerOn: async () => {
      await housing.network?.mend()
      await start()
    },
  }
}

async function untilItListens(housing: Housing): Promise<void> {
  const { name, address, port } = housing.place
  const end = Date.now() + START_MS
  while (!(await speaksSsh(address, port))) {
    if (Date.now() > end || !(await housing.supervisor.isRunning())) {
      throw new Error(
        `the SSH server of ${name} (${address}:${port}) does not come up: ${await housing.serverLog()}`,
      )
    }
    await sleep(20)
  }
}
