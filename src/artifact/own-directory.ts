import { mkdtemp, realpath, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { makeDirectory } from './make-directory.ts'
import { foreignFault, trustedOwners } from './whose-path.ts'

/** Who this process is to a directory. Undefined where the system has no such accounts. */
export interface Us {
  /** Whose directories are ours as well. */
  readonly owners: ReadonlySet<number>
  /** Groups that are no others. */
  readonly groups: ReadonlySet<number>
}

export function whoWeAre(env: Readonly<Record<string, string | undefined>>): Us | undefined {
  const owners = trustedOwners(process.geteuid?.(), env)
  const group = process.getegid?.()
  return owners === undefined || group === undefined ? undefined : { owners, groups: new Set([0, group]) }
}

const BY_GROUP = 0o020
const BY_OTHERS = 0o022
const STICKY = 0o1000

/**
 * Makes a directory that is ours alone, or takes the one that is there.
 *
 * @throws Error with a sentence where somebody else could put something there; the system's error where it cannot be made
 */
export async function ownDirectory(path: string, us: Us | undefined): Promise<void> {
  await makeDirectory(path)
  const fault = us === undefined ? undefined : await foreignDirectoryFault(path, us)
  if (fault !== undefined) throw new Error(fault)
}

/**
 * Makes an empty directory for a while, below that for temporary files.
 *
 * @throws Error with a sentence where somebody else could put another one in its place; the system's error
 */
export async function ownTemporaryDirectory(prefix: string, us: Us | undefined): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), prefix))
  const fault = us === undefined ? undefined : await foreignDirectoryFault(path, us)
  if (fault === undefined) return path
  await rm(path, { recursive: true, force: true })
  throw new Error(fault)
}

/** Who else can put something into a directory, or another directory in its place, or in that of one above it. */
async function foreignDirectoryFault(path: string, us: Us): Promise<string | undefined> {
  const real = await realpath(path)
  const { mode } = await stat(real)
  if ((mode & BY_OTHERS) !== 0) return `others can write to ${path}`
  for (const way of new Set([path, real]))
    for (let at = way; at !== dirname(at); at = dirname(at)) {
      const fault =
        (await foreignFault(at, us.owners, undefined, { maySticky: true })) ?? (await byGroup(at, us))
      if (fault !== undefined) return fault
    }
  return undefined
}

/** An account may have a group of its own, which may write: that is nobody else. */
async function byGroup(path: string, { groups }: Us): Promise<string | undefined> {
  const { mode, gid } = await stat(path)
  const mayWrite = (mode & BY_GROUP) !== 0 && (mode & STICKY) === 0 && !groups.has(gid)
  return mayWrite ? `the group ${gid} can write to ${path}` : undefined
}
