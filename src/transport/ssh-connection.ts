import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'

/** A connection that is logged in. */
export interface SshConnection {
  readonly client: Client
  /** Settles when the connection is gone, with the reason; never rejects. */
  readonly lost: Promise<string>
  /** The same at once: known before ssh2 closes the channels of a broken connection. */
  brokenBy(): string | undefined
  /** Says goodbye and closes; idempotent. */
  end(): void
  /**
   * Closes without a goodbye, for a program that is still at work; idempotent. A server that reads SSH_MSG_DISCONNECT
   * (RFC 4253, 11.1) ends at once: what came just before it, the program never gets.
   */
  cut(): void
}

/** How many times within `keepAliveMs` the server is asked for a sign of life. */
export const PROBES = 4
/** What was written before the end may still leave for so long. */
const GOODBYE_MS = 1_000

/**
 * Watches a connection for its end and for silence. Every byte is a sign of life, not only the answers to probes: on
 * a slow line these wait behind what is being sent. Silence is counted in probes, never read from a clock: a process
 * that was stopped for a while has counted nothing, and judges only after it has heard what waited for it.
 *
 * The probes are sent by ssh2 itself, see `keepaliveInterval`.
 */
export function watchConnection(client: Client, stream: Duplex, keepAliveMs: number): SshConnection {
  let reason: string | undefined
  let gone: string | undefined
  let quiet = 0
  let settle: (reason: string) => void = () => {}
  const lost = new Promise<string>(resolve => {
    settle = resolve
  })
  const probes = setInterval(() => {
    quiet += 1
    if (quiet <= PROBES) return
    reason ??= `nothing was heard for ${keepAliveMs / 1000} s`
    over()
    stream.destroy()
  }, keepAliveMs / PROBES)
  const over = () => {
    clearInterval(probes)
    gone ??= reason ?? 'the server closed the connection'
    settle(gone)
  }
  stream.on('data', () => {
    quiet = 0
  })
  client.on('error', error => {
    reason ??= error.message
  })
  client.on('close', over)
  const destroySoon = () => {
    const giveUp = setTimeout(() => stream.destroy(), GOODBYE_MS)
    client.once('close', () => clearTimeout(giveUp))
  }
  return {
    client,
    lost,
    brokenBy: () => gone,
    end() {
      client.end()
      destroySoon()
    },
    cut() {
      stream.end()
      destroySoon()
    },
  }
}
