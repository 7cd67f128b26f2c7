import { UnreadableArchive } from './fault.ts'

/** Everything in a tar archive comes in blocks of this many bytes (POSIX pax, "ustar Interchange Format"). */
export const BLOCK_BYTES = 512

/** One header block, as it stands there. */
export interface TarHeader {
  readonly path: string
  readonly linkPath: string
  /** The type flag: `0` is a file, `5` a directory, `2` a symbolic link, … */
  readonly type: string
  readonly mode: number
  /** Bytes that follow the header, without the padding to whole blocks. */
  readonly size: number
}

/**
 * Reads a header block of a POSIX (ustar, pax) or GNU archive. Where two readers could understand different things
 * by it, it is refused: what is checked here must be what is unpacked there.
 *
 * @returns undefined for a block of zeros, which ends an archive
 * @throws UnreadableArchive `malformed`
 */
export function parseTarHeader(block: Buffer): TarHeader | undefined {
  if (block.every(byte => byte === 0)) return undefined
  if (!hasRightChecksum(block)) throw malformed('the archive has a header with a wrong checksum')
  const name = text(block, 0, 100)
  const prefix = text(block, 345, 155)
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0'
  // GNU archives may keep times where POSIX has the prefix; Python's tarfile would take them for one.
  if (prefix !== '' && !isPosix) throw malformed('has a header that is neither POSIX nor plain GNU', name)
  for (const [start, length] of UNUSED_NUMBERS) requireNumber(block.subarray(start, start + length), name)
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    linkPath: text(block, 157, 100),
    type: block.toString('latin1', 156, 157),
    mode: number(block, 100, 8, name),
    size: number(block, 124, 12, name),
  }
}

/**
 * Owner, group, time, and the numbers of a device: where they begin and how long they are. Nobody here asks for them,
 * but Python's tarfile takes a header in which one cannot be read for the end of the archive.
 */
const UNUSED_NUMBERS = [
  [108, 8],
  [116, 8],
  [136, 12],
  [329, 8],
  [337, 8],
] as const

/** Text up to the first NUL. What is not UTF-8 is read byte by byte, so that different names stay different. */
export function decodeText(bytes: Buffer): string {
  const utf8 = bytes.toString('utf8')
  return Buffer.from(utf8, 'utf8').equals(bytes) ? utf8 : bytes.toString('latin1')
}

function text(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length)
  const end = field.indexOf(0)
  return decodeText(end === -1 ? field : field.subarray(0, end))
}

/** Octal digits, or after a byte 0x80 a binary number (GNU, for sizes from 8 GiB on). */
function number(block: Buffer, start: number, length: number, entry: string): number {
  const field = block.subarray(start, start + length)
  const digits = octalDigits(field)
  if (digits !== undefined) return Number.parseInt(digits === '' ? '0' : digits, 8)
  const value = field[0] === 0x80 ? BigInt(`0x${field.subarray(1).toString('hex')}`) : undefined
  if (value !== undefined && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value)
  throw unreadableNumber(entry)
}

/** Octal digits, or a binary number, which may be a negative one (GNU, after a byte 0xff). */
function requireNumber(field: Buffer, entry: string): void {
  const isBinary = field[0] === 0x80 || field[0] === 0xff
  if (!isBinary && octalDigits(field) === undefined) throw unreadableNumber(entry)
}

/** The digits without what is around them; undefined where something else is among them. */
function octalDigits(field: Buffer): string | undefined {
  return /^ *([0-7]*)[ \0]*$/.exec(field.toString('latin1'))?.[1]
}

function unreadableNumber(entry: string): UnreadableArchive {
  return malformed('has a header with a number that cannot be read', entry)
}

/** The sum of all bytes, the checksum field counted as spaces; some old programs summed signed bytes. */
function hasRightChecksum(block: Buffer): boolean {
  const field = block.toString('latin1', 148, 156)
  const digits = /^ *([0-7]+)[ \0]*$/.exec(field)?.[1]
  if (digits === undefined) return false
  let [unsigned, signed] = [0, 0]
  for (const [index, byte] of block.entries()) {
    const counted = index >= 148 && index < 156 ? 0x20 : byte
    unsigned += counted
    signed += counted < 0x80 ? counted : counted - 0x100
  }
  const stated = Number.parseInt(digits, 8)
  return stated === unsigned || stated === signed
}

function malformed(message: string, entry?: string): UnreadableArchive {
  return new UnreadableArchive('malformed', message, entry === undefined ? {} : { entry })
}
