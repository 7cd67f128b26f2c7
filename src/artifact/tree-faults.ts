import type { Fault, FaultCode } from './fault.ts'
import { NAME_BYTES, PATH_BYTES, PATH_DEPTH } from './limits.ts'
import type { TarEntry, TarKind } from './tar-entries.ts'

/** What the checks of a tree need to know of an entry. */
export type TreeEntry = Omit<TarEntry, 'content' | 'size'>

/**
 * Set-user-id and set-group-id (chmod(2)) of a file: whoever packed it meant it to run as somebody else. On a directory
 * they only say where the sdist was packed, and on a link nothing; modes are not taken from the archive.
 */
const SET_ID_BITS = 0o6000

/**
 * Finds everything in an archive that could write outside of the one directory it is meant to fill, or that would be
 * unpacked as something else than it was checked as. An archive without faults can be unpacked entry by entry.
 */
export function treeFaults(entries: readonly TreeEntry[]): readonly Fault[] {
  const faults: Fault[] = []
  const kinds = new Map<string, TarKind>()
  const placed: { readonly entry: TreeEntry; readonly path: string }[] = []
  for (const entry of entries) {
    const add = (found: Found | undefined) => {
      if (found !== undefined) faults.push({ ...found, entry: entry.path })
    }
    add(kindFault(entry))
    const outside = pathFault(entry.path) ?? namelessFault(entry)
    add(outside)
    if (outside !== undefined) continue
    const path = components(entry.path).join('/')
    add(reservedFault(path))
    add(duplicateFault(kinds.get(path), entry.kind))
    add(linkFault(entry, path, kinds))
    kinds.set(path, entry.kind)
    placed.push({ entry, path })
  }
  for (const { entry, path } of placed) {
    const through = firstNonDirectory(path, kinds)
    if (through !== undefined) {
      faults.push({
        code: 'path',
        entry: entry.path,
        message: `goes through ${JSON.stringify(through)}, which is no directory`,
      })
    }
  }
  return [...faults, ...topLevelFaults(kinds)]
}

/** The directory that everything else in the archive is in; undefined where there is not exactly one. */
export function topLevelOf(entries: readonly TreeEntry[]): string | undefined {
  const tops = new Set(entries.flatMap(({ path }) => components(path).slice(0, 1)))
  const [top] = tops
  return tops.size === 1 ? top : undefined
}

/** The names that a path leads through: `./a//b/` is `a`, `b`. */
export function components(path: string): readonly string[] {
  return path.split('/').filter(name => name !== '' && name !== '.')
}

interface Found {
  readonly code: FaultCode
  readonly message: string
}

function kindFault({ kind, mode }: TreeEntry): Found | undefined {
  switch (kind) {
    case 'character device':
    case 'block device':
    case 'pipe':
      return { code: 'special-file', message: `is a ${kind}` }
    case 'directory':
    case 'symbolic link':
      return undefined
    case 'file':
    case 'hard link': {
      const message = `has a set-id bit (mode ${mode.toString(8)})`
      return (mode & SET_ID_BITS) === 0 ? undefined : { code: 'set-id', message }
    }
  }
}

function pathFault(path: string): Found | undefined {
  if (path.startsWith('/')) return { code: 'path', message: 'is an absolute path' }
  if (path.includes('\0')) return { code: 'path', message: 'contains a NUL byte' }
  const names = components(path)
  if (names.includes('..')) return { code: 'path', message: 'leads out of the archive with ".."' }
  if (path.includes('\n')) return { code: 'path', message: 'contains a line break' }
  const isTooLong = Buffer.byteLength(path) > PATH_BYTES || names.length > PATH_DEPTH
  const hasTooLong = names.some(name => Buffer.byteLength(name) > NAME_BYTES)
  return isTooLong || hasTooLong ? { code: 'path', message: 'is too long or too deep' } : undefined
}

/** Only the directory `./`, in which the archive was made, has no name of its own. */
function namelessFault({ path, kind }: TreeEntry): Found | undefined {
  const isNameless = path === '' || (components(path).length === 0 && kind !== 'directory')
  return isNameless ? { code: 'path', message: 'is no name for an entry' } : undefined
}

/** What the host writes beside the tree: an sdist that brings its own verdict is not believed. */
const MADE_ON_THE_HOST = ['.revision.json', '.build.log']

function reservedFault(path: string): Found | undefined {
  const [, name = ''] = components(path)
  if (!MADE_ON_THE_HOST.includes(name)) return undefined
  return { code: 'path', message: 'has a name that is made on the host' }
}

/** A directory may come twice. Of anything else the last would win, and what was checked is not what is there. */
function duplicateFault(earlier: TarKind | undefined, kind: TarKind): Found | undefined {
  if (earlier === undefined || (earlier === 'directory' && kind === 'directory')) return undefined
  const kinds = earlier === kind ? '' : `, as a ${earlier} and as a ${kind}`
  return { code: 'duplicate', message: `is in the archive twice${kinds}` }
}

function linkFault(entry: TreeEntry, path: string, kinds: ReadonlyMap<string, TarKind>): Found | undefined {
  if (entry.kind === 'symbolic link') return symbolicLinkFault(entry.linkPath, path)
  if (entry.kind !== 'hard link') return undefined
  const target = pathFault(entry.linkPath) === undefined ? components(entry.linkPath).join('/') : undefined
  const targetKind = target === undefined ? undefined : kinds.get(target)
  if (targetKind === 'file' || targetKind === 'hard link') return undefined
  return linkTo(entry.linkPath, 'which is no file that the archive has before it')
}

/**
 * A link is followed on the host, where the names in its target can be links themselves. It stays inside if it climbs
 * first, at most to the top-level directory, and never climbs again after a name.
 */
function symbolicLinkFault(target: string, path: string): Found | undefined {
  if (target === '' || target.includes('\0')) return linkTo(target, 'which is no path')
  if (target.startsWith('/')) return linkTo(target, 'which is absolute')
  if (Buffer.byteLength(target) > PATH_BYTES) return linkTo(target, 'which is longer than a path may be')
  const names = components(target)
  const climbs = names.findIndex(name => name !== '..')
  const up = climbs === -1 ? names.length : climbs
  if (names.slice(up).includes('..')) return linkTo(target, 'which has ".." after a name')
  const depth = components(path).length - 1
  return up >= Math.max(depth, 1) ? linkTo(target, 'which leads out of the tree') : undefined
}

function linkTo(target: string, why: string): Found {
  return { code: 'link', message: `is a link to ${JSON.stringify(target)}, ${why}` }
}

/** Looks at the parents of a path, from the nearest up; a directory that is there was looked at itself. */
function firstNonDirectory(path: string, kinds: ReadonlyMap<string, TarKind>): string | undefined {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const parent = path.slice(0, end)
    const kind = kinds.get(parent)
    if (kind === 'directory') return undefined
    if (kind !== undefined) return parent
  }
  return undefined
}

function topLevelFaults(kinds: ReadonlyMap<string, TarKind>): readonly Fault[] {
  const tops = new Set([...kinds.keys()].flatMap(path => components(path).slice(0, 1)))
  const [top] = tops
  if (top === undefined) return []
  if (tops.size > 1) {
    const shown = [...tops]
      .slice(0, 5)
      .map(name => JSON.stringify(name))
      .join(', ')
    const message = `the archive has ${tops.size} names at its top level and not one directory: ${shown}`
    return [{ code: 'top-level', entry: undefined, message }]
  }
  const kind = kinds.get(top) ?? 'directory'
  if (kind === 'directory') return []
  return [{ code: 'top-level', entry: top, message: `is a ${kind} where the one directory should be` }]
}
