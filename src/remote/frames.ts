/**
 * The frames of docs/remote-end.md: `u32 length (big endian, of all that follows) · u8 kind · payload`.
 * Pure: bytes in, frames out, and the reverse.
 */

import { isJsonWithin } from './json-within.ts'

export type OutputStream = 'stdout' | 'stderr'

export type Frame =
  | { readonly kind: 'json'; readonly value: unknown }
  /** No bytes: the end of the data. */
  | { readonly kind: 'data'; readonly id: number; readonly bytes: Buffer }
  /** Whole lines, each ended by a newline. */
  | {
      readonly kind: 'output'
      readonly id: number
      readonly stream: OutputStream
      readonly bytes: Buffer
    }
  /** What `admit` has refused. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** What `admit` has no use for. */
  | { readonly kind: 'skipped' }
  /** The other side does not speak this language (any more): nothing after it can be believed. */
  | { readonly kind: 'broken'; readonly reason: string }

/** What is known of a frame when only its beginning has arrived. */
export interface FrameHead {
  readonly kind: 'json' | 'data' | 'output'
  /** Undefined: a message that does not begin with the id of what it answers. */
  readonly request: number | undefined
  /** Bytes of the payload: of a message its JSON, otherwise what follows the request. */
  readonly bytes: number
}

/** What is to become of a frame, decided before the rest of it is kept. `values`: so many may be in its JSON. */
export type Admission =
  | { readonly kind: 'admitted'; readonly values: number }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'refused'; readonly reason: string }

/** A longer frame ends the connection on the host (docs/remote-end.md, Frames). */
export const MAX_FRAME_TO_HOST = 1024 * 1024

/** No frame that the runner accepts is longer; most kinds of them have less (the table of messages). */
export const MAX_FRAME_FROM_HOST = 4 * 1024 * 1024 + 1024

/** What a data frame adds to its data: length, kind, request. */
export const DATA_HEAD_BYTES = 9

const LENGTH_BYTES = 4
/** Length, kind, and `{"id":` with ten digits and what follows them. */
const HEAD_BYTES = LENGTH_BYTES + 1 + 17
const JSON_KIND = 0x4a
const DATA_KIND = 0x44
const OUTPUT_KIND = 0x4f
const STDOUT = 1
const STDERR = 2

/** One message as a frame. */
export function jsonFrame(value: object): Buffer {
  return frame(JSON_KIND, [Buffer.from(JSON.stringify(value), 'utf8')])
}

/** A piece of the data that belongs to a request; an empty piece says that there is no more. */
export function dataFrame(id: number, bytes: Uint8Array): Buffer {
  return frame(DATA_KIND, [u32(id), bytes])
}

/** What stands before a piece of data of this length: where the same piece goes to many hosts, it need not be copied for each. */
export function dataHead(id: number, length: number): Buffer {
  return Buffer.concat([u32(1 + 4 + length), Buffer.of(DATA_KIND), u32(id)])
}

/** Lines that a program printed. Only a remote end sends these. */
export function outputFrame(id: number, stream: OutputStream, bytes: Uint8Array): Buffer {
  return frame(OUTPUT_KIND, [u32(id), Buffer.of(stream === 'stdout' ? STDOUT : STDERR), bytes])
}

function frame(kind: number, payload: readonly Uint8Array[]): Buffer {
  const length = payload.reduce((sum, part) => sum + part.length, 1)
  return Buffer.concat([u32(length), Buffer.of(kind), ...payload])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Cuts a stream of bytes into frames, however the bytes arrive. */
export class FrameDecoder {
  readonly #maxLength: number
  readonly #admit: (head: FrameHead) => Admission
  #chunks: Buffer[] = []
  #held = 0
  /** Of the frame that is arriving. */
  #admission: Admission | undefined
  #broken = false

  /**
   * @param maxLength the longest frame that is accepted, in bytes; no more than that is ever held
   * @param admit asked once for each frame, as soon as its first bytes are here
   */
  constructor(maxLength: number, admit: (head: FrameHead) => Admission = () => ANYTHING) {
    this.#maxLength = maxLength
    this.#admit = admit
  }

  /**
   * The frames that this chunk completes, in order, each cut when it is asked for: so that what the one before has
   * changed counts for `admit`. After a `broken` or a `refused` one there are no more.
   */
  *push(chunk: Uint8Array): Generator<Frame, void, undefined> {
    if (this.#broken || chunk.length === 0) return
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))
    this.#held += chunk.length
    for (let next = this.#next(); next !== undefined; next = this.#next()) yield next
  }

  #next(): Frame | undefined {
    if (this.#broken || this.#held < LENGTH_BYTES) return undefined
    const length = this.#peek(LENGTH_BYTES).readUInt32BE(0)
    if (length === 0) return this.#end({ kind: 'broken', reason: 'a frame without a kind' })
    if (length > this.#maxLength)
      return this.#end({
        kind: 'broken',
        reason: `a frame of ${length} bytes (at most ${this.#maxLength})`,
      })
    const whole = LENGTH_BYTES + length
    if (this.#held < Math.min(whole, HEAD_BYTES)) return undefined
    this.#admission ??= this.#judge(length)
    const admission = this.#admission
    if (admission.kind === 'refused') return this.#end(admission)
    if (this.#held < whole) return undefined
    this.#admission = undefined
    const frame = this.#take(whole).subarray(LENGTH_BYTES)
    if (admission.kind === 'skipped') return admission
    const read = parse(frame, admission.values)
    return read.kind === 'broken' ? this.#end(read) : read
  }
  #judge(length: number): Admission {
    const head = this.#peek(Math.min(LENGTH_BYTES + length, HEAD_BYTES))
    const found = headOf(head, length)
    return found === undefined ? ANYTHING : this.#admit(found)
  }

  #end(frame: Frame): Frame {
    this.#broken = true
    this.#chunks = []
    this.#held = 0
    return frame
  }

  /** Chunks are joined only when a frame is complete: joining at each arrival would be quadratic in its length. */
  #take(count: number): Buffer {
    const [first, ...more] = this.#chunks
    const all = first !== undefined && more.length === 0 ? first : Buffer.concat(this.#chunks)
    this.#chunks = all.length === count ? [] : [all.subarray(count)]
    this.#held -= count
    return all.subarray(0, count)
  }

  /** The first bytes, which are here. */
  #peek(count: number): Buffer {
    const [first] = this.#chunks
    if (first !== undefined && first.length >= count) return first.subarray(0, count)
    this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#peek(count)
  }
}

const ANYTHING: Admission = { kind: 'admitted', values: Number.POSITIVE_INFINITY }

/** Undefined: it is of no known kind, or too short for its kind; reading it says so. */
function headOf(head: Buffer, length: number): FrameHead | undefined {
  const payload = head.subarray(LENGTH_BYTES + 1)
  switch (head[LENGTH_BYTES]) {
    case JSON_KIND: {
      const [, id] = /^\{"id":(\d{1,10}),/.exec(payload.toString('latin1')) ?? []
      return { kind: 'json', request: id === undefined ? undefined : Number(id), bytes: length - 1 }
    }
    case DATA_KIND:
      if (payload.length < 4) return undefined
      return { kind: 'data', request: payload.readUInt32BE(0), bytes: length - 5 }
    case OUTPUT_KIND:
      if (payload.length < 5) return undefined
      return { kind: 'output', request: payload.readUInt32BE(0), bytes: length - 6 }
    default:
      return undefined
  }
}

function parse(body: Buffer, values: number): Frame {
  const payload = body.subarray(1)
  switch (body[0]) {
    case JSON_KIND:
      return parseJson(payload, values)
    case DATA_KIND:
      if (payload.length < 4) return { kind: 'broken', reason: 'a data frame without a request' }
      return { kind: 'data', id: payload.readUInt32BE(0), bytes: payload.subarray(4) }
    case OUTPUT_KIND:
      return parseOutput(payload)
    default:
      return { kind: 'broken', reason: `a frame of unknown kind ${body[0]}` }
  }
}

function parseJson(payload: Buffer, values: number): Frame {
  if (!isJsonWithin(payload, values))
    return { kind: 'broken', reason: `a message of more than ${values} values, or too deep a one` }
  try {
    return { kind: 'json', value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)) }
  } catch {
    return { kind: 'broken', reason: 'a message that is not JSON' }
  }
}

function parseOutput(payload: Buffer): Frame {
  if (payload.length < 5) return { kind: 'broken', reason: 'an output frame without a request' }
  const stream = payload[4] === STDOUT ? 'stdout' : payload[4] === STDERR ? 'stderr' : undefined
  if (stream === undefined) return { kind: 'broken', reason: `output of an unknown stream ${payload[4]}` }
  return { kind: 'output', id: payload.readUInt32BE(0), stream, bytes: payload.subarray(5) }
}
