import { chmod, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Removes a directory with sealed revisions in it: their directories cannot be emptied before the write bits are
 * back. Links are removed, never followed.
 */
export async function removeTree(directory: string): Promise<void> {
  await makeWritable(directory)
  await rm(directory, { recursive: true, force: true })
}

async function makeWritable(directory: string): Promise<void> {
  await chmod(directory, 0o700)
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(directory, entry.name))
  }
}
