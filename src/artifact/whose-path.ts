import { lstat, readlink, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { readPlainText } from './plain-file.ts'

/** What decides who can write to a file or a directory, or put another one in its place. */
export interface Owned {
  readonly uid: number
  readonly mode: number
  /** Where a symbolic link leads, as it is written. */
  readonly leadsTo?: string | undefined
}

/** How files are looked at. */
export interface Looks {
  /** The file, or the link, itself. */
  file(path: string): Promise<Owned>
  /** The directory, through links. */
  directory(path: string): Promise<Owned>
  /** The name of an account; undefined where it has none. */
  nameOf(uid: number): Promise<string | undefined>
}

const ROOT = 0
const STICKY = 0o1000
const BY_EVERYBODY = 0o002
/** As many links behind each other as Linux follows (path_resolution(7)). */
const LINKS = 40

/**
 * Whose files are trusted without being named: those of root, of the account that runs the command, and where `sudo`
 * made that one root, of the account that called it. Undefined where the system has no such accounts.
 */
export function trustedOwners(
  uid: number | undefined,
  env: Readonly<Record<string, string | undefined>>,
): ReadonlySet<number> | undefined {
  if (uid === undefined) return undefined
  const caller = env['SUDO_UID'] ?? ''
  return new Set([ROOT, uid, ...(uid === ROOT && /^\d{1,10}$/.test(caller) ? [Number(caller)] : [])])
}

/**
 * Who else could have put or changed a file: its owner and that of its directory, through links, or everybody where
 * everybody can write there. What its group may write is its owner's business. Undefined: nobody else.
 */
export async function foreignFault(
  file: string,
  trusted: ReadonlySet<number>,
  looks: Looks = ofThisMachine,
  // Nobody else can remove what stands in a sticky directory.
  { maySticky = false }: { readonly maySticky?: boolean } = {},
): Promise<string | undefined> {
  const ownedBy = async (path: string, { uid }: Owned) =>
    trusted.has(uid) ? undefined : `${path} belongs to ${(await looks.nameOf(uid)) ?? `the account ${uid}`}`
  let path = file
  for (let links = 0; links <= LINKS; links += 1) {
    const found = await looks.file(path)
    const above = dirname(path)
    const directory = await looks.directory(above)
    const foreign = (await ownedBy(path, found)) ?? (await ownedBy(above, directory))
    if (foreign !== undefined) return foreign
    // In a sticky directory nobody else can remove a file, or put another one in its place.
    if ((directory.mode & BY_EVERYBODY) !== 0 && (directory.mode & STICKY) === 0)
      return `everybody can write to ${above}`
    if (found.leadsTo === undefined)
      return (found.mode & BY_EVERYBODY) === 0 || (maySticky && (found.mode & STICKY) !== 0)
        ? undefined
        : `everybody can write to ${path}`
    path = resolve(above, found.leadsTo)
  }
  return `it leads through more than ${LINKS} links`
}

/** A hundred thousand accounts. Where there are more, they go by their numbers. */
const ACCOUNTS_BYTES = 16 * 1024 ** 2

const ofThisMachine: Looks = {
  async file(path) {
    const found = await lstat(path)
    const leadsTo = found.isSymbolicLink() ? await readlink(path) : undefined
    return { uid: found.uid, mode: found.mode, leadsTo }
  },
  directory: async path => await stat(path),
  async nameOf(uid) {
    const accounts = await readPlainText('/etc/passwd', ACCOUNTS_BYTES).catch(() => '')
    const line = accounts.split('\n').find(one => one.split(':')[2] === `${uid}`)
    return line?.split(':')[0]
  },
}
