import type { FileHandle } from 'node:fs/promises'
import { GrowingFile } from './growing-file.ts'
import { openPlainFile } from './plain-file.ts'
import { PRODUCTS_BYTES } from './product.ts'

/** A file that many read to its end, each at a pace of its own, and that is read once for those who keep together. */
export interface SharedFile extends AsyncDisposable {
  /** From its beginning. Throws UnreadableFile for what is no regular file, or more than a host takes, the errors of the file system, StageError `interrupted` when the signal fires. */
  read(signal: AbortSignal): AsyncIterable<Uint8Array>
}

/** It is opened when it is read for the first time, and stays that file whatever becomes of its name. */
export function sharedFile(path: string): SharedFile {
  let opened: Promise<Opened> | undefined
  return {
    async *read(signal) {
      opened ??= openWhole(path)
      yield* (await opened).bytes.read(signal)
    },
    async [Symbol.asyncDispose]() {
      const last = await opened?.catch(() => undefined)
      await last?.file.close()
    },
  }
}

interface Opened {
  readonly file: FileHandle
  readonly bytes: GrowingFile
}

async function openWhole(path: string): Promise<Opened> {
  const file = await openPlainFile(path, { mostBytes: PRODUCTS_BYTES })
  const { size } = await file.stat()
  const bytes = new GrowingFile(file, 0, size)
  bytes.finish()
  return { file, bytes }
}
