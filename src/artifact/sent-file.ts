import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { StageError } from '../model/stage-error.ts'
import { UnreadableFile } from './plain-file.ts'
import type { Products } from './product.ts'
import { sharedFile } from './shared-file.ts'

/** A file of the runner that hosts receive, with the digest by which each of them knows it. */
export interface SentFile extends Products, AsyncDisposable {}

/**
 * Reads it once for its digest; from then on it stays that file, whatever becomes of its name. Throws StageError `artifact`
 * where it is none that can be read, `interrupted` when the signal fires.
 */
export async function sentFile(path: string, signal: AbortSignal): Promise<SentFile> {
  const file = sharedFile(path)
  const digest = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of file.read(signal)) {
      digest.update(chunk)
      bytes += chunk.length
    }
  } catch (error) {
    await file[Symbol.asyncDispose]()
    throw error instanceof StageError ? error : new StageError('artifact', reasonOf(error), { cause: error })
  }
  return {
    files: [{ file: basename(path), bytes, sha256: digest.digest('hex') }],
    read: again => file.read(again),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof UnreadableFile) return `it ${error.why}`
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOENT' ? 'it is not there' : `it cannot be read (${String(code ?? error)})`
}
