import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { delayedPipe, type PipeSetting } from './delayed-pipe.ts'

/** What a connection through the proxy is like. Each may be changed while connections are open. */
export interface ProxySetting extends PipeSetting {
  /** Cuts a connection silently as soon as this many bytes have come from its host; the last piece of them is lost. */
  readonly cutAfterBytes?: number
}

/** What one connection has carried. */
export interface ConnectionTraffic {
  /** Bytes that came from the runner, whether or not they were passed on. */
  readonly bytesToHost: number
  readonly bytesFromHost: number
  /**
   * How often the traffic turned around: the length of the longest chain runner, host, runner, host … in which each
   * side sent after the proxy had passed on to it what came before in the chain; one for each answer of the host in
   * it. So a host that speaks first, as SSH servers do, has made no round trip yet; three requests sent at once
   * and their three answers are one round trip; three that waited for each other's answers are three. What one side
   * sends of itself counts as if it answered what had reached it by then: it is an upper bound for what the
   * runner waited for.
   */
  readonly roundTrips: number
}

/** A TCP proxy in this process, between a runner and one host. Its two ends know nothing of it. */
export interface DelayProxy extends AsyncDisposable {
  readonly address: string
  readonly port: number
  /** Changes what is given, from now on. */
  set(setting: ProxySetting): void
  /**
   * From now on nothing passes in either direction and nobody is told: an unplugged cable. New connections are
   * accepted and hear nothing, as from a server that hangs.
   */
  cut(): void
  /** Lets what was held back by `cut` pass, late. */
  mend(): void
  /** Resets all connections, on both sides (TCP RST). New ones are served as before. */
  reset(): void
  /** Every connection that there was, in order of their arrival. */
  traffic(): readonly ConnectionTraffic[]
}

/** Starts a proxy on a free port of the loopback. */
export async function startDelayProxy(
  host: { readonly address: string; readonly port: number },
  initial: ProxySetting = {},
): Promise<DelayProxy> {
  const state = { setting: initial, cut: false }
  const open = new Set<Connection>()
  const seen: Connection[] = []
  const server = createServer({ allowHalfOpen: true, noDelay: true }, runner => {
    const upstream = connect({ ...toDestination(host), allowHalfOpen: true, noDelay: true })
    const connection = joined(runner, upstream, () => state)
    open.add(connection)
    seen.push(connection)
    runner.once('close', () => {
      if (upstream.destroyed) open.delete(connection)
    })
    upstream.once('close', () => {
      if (runner.destroyed) open.delete(connection)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const listening = server.address()
  if (listening === null || typeof listening === 'string') throw new Error('the proxy has no port')
  const refresh = () => {
    for (const connection of open) connection.refresh()
  }
  return {
    address: listening.address,
    port: listening.port,
    set: setting => {
      state.setting = { ...state.setting, ...setting }
      refresh()
    },
    cut: () => {
      state.cut = true
    },
    mend: () => {
      state.cut = false
      refresh()
    },
    reset: () => {
      for (const connection of open) connection.reset()
    },
    traffic: () => seen.map(connection => connection.traffic()),
    [Symbol.asyncDispose]: async () => {
      for (const connection of open) connection.reset()
      server.close()
      await once(server, 'close')
    },
  }
}

const toDestination = ({ address, port }: { readonly address: string; readonly port: number }) => ({
  host: address,
  port,
})

interface Connection {
  /** The settings have changed. */
  refresh(): void
  reset(): void
  traffic(): ConnectionTraffic
}

interface ProxyState {
  readonly setting: ProxySetting
  readonly cut: boolean
}

/** Both directions of one connection. */
function joined(runner: Socket, host: Socket, state: () => ProxyState): Connection {
  const bytes = { toHost: 0, fromHost: 0 }
  // How many answers of the host stand in the longest chain that has reached each side.
  const reached = { host: 0, runner: 0, heard: false }
  const passing = () => {
    const { cut, setting } = state()
    const limit = setting.cutAfterBytes ?? Number.POSITIVE_INFINITY
    return cut || bytes.fromHost >= limit ? undefined : setting
  }
  const toHost = delayedPipe(runner, host, passing, length => {
    bytes.toHost += length
    const chain = reached.runner
    return () => {
      reached.heard = true
      reached.host = Math.max(reached.host, chain)
    }
  })
  const fromHost = delayedPipe(host, runner, passing, length => {
    bytes.fromHost += length
    const chain = reached.heard ? reached.host + 1 : 0
    return () => {
      reached.runner = Math.max(reached.runner, chain)
    }
  })
  const reset = () => {
    for (const socket of [runner, host]) socket.resetAndDestroy()
  }
  // A broken connection breaks on its other side too, unless the cable is unplugged.
  const passBreak = () => {
    if (passing() !== undefined && (runner.errored !== null || host.errored !== null)) reset()
  }
  for (const socket of [runner, host]) socket.on('error', passBreak)
  return {
    refresh: () => {
      passBreak()
      toHost.refresh()
      fromHost.refresh()
    },
    reset,
    traffic: () => ({
      bytesToHost: bytes.toHost,
      bytesFromHost: bytes.fromHost,
      roundTrips: reached.runner,
    }),
  }
}
