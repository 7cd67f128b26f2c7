import type { Readable, Writable } from 'node:stream'

/** How the program at the other end came to its end. `lost` is no exit: nobody knows whether it still runs. */
export type ByteChannelEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'lost'; readonly reason: string }

/** What a remote end needs of a connection: one program's three streams. Transport's `Channel` is one. */
export interface ByteChannel {
  readonly input: Writable
  readonly output: Readable
  readonly errors: Readable
  /** Settles once, never rejects, after the last byte of `output` was delivered. */
  readonly ended: Promise<ByteChannelEnd>
  /** Closes the connection without waiting for the program. Idempotent; `ended` still settles. */
  close(): void
}

/** The bytes of a stream as they come. A stream that breaks just ends: the channel's `ended` tells why. */
export async function* bytesOf(stream: Readable): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const chunk of stream) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk)
  } catch {}
}
