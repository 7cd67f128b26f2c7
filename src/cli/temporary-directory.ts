import { tmpdir } from 'node:os'
import { ownTemporaryDirectory, whoWeAre } from '../artifact/own-directory.ts'
import { StageError } from '../model/stage-error.ts'

/** Makes an empty directory for a while. Throws StageError `usage` where none can be made. */
export async function temporaryDirectory(prefix: string): Promise<string> {
  const place = tmpdir()
  try {
    return await ownTemporaryDirectory(prefix, whoWeAre(process.env))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new StageError('usage', `no temporary directory can be made in ${place}: ${why}`, {
      hint: 'name a directory that can be written, and not by others: TMPDIR',
      cause: error,
    })
  }
}
