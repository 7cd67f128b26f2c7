import type { Socket } from 'node:net'

export interface PipeSetting {
  /** How long each byte is under way, in one direction. Default: as long as it takes. */
  readonly delayMs?: number
  /** How many bytes a second leave in one direction. Default: all. */
  readonly bytesPerSecond?: number
}

/** Bytes that may be under way in one direction before their sender is held back, as the buffers of a network do. */
const MOST_UNDER_WAY = 1 << 20

/** Pieces small enough that a throttled line drips instead of gushing. */
const PIECE = 4096

interface Piece {
  /** Empty: the end of the input. */
  readonly bytes: Buffer
  readonly arrivedAt: number
  readonly passed: () => void
}

/**
 * Carries what one socket receives to another one, late.
 *
 * @param setting what holds now; undefined while nothing passes
 * @param arrived is told the length of everything that is received, and returns what to call when it is passed on
 */
export function delayedPipe(
  from: Socket,
  to: Socket,
  setting: () => PipeSetting | undefined,
  arrived: (length: number) => () => void,
): { refresh(): void } {
  const waiting: Piece[] = []
  let underWay = 0
  let freeAt = 0
  let timer: NodeJS.Timeout | undefined
  const passDue = () => {
    clearTimeout(timer)
    for (let piece = waiting[0]; piece !== undefined; piece = waiting[0]) {
      const now = setting()
      if (now === undefined) return
      const due = Math.max(piece.arrivedAt + (now.delayMs ?? 0), freeAt)
      const left = due - performance.now()
      if (left > 0) {
        timer = setTimeout(passDue, left)
        return
      }
      waiting.shift()
      freeAt = due + (1000 * piece.bytes.length) / (now.bytesPerSecond ?? Number.POSITIVE_INFINITY)
      underWay -= piece.bytes.length
      piece.passed()
      if (piece.bytes.length === 0) to.end()
      else to.write(piece.bytes)
    }
    if (underWay < MOST_UNDER_WAY) from.resume()
  }
  from.on('data', (chunk: Buffer) => {
    const passed = arrived(chunk.length)
    for (let at = 0; at < chunk.length; at += PIECE)
      waiting.push({ bytes: chunk.subarray(at, at + PIECE), arrivedAt: performance.now(), passed })
    underWay += chunk.length
    if (underWay >= MOST_UNDER_WAY) from.pause()
    passDue()
  })
  from.once('end', () => {
    waiting.push({ bytes: Buffer.alloc(0), arrivedAt: performance.now(), passed: () => undefined })
    passDue()
  })
  return { refresh: passDue }
}
