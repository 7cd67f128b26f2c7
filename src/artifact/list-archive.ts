import { byteSource } from './byte-source.ts'
import { UnreadableArchive } from './fault.ts'
import type { ArchiveLimits } from './limits.ts'
import { type TarEntry, tarEntries } from './tar-entries.ts'
import { components, type TreeEntry } from './tree-faults.ts'

/** What is in a tar archive, as far as it could be read. */
export interface Listing {
  readonly entries: readonly TreeEntry[]
  /** Bytes of all files together. */
  readonly unpackedSize: number
  /** `{directory}/PKG-INFO`; the path is as the archive has it. */
  readonly pkgInfo: { readonly path: string; readonly text: string } | undefined
  /** Why the reading ended early. */
  readonly unreadable: UnreadableArchive | undefined
}

/**
 * Lists a tar archive, whose bytes come out of gzip. An archive that cannot be read to its end is a listing with
 * `unreadable`: what was seen until then may have more to say.
 *
 * @throws whatever else the bytes' source throws
 */
export async function listArchive(chunks: AsyncIterable<Buffer>, limits: ArchiveLimits): Promise<Listing> {
  const entries: TreeEntry[] = []
  let unpackedSize = 0
  let pkgInfo: Listing['pkgInfo']
  let unreadable: UnreadableArchive | undefined
  try {
    for await (const entry of tarEntries(byteSource(bounded(chunks, limits)))) {
      const { path, kind, mode, linkPath, size } = entry
      if (entries.length === limits.entries)
        throw tooLarge(`the archive has more than ${limits.entries} entries`)
      if (size > limits.unpackedBytes) throw tooLarge('is larger than a whole archive may be', path)
      entries.push({ path, kind, mode, linkPath })
      unpackedSize += size
      if (pkgInfo === undefined && isPkgInfo(entry))
        pkgInfo = { path, text: await pkgInfoText(entry, limits) }
    }
  } catch (error) {
    unreadable = asUnreadable(error)
  }
  return { entries, unpackedSize, pkgInfo, unreadable }
}

async function* bounded(chunks: AsyncIterable<Buffer>, limits: ArchiveLimits): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > limits.unpackedBytes) {
      throw tooLarge(`the archive is larger than ${limits.unpackedBytes} bytes when it is unpacked`)
    }
    yield chunk
  }
}

/** Setuptools puts a second one into `{directory}/{name}.egg-info/`, which is not the sdist's own. */
function isPkgInfo({ path, kind }: TarEntry): boolean {
  const names = components(path)
  return kind === 'file' && names.length === 2 && names[1] === 'PKG-INFO'
}

async function pkgInfoText(entry: TarEntry, limits: ArchiveLimits): Promise<string> {
  if (entry.size > limits.pkgInfoBytes)
    throw tooLarge(`is larger than ${limits.pkgInfoBytes} bytes`, entry.path)
  return (await entry.content()).toString('utf8')
}

/** Errors of zlib carry its return code (zlib.h): Z_BUF_ERROR is input that ends early. */
function asUnreadable(error: unknown): UnreadableArchive {
  if (error instanceof UnreadableArchive) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!code.startsWith('Z_')) throw error
  const message =
    code === 'Z_BUF_ERROR' ? 'the file is cut off' : 'the gzip data is damaged, or something follows it'
  return new UnreadableArchive('damaged', message, { cause: error })
}

function tooLarge(message: string, entry?: string): UnreadableArchive {
  return new UnreadableArchive('too-large', message, entry === undefined ? {} : { entry })
}
