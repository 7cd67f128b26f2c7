import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { createGunzip, type Gunzip } from 'node:zlib'
import { UnreadableArchive } from './fault.ts'
import type { ArchiveLimits } from './limits.ts'
import { type Listing, listArchive } from './list-archive.ts'
import { openPlainFile } from './plain-file.ts'

export interface SdistScan extends Listing {
  /** Of the file, in hexadecimal. Meaningless when the archive was not read to its end. */
  readonly sha256: string
  /** Bytes of the file. */
  readonly size: number
}

/** The first bytes of every gzip file (RFC 1952, 2.3.1). */
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])

/**
 * Reads a `.tar.gz` once: its hash, and what is in it. Needs little memory but for the list of its entries.
 *
 * @throws UnreadableFile for what is no regular file, or larger than it may be unpacked; the errors of the file system (ENOENT, EACCES, …)
 */
export async function scanSdist(path: string, limits: ArchiveLimits): Promise<SdistScan> {
  await using file = await openPlainFile(path, { mostBytes: limits.unpackedBytes })
  const hash = createHash('sha256')
  const gunzip = createGunzip()
  let size = 0
  async function* hashed(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      if (size === 0 && !chunk.subarray(0, 2).equals(GZIP_MAGIC)) throw notGzip()
      hash.update(chunk)
      size += chunk.length
      yield chunk
    }
    if (size === 0) throw notGzip()
  }
  const [unpacked, listed] = await Promise.allSettled([
    pipeline(file.createReadStream({ autoClose: false }), hashed, gunzip),
    listToTheEnd(gunzip, limits),
  ])
  if (listed.status === 'rejected') throw listed.reason
  // Node ends a gunzip where the data end; a pipeline that has more for it fails, or drops the rest.
  const isWhole = unpacked.status === 'fulfilled' && gunzip.bytesWritten === size
  const unreadable = listed.value.unreadable ?? (isWhole ? undefined : goesOn())
  return { ...listed.value, unreadable, size, sha256: hash.digest('hex') }
}

/** Stops the unpacking when nobody will read on: the pipeline would wait. */
async function listToTheEnd(gunzip: Gunzip, limits: ArchiveLimits): Promise<Listing> {
  try {
    return await listArchive(gunzip, limits)
  } finally {
    if (!gunzip.readableEnded) gunzip.destroy()
  }
}

function goesOn(): UnreadableArchive {
  return new UnreadableArchive('damaged', 'something follows the gzip data')
}

function notGzip(): UnreadableArchive {
  return new UnreadableArchive('not-gzip', 'it is not compressed with gzip')
}
