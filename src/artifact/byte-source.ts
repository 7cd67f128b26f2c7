/** Bytes that arrive in chunks of any size, taken in pieces of the size one needs. */
export interface ByteSource {
  /** How many bytes were taken so far. */
  position(): number
  /** Takes this many bytes; fewer only when the source ends first. */
  take(count: number): Promise<Buffer>
  /** Passes over this many bytes without keeping them; returns how many there were. */
  skip(count: number): Promise<number>
  /** Takes whatever comes next, in pieces of any size; empty at the end. */
  takeSome(limit: number): Promise<Buffer>
}

export function byteSource(chunks: AsyncIterable<Buffer>): ByteSource {
  const iterator = chunks[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  let position = 0

  async function takeSome(limit: number): Promise<Buffer> {
    while (rest.length === 0) {
      const next = await iterator.next()
      if (next.done === true) return rest
      rest = next.value
    }
    const taken = rest.subarray(0, limit)
    rest = rest.subarray(taken.length)
    position += taken.length
    return taken
  }

  async function pieces(count: number, use: (piece: Buffer) => void): Promise<number> {
    let missing = count
    while (missing > 0) {
      const piece = await takeSome(missing)
      if (piece.length === 0) break
      use(piece)
      missing -= piece.length
    }
    return count - missing
  }

  return {
    position: () => position,
    takeSome,
    async take(count) {
      const taken: Buffer[] = []
      await pieces(count, piece => taken.push(piece))
      const [first] = taken
      return taken.length === 1 && first !== undefined ? first : Buffer.concat(taken)
    },
    skip: count => pieces(count, () => {}),
  }
}
