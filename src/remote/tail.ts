import { printable } from '../shell/printable.ts'

/** Keeps the end of what a program printed, for error messages. */
export class Tail {
  readonly #maxBytes: number
  #held: Buffer = Buffer.alloc(0)

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  push(bytes: Uint8Array): void {
    this.#held = Buffer.concat([this.#held, bytes])
    if (this.#held.length > this.#maxBytes) this.#held = this.#held.subarray(-this.#maxBytes)
  }

  /** The last lines that are not empty, safe to show. */
  lines(count: number): readonly string[] {
    return printableLines(this.#held).slice(-count)
  }
}

/** The lines of a text from outside that are not empty, safe to show. */
export function printableLines(text: Buffer): readonly string[] {
  return text
    .toString('utf8')
    .split(/\r?\n/)
    .map(line => printable(line.trimEnd()))
    .filter(line => line !== '')
}
