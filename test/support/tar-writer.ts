import { gzipSync } from 'node:zlib'

/** One entry of an archive, written as it is said here, however hostile. */
export interface RawTarEntry {
  readonly path: string
  /** The type flag: `0` a file (the default), `1` a hard link, `2` a symbolic link, `5` a directory, `x` pax, … */
  readonly type?: string
  readonly content?: string | Buffer
  readonly mode?: number
  readonly linkPath?: string
  /** What the header claims, where that is not the length of the content. */
  readonly size?: number
  /** `pax` (the default) writes an extended header for what does not fit, `gnu` the entries L and K. */
  readonly longNames?: 'pax' | 'gnu'
}

const BLOCK_BYTES = 512

/** Packs entries as POSIX tar, with the two blocks of zeros at the end, and compresses it. */
export function packTarGz(entries: readonly RawTarEntry[]): Buffer {
  return gzipSync(packTar(entries))
}

export function packTar(entries: readonly RawTarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(tarBlocks), Buffer.alloc(2 * BLOCK_BYTES)])
}

/** The records of a pax extended header: `LENGTH KEYWORD=VALUE\n`, the length that of the whole record. */
export function paxRecords(values: Readonly<Record<string, string>>): Buffer {
  const records = Object.entries(values).map(([keyword, value]) => {
    const rest = Buffer.byteLength(` ${keyword}=${value}\n`)
    const digits = String(rest + String(rest).length).length
    return `${rest + digits} ${keyword}=${value}\n`
  })
  return Buffer.from(records.join(''))
}

function tarBlocks(entry: RawTarEntry): readonly Buffer[] {
  const content = Buffer.from(entry.content ?? '')
  return [...longNameBlocks(entry), header(entry, content.length), padded(content)]
}

function longNameBlocks({ path, linkPath, longNames }: RawTarEntry): readonly Buffer[] {
  const long = { path: isLong(path) ? path : undefined, linkpath: isLong(linkPath) ? linkPath : undefined }
  if (longNames === 'gnu') {
    return [
      ...(long.path === undefined
        ? []
        : tarBlocks({ path: '././@LongLink', type: 'L', content: `${long.path}\0` })),
      ...(long.linkpath === undefined
        ? []
        : tarBlocks({ path: '././@LongLink', type: 'K', content: `${long.linkpath}\0` })),
    ]
  }
  const values = Object.entries(long).flatMap(([keyword, value]) =>
    value === undefined ? [] : [[keyword, value]],
  )
  if (values.length === 0) return []
  return tarBlocks({ path: 'PaxHeader', type: 'x', content: paxRecords(Object.fromEntries(values)) })
}

function isLong(name: string | undefined): boolean {
  return name !== undefined && Buffer.byteLength(name) > 100
}

function header(entry: RawTarEntry, length: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES)
  const type = entry.type ?? '0'
  block.write(entry.path, 0, 100)
  block.write(octal(entry.mode ?? (type === '5' ? 0o755 : 0o644), 8), 100)
  block.write(octal(0, 8), 108)
  block.write(octal(0, 8), 116)
  block.write(octal(entry.size ?? length, 12), 124)
  block.write(octal(1_700_000_000, 12), 136)
  block.write(' '.repeat(8), 148)
  block.write(type, 156)
  block.write(entry.linkPath ?? '', 157, 100)
  block.write('ustar\x0000', 257)
  return withChecksum(block)
}

/** Writes the right checksum into a header that was changed by hand. */
export function withChecksum(block: Buffer): Buffer {
  const copy = Buffer.from(block)
  copy.write(' '.repeat(8), 148)
  const sum = copy.reduce((total, byte) => total + byte, 0)
  copy.write(`${octal(sum, 7)} `, 148)
  return copy
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`
}

function padded(content: Buffer): Buffer {
  const padding = (BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES
  return Buffer.concat([content, Buffer.alloc(padding)])
}
