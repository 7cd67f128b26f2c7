import { createHash, type Hash } from 'node:crypto'
import type { Product } from './product.ts'

/** Holds a stream of bytes against the list of the files that it consists of, one after the other. */
export class ProductCheck {
  readonly #products: readonly Product[]
  #next = 0
  #left = 0
  #digest: Hash = createHash('sha256')

  constructor(products: readonly Product[]) {
    this.#products = products
  }

  /** Takes the next bytes. @returns what is wrong with them; undefined: nothing so far */
  take(chunk: Uint8Array): string | undefined {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left === 0) {
        const fault = this.#open()
        if (fault !== undefined) return fault
        if (this.#left === 0) return 'there are more bytes than were announced'
      }
      const piece = chunk.subarray(at, at + this.#left)
      this.#digest.update(piece)
      this.#left -= piece.length
      at += piece.length
      const fault = this.#left === 0 ? this.#close() : undefined
      if (fault !== undefined) return fault
    }
    return undefined
  }

  /** There are no more bytes. @returns what is missing; undefined: nothing */
  end(): string | undefined {
    const unfinished = this.#products[this.#next - 1]
    if (this.#left > 0 && unfinished !== undefined) return `${unfinished.file} is cut off`
    const fault = this.#open()
    if (fault !== undefined) return fault
    return this.#left > 0 ? `${this.#products[this.#next - 1]?.file} is missing` : undefined
  }

  /** Goes on to the next file that has a content, if there is one; the empty ones before it are looked at too. */
  #open(): string | undefined {
    for (
      let product = this.#products[this.#next];
      product !== undefined;
      product = this.#products[this.#next]
    ) {
      this.#next += 1
      this.#left = product.bytes
      this.#digest = createHash('sha256')
      if (product.bytes > 0) return undefined
      const fault = this.#close()
      if (fault !== undefined) return fault
    }
    return undefined
  }

  #close(): string | undefined {
    const product = this.#products[this.#next - 1]
    const found = this.#digest.digest('hex')
    if (product === undefined || found === product.sha256) return undefined
    return `${product.file} has the sha256 ${found}, not ${product.sha256}`
  }
}
