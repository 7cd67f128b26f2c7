import * as v from 'valibot'
import { StageError } from '../model/stage-error.ts'
import {
  type Admission,
  DATA_HEAD_BYTES,
  dataFrame,
  dataHead,
  type Frame,
  FrameDecoder,
  type FrameHead,
  jsonFrame,
  MAX_FRAME_FROM_HOST,
  MAX_FRAME_TO_HOST,
} from './frames.ts'
import { type Answer, type Body, Envelope, type RequestName } from './messages.ts'
import { type OpenRequest, openRequest, type RequestOptions } from './open-request.ts'
import type { Outbox } from './outbox.ts'
import { RemoteRefusal } from './remote-refusal.ts'

/** Frames of 256 KiB: small enough that a heartbeat gets between, large enough that their heads cost nothing. */
const MAX_DATA = 256 * 1024 - DATA_HEAD_BYTES

/**
 * The longest piece of data or of output that is taken: a remote end sends 256 KiB at once, and a little more of
 * output.
 */
const MAX_PIECE = 1024 * 1024

/** Requests and answers on one connection: numbers what is asked, and gives what comes back to who asked for it. */
export class Exchange {
  readonly #host: string
  readonly #outbox: Outbox
  readonly #giveUp: (reason: string, kind: 'broken' | 'closed') => undefined
  readonly #decoder = new FrameDecoder(MAX_FRAME_FROM_HOST, head => this.#admit(head))
  readonly #open = new Map<number, OpenRequest>()
  #nextId = 1
  #isOver = false

  /**
   * @param giveUp called when the host does not keep to the protocol or to a limit, so that nothing it says can be
   *    believed (`broken`), and when its answer is not waited for any more (`closed`)
   */
  constructor(
    host: string,
    outbox: Outbox,
    giveUp: (reason: string, kind: 'broken' | 'closed') => undefined,
  ) {
    this.#host = host
    this.#outbox = outbox
    this.#giveUp = giveUp
  }

  /** The message is handed over before this returns; data follows as fast as the host takes it. */
  ask<N extends RequestName>(name: N, body: Body<N>, options: RequestOptions = {}): Promise<Answer<N>> {
    const { signal, abandoned, data } = options
    if (signal?.aborted || abandoned?.aborted) return Promise.reject(this.#notSent(name))
    const id = this.#nextId
    const frame = jsonFrame({ id, do: name, with: body })
    if (frame.length > MAX_FRAME_TO_HOST) return Promise.reject(this.#tooLong(name, frame.length))
    this.#nextId += 1
    const answer = new Promise<Answer<N>>((resolve, reject) => {
      const late = (reason: string) => {
        if (options.keepsConnection !== true) this.#giveUp(reason, 'broken')
      }
      this.#open.set(id, openRequest(this.#host, name, body, options, { resolve, reject, late }))
    })
    this.#outbox.write(frame)
    if (signal !== undefined) whileOpen(answer, signal, () => this.#stop(id))
    if (abandoned !== undefined) whileOpen(answer, abandoned, () => this.#leave(id))
    if (data !== undefined) void this.#send(id, data)
    return answer
  }

  /** Takes what arrived. Resolves when everybody it was for is done with it; never rejects. */
  async receive(chunk: Uint8Array): Promise<void> {
    for (const frame of this.#decoder.push(chunk)) {
      if (this.#isOver) return
      await this.#take(frame)
    }
  }

  /** Every open request ends with this error. */
  failAll(error: StageError): void {
    this.#isOver = true
    const open = [...this.#open.values()]
    this.#open.clear()
    for (const request of open) {
      request.end()
      request.fail(error)
    }
  }

  /** Decides by the first bytes of a frame: what nobody asked for, or what is too much, is never held in memory. */
  #admit({ kind, request: id, bytes }: FrameHead): Admission {
    if (id === undefined) return refused('it sent a message that is no answer')
    const request = this.#open.get(id)
    if (request === undefined)
      return id === 0 || id >= this.#nextId
        ? refused(`it answered request ${id}, which was never made`)
        : { kind: 'skipped' }
    if (kind === 'json') {
      const { name, answerBytes, answerValues: values } = request
      if (bytes <= answerBytes) return { kind: 'admitted', values }
      return refused(`its answer to ${name} has ${bytes} bytes, more than ${answerBytes}`)
    }
    if (bytes > MAX_PIECE) return refused(`it sent a piece of ${bytes} bytes, more than ${MAX_PIECE}`)
    const tooMuch = request.takes(kind, bytes)
    return tooMuch === undefined ? { kind: 'admitted', values: 0 } : refused(tooMuch)
  }

  #take(frame: Frame): Promise<void> | undefined {
    switch (frame.kind) {
      case 'broken':
        return this.#giveUp(`it sent ${frame.reason}`, 'broken')
      case 'refused':
        return this.#giveUp(frame.reason, 'broken')
      case 'skipped':
        return undefined
      case 'json':
        return this.#answer(frame.value)
      case 'data':
        return this.#pass(frame.id, request => {
          if (frame.bytes.length === 0) return undefined
          request.moved()
          return request.options.onData?.(frame.bytes)
        })
      case 'output':
        return this.#pass(frame.id, ({ options }) => {
          for (const line of linesOf(frame.bytes)) options.onOutput?.(frame.stream, line)
        })
    }
  }

  #answer(value: unknown): undefined {
    const envelope = v.safeParse(Envelope, value, { abortEarly: true })
    if (!envelope.success) return this.#giveUp('it sent a message that is no answer', 'broken')
    const said = envelope.output
    const request = this.#open.get(said.id)
    if (request === undefined) return undefined
    this.#open.delete(said.id)
    request.end()
    if ('error' in said) {
      request.fail(new RemoteRefusal(this.#host, request.name, said.error))
      return
    }
    const misfit = request.answer(said.ok)
    if (misfit === undefined) return
    request.fail(
      new StageError('remote-end', `the answer to ${request.name} makes no sense: ${misfit}`, {
        host: this.#host,
      }),
    )
    this.#giveUp(`its answer to ${request.name} makes no sense: ${misfit}`, 'broken')
  }

  /** Gives to the request what came for it. If whoever asked chokes on it, the request has failed with that. */
  #pass(id: number, give: (request: OpenRequest) => void | Promise<void>): Promise<void> | undefined {
    const request = this.#open.get(id)
    if (request === undefined || request.isSettled) return undefined
    const choked = (error: unknown) => {
      request.fail(error)
      this.#stop(id)
    }
    try {
      return give(request)?.catch(choked)
    } catch (error) {
      choked(error)
      return undefined
    }
  }

  /** How this itself is answered says nothing: the request to stop is answered too. */
  #stop(id: number): void {
    if (this.#isOver) return
    this.#open.get(id)?.stopping()
    this.ask('cancel', { request: id }).catch(() => undefined)
  }

  #leave(id: number): void {
    const message = 'its answer was not waited for'
    this.#open.get(id)?.fail(new StageError('interrupted', message, { host: this.#host }))
    this.#giveUp(message, 'closed')
  }

  /** After the last piece, or when there is no use in more, the end of the data; the host answers in either case. */
  async #send(id: number, data: AsyncIterable<Uint8Array>): Promise<void> {
    const useless = () => {
      const request = this.#open.get(id)
      return request === undefined || request.isSettled || request.options.signal?.aborted === true
    }
    try {
      for await (const chunk of data)
        for (const piece of pieces(chunk)) {
          if (useless()) return
          await this.#outbox.writeWhenRoom(dataHead(id, piece.length), piece)
          this.#open.get(id)?.moved()
        }
    } catch (error) {
      this.#open.get(id)?.failInstead(error)
    } finally {
      if (this.#open.has(id)) this.#outbox.write(dataFrame(id, Buffer.alloc(0)))
    }
  }

  #notSent(name: RequestName): StageError {
    return new StageError('interrupted', `${name} was not begun`, { host: this.#host })
  }

  #tooLong(name: RequestName, bytes: number): StageError {
    const limit = `at most ${MAX_FRAME_TO_HOST} can be sent`
    return new StageError('remote-end', `${name} takes ${bytes} bytes to ask for, ${limit}`, {
      host: this.#host,
    })
  }
}

const refused = (reason: string): Admission => ({ kind: 'refused', reason })

/** Calls back when the signal fires before the answer is there. */
function whileOpen(answer: Promise<unknown>, signal: AbortSignal, fired: () => void): void {
  const done = () => signal.removeEventListener('abort', fired)
  signal.addEventListener('abort', fired, { once: true })
  answer.then(done, done)
}

function* pieces(chunk: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < chunk.length; at += MAX_DATA) yield chunk.subarray(at, at + MAX_DATA)
}

/** Whole lines; the end of the last one may be missing where a very long line was split. */
function* linesOf(bytes: Buffer): Generator<string> {
  const text = bytes.toString('utf8')
  // One after the other: a list of them takes many times the memory of a frame of empty ones.
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from)
    yield text.slice(from, end === -1 ? text.length : end)
    from = end === -1 ? text.length : end + 1
  }
}
