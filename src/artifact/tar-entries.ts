import type { ByteSource } from './byte-source.ts'
import { UnreadableArchive } from './fault.ts'
import { parsePaxRecords } from './pax.ts'
import { BLOCK_BYTES, decodeText, parseTarHeader, type TarHeader } from './tar-header.ts'

export type TarKind =
  | 'file'
  | 'directory'
  | 'symbolic link'
  | 'hard link'
  | 'character device'
  | 'block device'
  | 'pipe'

/** One entry with its long names in place. */
export interface TarEntry {
  readonly path: string
  readonly kind: TarKind
  readonly mode: number
  /** Bytes of content; 0 for everything but a file. */
  readonly size: number
  /** Where a link points: for a symbolic link relative to its directory, for a hard link to the archive. */
  readonly linkPath: string
  /** Reads the content of a file. Only before the next entry is asked for. */
  content(): Promise<Buffer>
}

const KINDS: ReadonlyMap<string, TarKind> = new Map([
  ['0', 'file'],
  ['\0', 'file'],
  ['7', 'file'],
  ['1', 'hard link'],
  ['2', 'symbolic link'],
  ['3', 'character device'],
  ['4', 'block device'],
  ['5', 'directory'],
  ['6', 'pipe'],
])

/** Long names and the like before an entry are at most this long, as in node-tar; they are held in memory. */
const META_BYTES = 1024 * 1024

/** tar(1) pads to a record of 10 KiB; the host reads no more than this after the end. */
const PADDING_BYTES = 16 * 1024 * 1024

const ZEROS = Buffer.alloc(65_536)

/** What headers before an entry say about it, instead of its own header. */
interface Override {
  readonly path?: string
  readonly linkPath?: string
  readonly size?: number
}

/**
 * Reads a tar archive entry by entry: ustar, pax, and GNU's long names. Of two entries only one is in memory.
 * Whatever is after the end of the archive must be zeros.
 *
 * @throws UnreadableArchive `malformed`, or `damaged` where the archive is cut off
 */
export async function* tarEntries(source: ByteSource): AsyncGenerator<TarEntry, void, undefined> {
  let override: Override | undefined
  for (let header = await nextHeader(source); header !== undefined; header = await nextHeader(source)) {
    if ('xgLK'.includes(header.type)) {
      override = withMeta(override ?? {}, header, await metaContent(source, header))
      continue
    }
    const entry = describe(header, override ?? {})
    override = undefined
    let unread = entry.size
    yield {
      ...entry,
      async content() {
        unread = 0
        return takeAll(source, entry.size, entry.path)
      },
    }
    if (unread > 0 && (await source.skip(unread)) < unread) throw cutOff(entry.path)
    await skipPadding(source, entry.size, entry.path)
  }
  if (override !== undefined) throw malformed('the archive ends with a header that belongs to nothing')
  await expectOnlyZeros(source)
}

async function nextHeader(source: ByteSource): Promise<TarHeader | undefined> {
  const block = await source.take(BLOCK_BYTES)
  if (block.length < BLOCK_BYTES) {
    throw new UnreadableArchive('damaged', 'the archive is cut off: it has no end-of-archive mark')
  }
  return parseTarHeader(block)
}

function describe(header: TarHeader, override: Override): Omit<TarEntry, 'content'> {
  const path = override.path ?? header.path
  const kind = KINDS.get(header.type)
  if (kind === undefined) {
    throw malformed(`has the type ${JSON.stringify(header.type)}, which an sdist has no use for`, path)
  }
  const size = override.size ?? header.size
  if (kind !== 'file' && size > 0) throw malformed(`is a ${kind} with content`, path)
  // Old archives mark a directory so; some readers make a file of it.
  if (kind !== 'directory' && path.endsWith('/'))
    throw malformed(`is a ${kind} with the name of a directory`, path)
  return { path, kind, mode: header.mode, size, linkPath: override.linkPath ?? header.linkPath }
}

async function metaContent(source: ByteSource, header: TarHeader): Promise<Buffer> {
  if (header.size > META_BYTES)
    throw new UnreadableArchive('too-large', 'the archive has a header above 1 MiB')
  const content = await takeAll(source, header.size, header.path)
  await skipPadding(source, header.size, header.path)
  return content
}

function withMeta(override: Override, header: TarHeader, content: Buffer): Override {
  switch (header.type) {
    case 'L':
      return merged(override, { path: cString(content) })
    case 'K':
      return merged(override, { linkPath: cString(content) })
    default:
      return withPax(override, header.type, parsePaxRecords(content))
  }
}

function withPax(override: Override, type: string, records: ReadonlyMap<string, string>): Override {
  const [path, linkPath, size] = [records.get('path'), records.get('linkpath'), records.get('size')]
  const isSparse = [...records.keys()].some(keyword => keyword.startsWith('GNU.sparse.'))
  if (isSparse) throw malformed('the archive has a sparse file, which an sdist has no use for')
  if (size !== undefined && !/^[0-9]{1,15}$/.test(size))
    throw malformed('the archive has a size that is no number')
  const found = {
    ...(path === undefined ? {} : { path }),
    ...(linkPath === undefined ? {} : { linkPath }),
    ...(size === undefined ? {} : { size: Number(size) }),
  }
  // A global header holds for all entries that follow; git archive writes one, with a comment.
  if (type === 'g' && Object.keys(found).length > 0) {
    throw malformed('the archive gives all its entries the same path, link or size')
  }
  return merged(override, found)
}

function merged(earlier: Override, later: Override): Override {
  for (const value of [later.path, later.linkPath]) {
    if (value === '' || value?.includes('\0'))
      throw malformed('the archive has an empty name, or one with a NUL byte')
  }
  const isTwice = Object.keys(later).some(key => key in earlier)
  if (isTwice) throw malformed('the archive gives one entry two names, links or sizes')
  return { ...earlier, ...later }
}

/** GNU ends its long names with a NUL byte. */
function cString(content: Buffer): string {
  const end = content.at(-1) === 0 ? content.length - 1 : content.length
  return decodeText(content.subarray(0, end))
}

async function takeAll(source: ByteSource, size: number, path: string): Promise<Buffer> {
  const content = await source.take(size)
  if (content.length < size) throw cutOff(path)
  return content
}

async function skipPadding(source: ByteSource, size: number, path: string): Promise<void> {
  const padding = (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES
  if ((await source.skip(padding)) < padding) throw cutOff(path)
}

async function expectOnlyZeros(source: ByteSource): Promise<void> {
  const start = source.position()
  for (;;) {
    const piece = await source.takeSome(ZEROS.length)
    if (piece.length === 0) return
    if (source.position() - start > PADDING_BYTES)
      throw malformed('the archive has too much padding at its end')
    if (!piece.equals(ZEROS.subarray(0, piece.length))) {
      throw malformed('the archive goes on after its end-of-archive mark')
    }
  }
}

function cutOff(path: string): UnreadableArchive {
  return new UnreadableArchive('damaged', 'is cut off', { entry: path })
}

function malformed(message: string, entry?: string): UnreadableArchive {
  return new UnreadableArchive('malformed', message, entry === undefined ? {} : { entry })
}
