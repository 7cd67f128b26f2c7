import { StageError } from '../model/stage-error.ts'
import type { ByteChannel } from './byte-channel.ts'
import { Exchange } from './exchange.ts'
import type { Answer, Body, RequestName } from './messages.ts'
import type { RequestOptions } from './open-request.ts'
import { Outbox } from './outbox.ts'
import { type Beat, Pulse } from './pulse.ts'
import { how } from './start-failure.ts'
import type { Tail } from './tail.ts'
import { within } from './within.ts'

/** One host that can be spoken to, for as long as the connection holds. */
export interface RemoteEnd {
  readonly host: string
  /**
   * Asks, and resolves to the answer. The message is handed over before this returns: messages to several hosts
   * that are written one after the other leave in one turn of the event loop.
   *
   * Rejects with `RemoteRefusal`; with StageError `connection-lost`, `interrupted` when the signal had fired before,
   * or `remote-end` when the answer makes no sense (the connection is given up then).
   */
  request<N extends RequestName>(name: N, body: Body<N>, options?: RequestOptions): Promise<Answer<N>>
  /** The same for a message whose answer is looked at later: nobody needs to be waiting when it fails. */
  send<N extends RequestName>(
    name: N,
    body: Body<N>,
    options?: RequestOptions,
  ): { readonly answer: Promise<Answer<N>> }
  /** Settles once, when this host can no longer be spoken to. Never rejects. */
  readonly lost: Promise<Lost>
  readonly isLost: boolean
  /** Undefined until a heartbeat was answered. */
  readonly lastBeat: Beat | undefined
  /** Sends a heartbeat now; resolves when it is answered, rejects as a request does. */
  beatNow(): Promise<void>
  /** Ends the remote end in order, then the connection. Never rejects; takes CLOSE_MS at most. */
  close(): Promise<void>
  /**
   * Drops the connection; the host's dead man's switch acts.
   *
   * @param why part of a sentence: "the connection was lost: …"
   */
  kill(why?: string): void
}

/** Why a host can no longer be spoken to. `closed`: it was ended from here. */
export interface Lost {
  readonly kind: 'ended' | 'silent' | 'broken' | 'closed'
  /** Part of a sentence: "the connection was lost: …". */
  readonly reason: string
  /** The end of what the remote end wrote to its standard error, safe to show. */
  readonly said: readonly string[]
}

export interface RemoteEndOptions {
  readonly host: string
  /** Silence of this length is loss. Judged from the moment `open` is sent. */
  readonly heartbeatMs: number
  /** For the remote end to begin, once the connection stands. */
  readonly startTimeoutMs: number
  /** What a login shell or a banner printed before the remote end began. */
  readonly onNoise?: (text: string) => void
  /** Monotonic, in milliseconds; default `performance.now`. */
  readonly clock?: () => number
}

const MAX_SAID = 20

/** For the answer to `close`, and again for the end of the program. A put back that takes longer goes on without us. */
const CLOSE_MS = 5_000

/** Between the end of the output and the end of the program, or the other way round. */
export const SETTLE_MS = 2_000

/** The connection itself; `start-remote-end.ts` feeds it and waits for it to begin. */
export class Connection implements RemoteEnd {
  readonly host: string
  readonly lost: Promise<Lost>
  readonly #channel: ByteChannel
  readonly #errors: Tail
  readonly #now: () => number
  readonly #outbox: Outbox
  readonly #exchange: Exchange
  readonly #pulse: Pulse
  #resolveLost: (lost: Lost) => void = () => undefined
  #lost: Lost | undefined
  #closing = false
  #begun = false
  #opened = false

  constructor(channel: ByteChannel, options: RemoteEndOptions, errors: Tail) {
    this.host = options.host
    this.#channel = channel
    this.#errors = errors
    this.#now = options.clock ?? (() => performance.now())
    this.lost = new Promise(resolve => {
      this.#resolveLost = resolve
    })
    this.#outbox = new Outbox(channel.input, () => this.#pulse.heard())
    this.#exchange = new Exchange(this.host, this.#outbox, (reason, kind) => this.#lose(kind, reason))
    this.#pulse = new Pulse({
      heartbeatMs: options.heartbeatMs,
      now: this.#now,
      beat: () => void this.beatNow().catch(() => undefined),
      silent: () => this.#lose('silent', `nothing was heard of it for ${options.heartbeatMs / 1000} s`),
    })
  }

  /** It listens: the program leaves, and behind it what was asked of it meanwhile. */
  feed(program: Uint8Array): void {
    this.#outbox.begin(program)
  }

  /** It speaks: from now on silence counts, and what it says is answers. */
  begin(begun: {
    readonly rest: Buffer
    readonly output: AsyncIterator<Buffer>
    readonly errorsRead: Promise<void>
  }): RemoteEnd {
    this.#begun = true
    if (this.#opened) this.#pulse.start()
    void this.#watch(Promise.all([this.#read(begun.rest, begun.output), begun.errorsRead]))
    return this
  }

  neverBegan(failure: StageError): void {
    this.#exchange.failAll(failure)
    this.#lose('broken', failure.reason)
  }

  get isLost(): boolean {
    return this.#lost !== undefined
  }

  get lastBeat(): Beat | undefined {
    return this.#pulse.last
  }

  request<N extends RequestName>(name: N, body: Body<N>, options?: RequestOptions): Promise<Answer<N>> {
    if (this.#lost !== undefined) return Promise.reject(lostError(this.host, this.#lost))
    if (name === 'open') {
      this.#opened = true
      if (this.#begun) this.#pulse.start()
    }
    return this.#exchange.ask(name, body, options)
  }

  send<N extends RequestName>(
    name: N,
    body: Body<N>,
    options?: RequestOptions,
  ): { readonly answer: Promise<Answer<N>> } {
    const answer = this.request(name, body, options)
    answer.catch(() => undefined)
    return { answer }
  }

  async beatNow(): Promise<void> {
    const sentAtMs = this.#now()
    const { atUs } = await this.request('beat', {})
    this.#pulse.answered(sentAtMs, atUs / 1000)
  }

  async close(): Promise<void> {
    if (this.#lost === undefined) {
      this.#closing = true
      await within(
        CLOSE_MS,
        this.request('close', {}).catch(() => undefined),
      )
      await within(CLOSE_MS, this.#channel.ended)
    }
    this.kill()
  }

  kill(why = 'it was closed from here'): void {
    this.#lose('closed', why)
  }

  async #read(rest: Buffer, output: AsyncIterator<Buffer>): Promise<void> {
    await this.#exchange.receive(rest)
    for (let next = await output.next(); next.done !== true; next = await output.next())
      await this.#pulse.deafDuring(this.#exchange.receive(next.value))
  }

  /** The connection is lost when the program has ended and all it said was read, or when one of the two takes too long. */
  async #watch(read: Promise<unknown>): Promise<void> {
    await Promise.race([read, this.#channel.ended])
    const ends = await within(SETTLE_MS, Promise.all([this.#channel.ended, read]))
    this.#lose(this.#closing ? 'closed' : 'ended', `the remote end ended${how(ends?.[0])}`)
  }

  #lose(kind: Lost['kind'], reason: string): undefined {
    if (this.#lost !== undefined) return
    const said = this.#errors.lines(MAX_SAID)
    const last = said.at(-1)
    this.#lost = {
      kind,
      reason: last === undefined || kind === 'closed' ? reason : `${reason}: ${last}`,
      said,
    }
    this.#pulse.stop()
    this.#outbox.close()
    this.#channel.close()
    // Whoever watches the host is told before whoever has asked it something.
    this.#resolveLost(this.#lost)
    this.#exchange.failAll(lostError(this.host, this.#lost))
  }
}

function lostError(host: string, lost: Lost): StageError {
  return new StageError('connection-lost', `the connection was lost: ${lost.reason}`, { host })
}
