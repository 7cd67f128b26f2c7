import type { Emit } from '../model/event.ts'
import type { HostFacts, Observation } from '../model/facts.ts'
import type { HostName } from '../model/names.ts'
import type { RunIdentity } from '../model/plan.ts'
import type { Host, Target } from '../model/target.ts'
import { type ConnectedFleet, connectFleet } from '../observe/connect-fleet.ts'
import { type ConnectedHost, type ConnectHost, hostConnector } from '../observe/connect-host.ts'
import { observeFleet } from '../observe/observe-fleet.ts'
import { type Look, observeHost } from '../observe/observe-host.ts'
import { OBSERVE_MS } from '../remote/message-limits.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import type { Login } from '../transport/channel.ts'
import { createTransport } from '../transport/transport.ts'
import { askPassphrase } from './ask.ts'
import type { Interrupts } from './interrupts.ts'
import type { Surroundings } from './surroundings.ts'

/** The connections of one command: opened once, used for everything, closed together. */
export interface Session {
  /** Connects to hosts not connected yet, and asks all of them. */
  observe(hosts: readonly Host[], look: Look): Promise<ReadonlyMap<HostName, Observation>>
  /** Connects to hosts, and asks them nothing. With `login` it is a further connection, which nothing else uses. */
  connect(hosts: readonly Host[], login?: Login): Promise<ConnectedFleet>
  /** Asks one host again, on the connection given. The signal stops what programs it runs for the answer. */
  observeAgain(
    end: RemoteEnd,
    look: Look,
    options?: { readonly limitMs?: number; readonly signal?: AbortSignal },
  ): Promise<HostFacts>
  /** A new connection to a host whose old one was lost. */
  reconnect(host: Host, signal: AbortSignal): Promise<RemoteEnd>
  /** The hosts that were reached. */
  readonly ends: ReadonlyMap<HostName, RemoteEnd>
  close(): Promise<void>
}

/** Opens a session; nothing is connected before it is asked for something. */
export function openSession(
  target: Target,
  run: RunIdentity,
  around: Surroundings,
  deps: {
    readonly emit: Emit
    readonly interrupts: Interrupts
    /**
     * The second signal gives every connection up, and so ends every wait. A run that applies a plan sees to that
     * itself.
     */
    readonly leavesAtOnce?: boolean
  },
): Session {
  const { interrupted, abandoned } = deps.interrupts
  const transport = createTransport({
    askPassphrase: keyFile => askPassphrase({ around, interrupts: deps.interrupts }, keyFile),
    env: { ...around.env },
  })
  const connect = hostConnector(target, run, transport)
  const connected = new Map<HostName, ConnectedHost>()
  const further: ConnectedHost[] = []
  const byEnd = new WeakMap<RemoteEnd, ConnectedHost>()
  const remember = (reached: ConnectedHost): void => {
    connected.set(reached.host.name, reached)
    byEnd.set(reached.end, reached)
  }
  const connectOnce: ConnectHost = async (host, signal, first) => {
    const known = connected.get(host.name)
    if (known !== undefined && !known.end.isLost) return known
    const reached = await connect(host, signal, first)
    remember(reached)
    return reached
  }
  const everyEnd = () => [...connected.values(), ...further].map(({ end }) => end)
  const leave = () => {
    for (const end of everyEnd()) end.kill()
  }
  if (deps.leavesAtOnce === true) abandoned.addEventListener('abort', leave, { once: true })
  return {
    observe: async (hosts, look) => {
      const known = new Set(connected.keys())
      // A host that is asked a second time was connected before.
      const emit: Emit = event => {
        if (event.type !== 'host-connected' || !known.has(event.host)) deps.emit(event)
      }
      const bounds = { parallel: target.parallel, emit, signal: interrupted, abandoned }
      const { observations } = await observeFleet(hosts, look, { connect: connectOnce, ...bounds })
      return observations
    },
    connect: async (hosts, login) => {
      const own = login === undefined ? connectOnce : hostConnector(target, run, transport, login)
      const bounds = { parallel: target.parallel, emit: deps.emit, signal: interrupted }
      const fleet = await connectFleet(hosts, { connect: own, ...bounds })
      if (login !== undefined) further.push(...fleet.connected.values())
      return fleet
    },
    observeAgain: (end, look, { limitMs = OBSERVE_MS, signal } = {}) => {
      const reached = byEnd.get(end)
      if (reached === undefined) throw new Error('a connection that this session did not open')
      // One for each host, however many there are: Node warns of a signal with many listeners.
      const own = signal === undefined ? {} : { signal: AbortSignal.any([signal]) }
      return observeHost(reached, look, { abandoned: AbortSignal.any([abandoned]), limitMs, ...own })
    },
    reconnect: async (host, signal) => {
      const reached = await connect(host, signal)
      remember(reached)
      return reached.end
    },
    get ends() {
      return new Map([...connected].map(([name, reached]) => [name, reached.end]))
    },
    close: async () => {
      abandoned.removeEventListener('abort', leave)
      await Promise.all(everyEnd().map(end => end.close()))
      await transport.close()
    },
  }
}
