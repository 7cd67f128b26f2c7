import type { Writable } from 'node:stream'

/**
 * Data waits while this much is queued: a message that is written next then leaves after at most so many bytes, so
 * an upload starves no heartbeat. Two frames of the largest size that we send keep the connection busy.
 */
const MAX_QUEUED = 512 * 1024

/**
 * What goes to one host, in order, and nothing of it before the host listens. Writing never throws: a connection that
 * broke is told of by the channel's end.
 */
export class Outbox {
  readonly #input: Writable
  readonly #moved: () => void
  #queued = 0
  #closed = false
  #waiting: (() => void)[] = []
  /** What waits until the host listens; undefined from then on. */
  #held: (() => void)[] | undefined = []

  /**
   * @param moved called when a piece of data went out: the connection flows. Small messages prove nothing, there is
   *   always room for them on the way to a host that reads no more.
   */
  constructor(input: Writable, moved: () => void) {
    this.#input = input
    this.#moved = moved
    input.on('error', () => this.close())
  }

  /** The host listens: it is sent the program, and then all that was held back. */
  begin(program: Uint8Array): void {
    const held = this.#held ?? []
    this.#held = undefined
    if (this.#closed || !this.#input.writable) return
    this.write(program)
    for (const send of held) send()
  }

  /** Hands the frame over at once, whatever is queued; or as soon as the host listens. */
  write(frame: Uint8Array, written: () => void = () => undefined): void {
    if (this.#closed || !this.#input.writable) return
    this.#queued += frame.length
    const send = () =>
      this.#input.write(frame, error => {
        this.#queued -= frame.length
        if (error) return
        written()
        this.#wake()
      })
    if (this.#held === undefined) send()
    else this.#held.push(send)
  }

  /** Hands a frame in two parts over as soon as little enough is queued; the data is not copied. Resolves also when the connection is gone. */
  async writeWhenRoom(head: Uint8Array, data: Uint8Array): Promise<void> {
    const length = head.length + data.length
    while (!this.#closed && this.#queued > 0 && this.#queued + length > MAX_QUEUED)
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    this.write(head)
    this.write(data, this.#moved)
  }

  /** From now on nothing is written and nobody waits. A stream that breaks does not call its callbacks back. */
  close(): void {
    this.#closed = true
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }
}
