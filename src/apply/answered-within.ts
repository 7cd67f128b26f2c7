import type { HostName } from '../model/names.ts'
import { StageError } from '../model/stage-error.ts'

/**
 * Resolves like `answer`. Rejects with StageError `connection-lost` when that takes longer: nobody knows what became of
 * the request then, though the connection may look whole.
 */
export async function answeredWithin<T>(
  limitMs: number,
  asked: { readonly host: HostName; readonly what: string },
  answer: Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `${asked.what} was not answered within ${limitMs / 1000} s`
      reject(new StageError('connection-lost', message, { host: asked.host }))
    }, limitMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
