/**
 * The frames of docs/remote-end.md: `u32 length (big endian, of all that follows) · u8 kind · payload`.
 * Pure: bytes in, frames out, and the reverse.
 */

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
  /** The other side does not speak this language (any more): nothing after it can be believed. */
  | { readonly kind: 'broken'; readonly reason: string }

/** A longer frame ends the connection on the host (docs/remote-end.md, Frames). */
export const MAX_FRAME_TO_HOST = 1024 * 1024

/** What the runner accepts: the answer to `observe` carries the output of facts, up to 1 MiB each. */
export const MAX_FRAME_FROM_HOST = 16 * 1024 * 1024

/** What a data frame adds to its data: length, kind, request. */
export const DATA_HEAD_BYTES = 9

const LENGTH_BYTES = 4
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
  #chunks: Buffer[] = []
  #held = 0
  #broken = false

  /** @param maxLength the longest frame that is accepted, in bytes; no more than that is ever held */
  constructor(maxLength: number) {
    this.#maxLength = maxLength
  }

  /** The frames that this chunk completes, in order. After a `broken` one there are no more. */
  push(chunk: Uint8Array): readonly Frame[] {
    if (this.#broken || chunk.length === 0) return []
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))
    this.#held += chunk.length
    const frames: Frame[] = []
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      frames.push(next)
      if (next.kind === 'broken') return frames
    }
    return frames
  }

  #next(): Frame | undefined {
    if (this.#broken || this.#held < LENGTH_BYTES) return undefined
    const length = this.#peekLength()
    if (length === 0) return this.#break('a frame without a kind')
    if (length > this.#maxLength)
      return this.#break(`a frame of ${length} bytes (at most ${this.#maxLength})`)
    if (this.#held < LENGTH_BYTES + length) return undefined
    const read = parse(this.#take(LENGTH_BYTES + length).subarray(LENGTH_BYTES))
    return read.kind === 'broken' ? this.#break(read.reason) : read
  }

  #break(reason: string): Frame {
    this.#broken = true
    this.#chunks = []
    this.#held = 0
    return { kind: 'broken', reason }
  }

  /** Chunks are joined only when a frame is complete: joining at each arrival would be quadratic in its length. */
  #take(count: number): Buffer {
    const [first, ...more] = this.#chunks
    const all = first !== undefined && more.length === 0 ? first : Buffer.concat(this.#chunks)
    this.#chunks = all.length === count ? [] : [all.subarray(count)]
    this.#held -= count
    return all.subarray(0, count)
  }

  #peekLength(): number {
    const [first] = this.#chunks
    if (first !== undefined && first.length >= LENGTH_BYTES) return first.readUInt32BE(0)
    this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#peekLength()
  }
}

function parse(body: Buffer): Frame {
  const payload = body.subarray(1)
  switch (body[0]) {
    case JSON_KIND:
      return parseJson(payload)
    case DATA_KIND:
      if (payload.length < 4) return { kind: 'broken', reason: 'a data frame without a request' }
      return { kind: 'data', id: payload.readUInt32BE(0), bytes: payload.subarray(4) }
    case OUTPUT_KIND:
      return parseOutput(payload)
    default:
      return { kind: 'broken', reason: `a frame of unknown kind ${body[0]}` }
  }
}

function parseJson(payload: Buffer): Frame {
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
