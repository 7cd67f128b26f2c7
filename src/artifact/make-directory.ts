import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a directory, and those above it that are missing; of what is made nobody else may read anything, unless
 * `mode` says so. One step for each of its names: where the system says ENOENT though the directory above is there
 * (everywhere below /proc), Node's own `recursive: true` tries the two in turn for ever.
 *
 * @throws the system's error
 */
export async function makeDirectory(path: string, mode = 0o700): Promise<void> {
  if (await exists(path)) return
  const above = dirname(path)
  if (above !== path) await makeDirectory(above, mode)
  await mkdir(path, mode).catch(unless('EEXIST'))
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(unless('ENOENT'))) !== undefined
}

const unless = (expected: string) => (error: unknown) => {
  if (error instanceof Error && 'code' in error && error.code === expected) return undefined
  throw error
}
