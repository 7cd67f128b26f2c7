import type { FileHandle } from 'node:fs/promises'
import { StageError } from '../model/stage-error.ts'

/** Small enough that a heartbeat gets between, as large as one data frame (`src/remote/exchange.ts`). */
const CHUNK_BYTES = 256 * 1024

/**
 * A file that one writes and many read while it grows, each at a pace of its own: what waits for a slow reader waits on
 * the disk, not in memory.
 */
export class GrowingFile {
  readonly #file: FileHandle
  /** Where the bytes begin that are read. */
  readonly #start: number
  #written: number
  #end: 'open' | 'whole' | { readonly broken: Error } = 'open'
  #waiting: (() => void)[] = []

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
        const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, this.#written - at))
        const { bytesRead } = await this.#file.read(chunk, 0, chunk.length, this.#start + at)
        if (bytesRead === 0) throw new Error('a file that was written became shorter')
        at += bytesRead
        yield chunk.subarray(0, bytesRead)
      } else if (this.#end === 'whole') return
      else await this.#changed(signal)
    }
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
