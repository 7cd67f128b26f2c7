import type { HostName } from '../model/names.ts'
import { StageError } from '../model/stage-error.ts'

/** For what a host says of itself: programs of facts have their own limits, and a disk that answers nobody has none. */
export const OBSERVE_MS = 300_000

interface Asked {
  readonly host: HostName
  readonly what: string
  /** The option that lengthens the wait; undefined: there is none. */
  readonly option?: string
}

/**
 * Resolves like `answer`. Rejects with StageError `connection-lost` when that takes longer: nobody knows what became of
 * the request then, though the connection may look whole.
 */
export function answeredWithin<T>(limitMs: number, asked: Asked, answer: Promise<T>): Promise<T> {
  return answeredWhileMoving(limitMs, asked, () => answer)
}

/** The same for what may take as long as it likes while it moves: the limit begins anew with every call of `moved`. */
export async function answeredWhileMoving<T>(
  limitMs: number,
  { host, what, option }: Asked,
  ask: (moved: () => void) => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const more = option === undefined ? '' : `, which ${option} lengthens`
      const message = `${what} was not answered within ${limitMs / 1000} s${more}`
      reject(new StageError('connection-lost', message, { host }))
    }, limitMs)
  })
  try {
    return await Promise.race([ask(() => void timer?.refresh()), late])
  } finally {
    clearTimeout(timer)
  }
}
