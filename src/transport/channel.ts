import type { Readable, Writable } from 'node:stream'

/**
 * How a program at the other end of a channel came to its end.
 * `lost` is not an exit: nobody knows whether the program still runs.
 */
export type ChannelEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'lost'; readonly reason: string }

/** One program started on a host, with its three streams. The channel is the whole connection: closing it closes both. */
export interface Channel {
  /**
   * Never emits `error`: it closes when the program reads no more, and a write that did not get there is called back
   * with an error. Whoever waits for `drain` has to listen for `close` as well.
   */
  readonly input: Writable
  /** Has to be read, and so has `errors`: unread, either holds the program up once some buffers are full. */
  readonly output: Readable
  readonly errors: Readable
  /** Settles once, never rejects; after the last byte of `output` and `errors` was delivered to whoever reads them. */
  readonly ended: Promise<ChannelEnd>
  /**
   * Closes the connection at once: what was written and not yet sent may be lost. The program is not killed, it sees
   * the end of its input. Idempotent; `ended` still settles.
   */
  close(): void
}

/**
 * A login otherwise than with all keys at hand: with a password instead of any; with one key and no other, to prove that it
 * opens; without one key, to prove that it is not needed.
 */
export type Login =
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'only' | 'without'; readonly publicKey: Buffer }

/** How to reach one host, with every default filled in. */
export interface Destination {
  readonly host: string
  readonly client: 'node-ssh' | 'openssh' | 'local'
  readonly address: string
  readonly user: string | undefined
  readonly port: number | undefined
  readonly identityFile: string | undefined
  readonly knownHostsFile: string | undefined
  readonly configFile: string | undefined
  readonly jump: string | undefined
  /** Set for a server on the way to the host: its address, as it was written. */
  readonly jumpHost?: string
  readonly hostKeys: 'strict' | 'accept-new'
  readonly connectTimeoutMs: number
  readonly forwardAgent: boolean
  /** Only for the host itself, never for a server on the way; only with `node-ssh`. */
  readonly login?: Login | undefined
  /** After this much silence of the whole connection it counts as lost. */
  readonly keepAliveMs: number
}
