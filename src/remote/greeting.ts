/** What a line that was meant for the runner says. `said`: what was waited for. `ended`: there was none. */
export type Greeting =
  | { readonly kind: 'said'; readonly rest: Buffer }
  | { readonly kind: 'too-old'; readonly version: string }
  | { readonly kind: 'ended' }

/** `listening`: the bootstrap reads its input now. `ready`: the program runs. */
export type Awaited = 'listening' | 'ready'

/** Noise beyond this is forgotten, oldest first. */
const MAX_NOISE = 64 * 1024

/** Longer than any line that a bootstrap writes: without an end by then it is noise too. */
const MAX_LINE = 256

/** Waits for the remote end to speak, and keeps what a login shell or a banner prints before. */
export class GreetingReader {
  readonly #mark: string
  readonly #chunks: AsyncIterator<Buffer>
  #noise: Buffer = Buffer.alloc(0)
  #held: Buffer = Buffer.alloc(0)

  constructor(nonce: string, chunks: AsyncIterator<Buffer>) {
    this.#mark = `stage-deploy ${nonce} `
    this.#chunks = chunks
  }

  /** What was printed before the greetings, or until now. */
  get noise(): Buffer {
    return Buffer.concat([this.#noise, this.#held]).subarray(-MAX_NOISE)
  }

  /**
   * Reads until the line `stage-deploy <nonce> <word>` or `stage-deploy <nonce> python X.Y.Z` (docs/remote-end.md,
   * Start). It may stand behind noise that did not end its line.
   */
  async read(word: Awaited): Promise<Greeting> {
    for (;;) {
      const greeting = this.#find(word)
      if (greeting !== undefined) return greeting
      const next = await this.#chunks.next()
      if (next.done === true) return { kind: 'ended' }
      this.#held = Buffer.concat([this.#held.subarray(-MAX_NOISE), next.value])
    }
  }

  #find(word: Awaited): Greeting | undefined {
    const held = this.#held
    for (let at = held.indexOf(this.#mark); at !== -1; at = held.indexOf(this.#mark, at + 1)) {
      const start = at + this.#mark.length
      const end = held.subarray(0, start + MAX_LINE).indexOf('\n', start)
      const said = held.toString('latin1', start, Math.max(start, end)).trim()
      if (said !== word && !said.startsWith('python ')) continue
      this.#noise = Buffer.concat([this.#noise, held.subarray(0, at)])
      this.#held = held.subarray(end + 1)
      if (said !== word) return { kind: 'too-old', version: said.slice('python '.length) }
      return { kind: 'said', rest: this.#held }
    }
    return undefined
  }
}
