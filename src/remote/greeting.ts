/** What the first line that was meant for the runner says. `ended`: there was none. */
export type Greeting =
  | { readonly kind: 'ready'; readonly rest: Buffer }
  | { readonly kind: 'too-old'; readonly version: string }
  | { readonly kind: 'ended' }

/** Noise beyond this is forgotten, oldest first. */
const MAX_NOISE = 64 * 1024

/** Longer than any line that a bootstrap writes: without an end by then it is noise too. */
const MAX_LINE = 256

/** Waits for the remote end to speak, and keeps what a login shell or a banner prints before. */
export class GreetingReader {
  readonly #mark: string
  #held: Buffer = Buffer.alloc(0)

  constructor(nonce: string) {
    this.#mark = `stage-deploy ${nonce} `
  }

  /** What was printed before the greeting, or until now. */
  get noise(): Buffer {
    return this.#held.subarray(-MAX_NOISE)
  }

  /**
   * Reads until the line `stage-deploy <nonce> ready` or `stage-deploy <nonce> python X.Y.Z` (docs/remote-end.md,
   * Start). It may stand behind noise that did not end its line.
   */
  async read(chunks: AsyncIterator<Buffer>): Promise<Greeting> {
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      this.#held = Buffer.concat([this.#held.subarray(-MAX_NOISE), next.value])
      const greeting = this.#find()
      if (greeting !== undefined) return greeting
    }
    return { kind: 'ended' }
  }

  #find(): Greeting | undefined {
    const held = this.#held
    for (let at = held.indexOf(this.#mark); at !== -1; at = held.indexOf(this.#mark, at + 1)) {
      const start = at + this.#mark.length
      const end = held.subarray(0, start + MAX_LINE).indexOf('\n', start)
      const said = held.toString('latin1', start, Math.max(start, end)).trim()
      if (said !== 'ready' && !said.startsWith('python ')) continue
      this.#held = held.subarray(0, at)
      if (said === 'ready') return { kind: 'ready', rest: held.subarray(end + 1) }
      return { kind: 'too-old', version: said.slice('python '.length) }
    }
    return undefined
  }
}
