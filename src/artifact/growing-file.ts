import type { FileHandle } from 'node:fs/promises'
import { StageError } from '../model/stage-error.ts'

/** Whole pages, and with its head no more than one data frame (`src/remote/exchange.ts`), between two of which a heartbeat gets. */
const CHUNK_BYTES = 252 * 1024

/** So many of the latest chunks are at hand for all who read about there. A reader that falls further behind reads for itself. */
const WINDOW_CHUNKS = 16

/**
 * A file that one writes and many read while it grows, each at a pace of its own: what waits for a slow reader waits on
 * the disk, not in memory. Readers that keep together are given the very same chunks: it is read once for all of them.
 */
export class GrowingFile {
  readonly #file: FileHandle
  /** Where the bytes begin that are read. */
  readonly #start: number
  #written: number
  #end: 'open' | 'whole' | { readonly broken: Error } = 'open'
  #waiting: (() => void)[] = []
  /** By where they begin, oldest first. */
  readonly #window = new Map<number, Promise<Buffer>>()

  /** @param written bytes that are there already */
  constructor(file: FileHandle, start: number, written = 0) {
    this.#file = file
    this.#start = start
    this.#written = written
  }

  /** Appends; resolves when the bytes are in the file. Not to be called again before that. */
  async append(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      const position = this.#start + this.#written
      const { bytesWritten } = await this.#file.write(chunk, at, chunk.length - at, position)
      at += bytesWritten
      this.#written += bytesWritten
      this.#wake()
    }
  }

  /** There will be no more; readers end when they have read all. */
  finish(): void {
    if (this.#end === 'open') this.#end = 'whole'
    this.#wake()
  }

  /** It will never be whole; readers throw this. */
  break(error: Error): void {
    if (this.#end === 'open') this.#end = { broken: error }
    this.#wake()
  }

  /** Everything from the start, waiting for what is not there yet. Throws StageError `interrupted` when the signal fires. */
  async *read(signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; ; ) {
      if (signal.aborted) throw new StageError('interrupted', 'it was not read to its end')
      if (typeof this.#end === 'object') throw this.#end.broken
      if (at < this.#written) {
        const chunk = await this.#chunkAt(at)
        at += chunk.length
        yield chunk
      } else if (this.#end === 'whole') return
      else await this.#changed(signal)
    }
  }

  /** Up to the next multiple of the size of a chunk, so that readers who joined at different times meet. */
  #chunkAt(at: number): Promise<Buffer> {
    const known = this.#window.get(at)
    if (known !== undefined) return known
    const length = Math.min(CHUNK_BYTES - (at % CHUNK_BYTES), this.#written - at)
    const chunk = this.#readAt(at, length)
    const newest = Math.max(0, ...this.#window.keys())
    const isFinal = length === CHUNK_BYTES || this.#end === 'whole'
    if (isFinal && at + WINDOW_CHUNKS * CHUNK_BYTES > newest) this.#remember(at, chunk)
    return chunk
  }

  #remember(at: number, chunk: Promise<Buffer>): void {
    this.#window.set(at, chunk)
    // Whoever asked is told; whoever comes later tries again.
    chunk.catch(() => this.#window.delete(at))
    const [oldest] = this.#window.keys()
    if (this.#window.size > WINDOW_CHUNKS && oldest !== undefined) this.#window.delete(oldest)
  }

  async #readAt(at: number, length: number): Promise<Buffer> {
    const chunk = Buffer.allocUnsafe(length)
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.#file.read(chunk, done, length - done, this.#start + at + done)
      if (bytesRead === 0) throw new Error('a file became shorter while it was read')
      done += bytesRead
    }
    return chunk
  }

  #changed(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const go = () => {
        signal.removeEventListener('abort', go)
        resolve()
      }
      signal.addEventListener('abort', go, { once: true })
      this.#waiting.push(go)
    })
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const go of waiting) go()
  }
}
