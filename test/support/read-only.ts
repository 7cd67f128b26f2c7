import { chmod } from 'node:fs/promises'
import { mustRun } from './run-program.ts'

/**
 * Makes a file or a directory one that cannot be written: for root by a mount that is read-only, as in a container; for an
 * ordinary user by its mode.
 */
export async function makeReadOnly(path: string): Promise<AsyncDisposable> {
  if (process.getuid?.() !== 0) {
    await chmod(path, 0o555)
    return { [Symbol.asyncDispose]: async () => await chmod(path, 0o755) }
  }
  await mustRun(['mount', '--bind', path, path])
  await mustRun(['mount', '-o', 'remount,ro,bind', path])
  return { [Symbol.asyncDispose]: async () => void (await mustRun(['umount', '-l', path])) }
}
