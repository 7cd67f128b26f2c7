import type { FileHandle } from 'node:fs/promises'
import type { Builder } from '../model/builder.ts'
import { StageError } from '../model/stage-error.ts'
import { GrowingFile } from './growing-file.ts'
import type { Product, Products } from './product.ts'
import { ProductCheck } from './product-check.ts'
import { entryHead } from './product-entry.ts'

/** Products on their way from the host that made them. */
export interface ArrivingProducts extends Products {
  /** Rejects with StageError: `remote-end` for other bytes than were announced, `artifact` where they cannot be kept. */
  write(chunk: Uint8Array): Promise<void>
  /** They are whole: from now on the cache has them. Rejects like `write`. */
  finish(): Promise<void>
  /** They will never be whole. */
  fail(): Promise<void>
}

/** What becomes of the file to which they are written. */
interface Place {
  keep(): Promise<void>
  drop(): Promise<void>
}

/** Begins an entry in an empty file. Rejects with StageError `artifact` where it cannot be written. */
export async function arriving(
  { builder, files }: { readonly builder: Builder; readonly files: readonly Product[] },
  file: FileHandle,
  place: Place,
): Promise<ArrivingProducts> {
  const entry = new Arriving(builder, files, file, place)
  await entry.start()
  return entry
}

class Arriving implements ArrivingProducts {
  readonly files: readonly Product[]
  readonly #file: FileHandle
  readonly #place: Place
  readonly #head: Buffer
  readonly #bytes: GrowingFile
  readonly #check: ProductCheck
  #settled = false

  constructor(builder: Builder, files: readonly Product[], file: FileHandle, place: Place) {
    this.files = files
    this.#file = file
    this.#place = place
    this.#head = entryHead(builder, files)
    this.#bytes = new GrowingFile(file, this.#head.length)
    this.#check = new ProductCheck(files)
  }

  async start(): Promise<void> {
    try {
      await this.#file.write(this.#head, 0, this.#head.length, 0)
    } catch (error) {
      await this.fail()
      throw unkept(error)
    }
  }

  read(signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#bytes.read(signal)
  }

  async write(chunk: Uint8Array): Promise<void> {
    const fault = this.#check.take(chunk)
    if (fault !== undefined) throw await this.#wrong(fault)
    try {
      await this.#bytes.append(chunk)
    } catch (error) {
      await this.fail()
      throw unkept(error)
    }
  }

  async finish(): Promise<void> {
    const fault = this.#check.end()
    if (fault !== undefined) throw await this.#wrong(fault)
    if (this.#settled) return
    this.#settled = true
    this.#bytes.finish()
    await this.#place.keep()
  }

  async fail(): Promise<void> {
    if (this.#settled) return
    this.#settled = true
    this.#bytes.break(new StageError('interrupted', 'what was to be taken did not arrive whole'))
    await this.#place.drop()
  }

  async #wrong(fault: string): Promise<StageError> {
    await this.fail()
    return new StageError('remote-end', `what was built did not arrive as it was announced: ${fault}`)
  }
}

/** What a full or a read-only disk means here. */
export const unkept = (error: unknown): StageError =>
  new StageError('artifact', `what is built for other hosts cannot be written here: ${textOf(error)}`, {
    cause: error,
  })

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
