import * as v from 'valibot'
import type { ByteChannelEnd } from '../../src/remote/byte-channel.ts'
import {
  dataFrame,
  type Frame,
  FrameDecoder,
  jsonFrame,
  MAX_FRAME_TO_HOST,
  type OutputStream,
  outputFrame,
} from '../../src/remote/frames.ts'
import {
  type Answer,
  type Body,
  type RefusalCode,
  type RequestName,
  type Requests,
  requests,
} from '../../src/remote/messages.ts'
import type { RemoteEnd } from '../../src/remote/remote-end.ts'
import { startRemoteEnd } from '../../src/remote/start-remote-end.ts'
import { type LoopbackChannel, loopbackChannel } from './loopback-channel.ts'

/** What a handler can do for a request beside answering it. */
export interface Asking {
  /** Fires when the runner cancels this request, and when the connection is over. */
  readonly cancelled: AbortSignal
  /** The data that follows the request, as soon as all of it has come. */
  readonly received: Promise<Buffer>
  print(stream: OutputStream, line: string): void
  give(data: Uint8Array): void
}

/** How a scripted host answers; throwing a `Refuse` refuses. A request that is not in the table is refused as `internal`. */
export type Handlers = {
  readonly [N in RequestName]?: (body: Body<N>, asking: Asking) => Answer<N> | Promise<Answer<N>>
}

/** One request as it arrived. */
export interface Asked {
  readonly do: RequestName
  readonly with: object
}

/** Thrown by a handler: the answer is this refusal. */
export class Refuse extends Error {
  readonly code: RefusalCode
  readonly detail: Readonly<Record<string, unknown>>

  constructor(code: RefusalCode, message: string, detail: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.code = code
    this.detail = detail
  }
}

/** A host whose remote end is a table of handlers, spoken to by the real client in real frames. */
export interface ScriptedEnd {
  readonly end: RemoteEnd
  /** Everything that was asked, in the order of arrival, but heartbeats. */
  readonly asked: readonly Asked[]
  /** The bodies of all requests of this name, in the order of arrival. */
  bodiesOf<N extends RequestName>(name: N): readonly Body<N>[]
  /** The host neither reads nor answers any more; `false`: it goes on, and answers what has come meanwhile. */
  freeze(frozen: boolean): void
  /** The remote end is over or the connection breaks. */
  over(end: ByteChannelEnd): void
}

/** As much as a remote end sends in one frame. */
const PIECE = 256 * 1024

const NONCE = '0'.repeat(32)
const PROGRAM = { bytes: Buffer.from('the program') }

/** @param heartbeatMs long by default, so that nothing but what a test asks for is on the wire */
export async function scriptedEnd(
  host: string,
  handlers: Handlers,
  { heartbeatMs = 60_000 }: { readonly heartbeatMs?: number } = {},
): Promise<ScriptedEnd> {
  const loopback = loopbackChannel()
  const script = new Script(handlers, loopback)
  const end = await startRemoteEnd(loopback.channel, PROGRAM, NONCE, {
    host,
    heartbeatMs,
    startTimeoutMs: 10_000,
  })
  return {
    end,
    asked: script.asked,
    bodiesOf: name => script.bodiesOf(name),
    freeze: frozen => (frozen ? loopback.host.input.pause() : loopback.host.input.resume()),
    over: loopback.host.end,
  }
}

/** What every remote end answers in the same way. */
const USUAL: Handlers = {
  open: () => ({
    user: 'deploy',
    uid: 1000,
    hostname: 'host',
    python: '3.11.2',
    executable: '/usr/bin/python3',
    pid: 4711,
    bootId: null,
    home: '/home/deploy',
  }),
  beat: () => ({ atUs: 0 }),
  close: () => ({}),
}

const Message = v.object({
  id: v.number(),
  do: v.custom<RequestName>(name => typeof name === 'string' && Object.hasOwn(requests, name)),
  with: v.unknown(),
})

/** The body, if it is one that the table of messages allows; a test whose runner sends another fails. */
function bodyOf<N extends RequestName>(name: N, raw: unknown): Body<N> {
  const schema: Requests[N]['body'] = requests[name].body
  return v.parse(schema, raw)
}

interface Underway {
  readonly cancel: AbortController
  readonly pieces: Buffer[]
  readonly complete: () => void
}

class Script {
  readonly asked: Asked[] = []
  readonly #handlers: Handlers
  readonly #host: LoopbackChannel['host']
  readonly #decoder = new FrameDecoder(MAX_FRAME_TO_HOST)
  readonly #underway = new Map<number, Underway>()
  #toSkip = PROGRAM.bytes.length

  constructor(handlers: Handlers, { host }: LoopbackChannel) {
    this.#handlers = { ...USUAL, cancel: ({ request }) => this.#cancel(request), ...handlers }
    this.#host = host
    host.output.write(`stage-deploy ${NONCE} listening\n`)
    host.input.on('data', (chunk: Buffer) => this.#arrived(chunk))
    host.input.on('error', () => undefined)
    host.output.on('error', () => undefined)
    void host.ended.then(() => {
      for (const id of this.#underway.keys()) this.#cancel(id)
    })
  }

  bodiesOf<N extends RequestName>(name: N): readonly Body<N>[] {
    return this.asked.filter(asked => asked.do === name).map(asked => bodyOf(name, asked.with))
  }

  #arrived(chunk: Buffer): void {
    const skipped = Math.min(this.#toSkip, chunk.length)
    this.#toSkip -= skipped
    if (skipped > 0 && this.#toSkip === 0) this.#host.output.write(`stage-deploy ${NONCE} ready\n`)
    for (const frame of this.#decoder.push(chunk.subarray(skipped))) this.#take(frame)
  }

  #take(frame: Frame): void {
    if (frame.kind === 'json') {
      const { id, do: name, with: body } = v.parse(Message, frame.value)
      void this.#handle(id, name, body)
    } else if (frame.kind === 'data') {
      const underway = this.#underway.get(frame.id)
      if (frame.bytes.length === 0) underway?.complete()
      else underway?.pieces.push(frame.bytes)
    } else throw new Error(`the runner sent what no host understands: ${JSON.stringify(frame)}`)
  }

  async #handle<N extends RequestName>(id: number, name: N, raw: unknown): Promise<void> {
    const body = bodyOf(name, raw)
    if (name !== 'beat') this.asked.push({ do: name, with: body })
    try {
      const handler = this.#handlers[name]
      if (handler === undefined) throw new Refuse('internal', `nothing is scripted for ${name}`)
      this.#answer({ id, ok: await handler(body, this.#begin(id)) })
    } catch (error) {
      const { code, message, detail } =
        error instanceof Refuse ? error : new Refuse('internal', String(error))
      this.#answer({ id, error: { code, message, detail } })
    } finally {
      this.#underway.delete(id)
    }
    if (name === 'close') this.#host.end({ kind: 'exited', code: 0 })
  }

  #begin(id: number): Asking {
    const cancel = new AbortController()
    const pieces: Buffer[] = []
    const { output } = this.#host
    const received = new Promise<Buffer>(resolve => {
      this.#underway.set(id, { cancel, pieces, complete: () => resolve(Buffer.concat(pieces)) })
    })
    return {
      cancelled: cancel.signal,
      received,
      print: (stream, line) => void output.write(outputFrame(id, stream, Buffer.from(`${line}\n`))),
      give: data => {
        if (data.length === 0) output.write(dataFrame(id, data))
        for (let at = 0; at < data.length; at += PIECE)
          output.write(dataFrame(id, data.subarray(at, at + PIECE)))
      },
    }
  }

  #cancel(id: number): Record<string, never> {
    this.#underway.get(id)?.cancel.abort()
    return {}
  }

  #answer(answer: object): void {
    if (this.#host.output.writable) this.#host.output.write(jsonFrame(answer))
  }
}
