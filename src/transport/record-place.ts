import { constants } from 'node:fs'
import { access, lstat, readlink, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { printable } from '../shell/printable.ts'
import { homeDirectory } from './expand-path.ts'

/** Where a new host key would be recorded. */
export type RecordPlace =
  | { readonly kind: 'file'; readonly file: string }
  /** `why`: a sentence for each file, or that there is none. `instead`: another file that keeps what is written. */
  | { readonly kind: 'nowhere'; readonly why: string; readonly instead: string | undefined }

/**
 * Finds the file in which a new host key is recorded: the first that keeps what is written. Devices, directories, pipes
 * and sockets keep nothing, whatever a write to them says, and are as good as no file.
 *
 * @param files of the user, in the order in which they are looked into
 */
export async function findRecordPlace(files: readonly string[]): Promise<RecordPlace> {
  const faults: string[] = []
  for (const file of files) {
    const fault = await whyNotKept(file)
    if (fault === undefined) return { kind: 'file', file }
    faults.push(fault)
  }
  const why = faults.join('; ') || 'ssh_config names no file of known hosts (UserKnownHostsFile none)'
  return { kind: 'nowhere', why, instead: await firstThatKeeps(otherPlaces()) }
}

/** What OpenSSH uses unasked, and what stands beside a configuration that is used in CI. */
function otherPlaces(): readonly string[] {
  return [join(homeDirectory(), '.ssh', 'known_hosts'), resolve('known_hosts')]
}

async function firstThatKeeps(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if ((await whyNotKept(file)) === undefined) return file
  return undefined
}

/** @returns undefined for a file that can be written, or made */
async function whyNotKept(file: string): Promise<string | undefined> {
  try {
    const there = await stat(file).catch(unlessMissing)
    if (there === undefined) await requireRoomFor(file)
    else if (!there.isFile()) return `${file} is no regular file and keeps nothing`
    else await access(file, constants.R_OK | constants.W_OK)
    return undefined
  } catch (error) {
    return `${file} cannot be written (${printable(error instanceof Error ? error.message : String(error))})`
  }
}

/** @throws when the file cannot be made. Of a link that leads nowhere its target is made, but no directory. */
async function requireRoomFor(file: string): Promise<void> {
  const there = await lstat(file).catch(unlessMissing)
  if (there?.isSymbolicLink()) {
    const target = resolve(dirname(file), await readlink(file))
    const further = await lstat(target).catch(unlessMissing)
    if (further?.isSymbolicLink()) return requireRoomFor(target)
    return access(dirname(target), constants.W_OK | constants.X_OK)
  }
  await requireDirectory(dirname(file))
}

/** @throws when it is no directory that can be written, and cannot be made */
async function requireDirectory(directory: string): Promise<void> {
  const there = await stat(directory).catch(unlessMissing)
  if (there === undefined) return requireDirectory(dirname(directory))
  if (!there.isDirectory()) throw new Error(`${directory} is no directory`)
  await access(directory, constants.W_OK | constants.X_OK)
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
