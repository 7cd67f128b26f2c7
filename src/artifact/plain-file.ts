import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { StageError } from '../model/stage-error.ts'

/** Why a file is not read. `why` is the end of a sentence that begins with its name. */
export class UnreadableFile extends Error {
  readonly why: string

  constructor(path: string, why: string, cause?: unknown) {
    super(`${path} ${why}`, cause === undefined ? undefined : { cause })
    this.name = 'UnreadableFile'
    this.why = why
  }
}

interface Opening {
  /** Flags of open(2) beside those that no opening goes without. Default: to read. */
  readonly flags?: number
  /** Of a file that is made. */
  readonly mode?: number
  /** A file that has more is refused. It can still grow. */
  readonly mostBytes?: number
}

/** To open a pipe does not wait for its other end, and a terminal does not become that of this process (open(2)). */
const NEVER_WAITS = constants.O_NONBLOCK | constants.O_NOCTTY

/**
 * Opens what is a regular file, and nothing else: to open a pipe can wait for ever, to read a device need not end, and to
 * open one can act on it. Looked at before it is opened, and again when it is: it may be another one by then.
 *
 * @throws UnreadableFile for what is no regular file, or has more than `mostBytes`; the errors of the file system
 */
export async function openPlainFile(path: string, opening: Opening = {}): Promise<FileHandle> {
  const { mostBytes = Number.POSITIVE_INFINITY } = opening
  const { file, found } = await opened(path, opening, isPlain)
  if (found.size <= mostBytes) return file
  await file.close()
  throw tooLarge(path, mostBytes)
}

/**
 * Reads a regular file whole.
 *
 * @param mostBytes so much memory may it cost: more is refused, and not read
 * @throws UnreadableFile for what is no regular file, or has more; the errors of the file system
 */
export async function readPlainFile(path: string, mostBytes: number): Promise<Buffer> {
  await using file = await openPlainFile(path, { mostBytes })
  return await wholeFile(file, path, mostBytes)
}

/** The same as text in UTF-8. */
export async function readPlainText(path: string, mostBytes: number): Promise<string> {
  return (await readPlainFile(path, mostBytes)).toString('utf8')
}

/**
 * Reads an input that the user named: a regular file, or a pipe, which is what `<(command)` of a shell is. No thread of
 * Node waits for the pipe, so the signal ends it at once.
 *
 * @throws StageError `interrupted`; UnreadableFile for anything else, for what has more than `mostBytes`, for a pipe that nobody
 *   writes to, or that is not written to its end in a minute; the errors of the file system
 */
export async function readNamedInput(path: string, mostBytes: number, signal: AbortSignal): Promise<Buffer> {
  const { file, found } = await opened(path, {}, isPlainOrPipe)
  await using held = file
  return found.isFIFO()
    ? await wholePipe(held, { path, mostBytes, signal })
    : await wholeFile(held, path, mostBytes)
}

const isPlain = (found: Stats): boolean => found.isFile()
const isPlainOrPipe = (found: Stats): boolean => found.isFile() || found.isFIFO()

interface Opened {
  readonly file: FileHandle
  readonly found: Stats
}

async function opened(
  path: string,
  { flags = constants.O_RDONLY, mode }: Opening,
  isExpected: (found: Stats) => boolean,
): Promise<Opened> {
  // What is not there, or not to be looked at, open(2) says itself.
  const before = await stat(path).catch(() => undefined)
  if (before !== undefined && !isExpected(before)) throw unexpected(path, before)
  const file = await open(path, flags | NEVER_WAITS, mode)
  const found = await file.stat()
  if (isExpected(found)) return { file, found }
  await file.close()
  throw unexpected(path, found)
}

const unexpected = (path: string, found: Stats): UnreadableFile =>
  new UnreadableFile(path, `is ${kindOf(found)}, and not a file`)

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a directory'
  if (found.isFIFO()) return 'a named pipe'
  if (found.isSocket()) return 'a socket'
  return 'a device'
}

const PIECE_BYTES = 64 * 1024

async function wholeFile(file: FileHandle, path: string, mostBytes: number): Promise<Buffer> {
  const { size } = await file.stat()
  if (size > mostBytes) throw tooLarge(path, mostBytes)
  // The size of what the kernel makes up (proc(5)) is 0, and a file can grow while it is read.
  const pieces: Buffer[] = []
  for (let length = 0; ; ) {
    const piece = await nextPiece(file, path)
    if (piece === 'not yet') throw new UnreadableFile(path, 'does not say where it ends')
    if (piece.length === 0) return Buffer.concat(pieces, length)
    length += piece.length
    if (length > mostBytes) throw tooLarge(path, mostBytes)
    pieces.push(piece)
  }
}

/** As long as a program that prints a secret may take: a command in `<(…)` is a program, too. */
const PIPE_MS = 60_000
/** Whoever waits to write to a named pipe begins when it is opened for reading; to be put to work takes no longer. */
const WRITER_MS = 1_000
const LOOK_AGAIN_MS = 20

interface Pipe {
  readonly path: string
  readonly mostBytes: number
  readonly signal: AbortSignal
}

async function wholePipe(file: FileHandle, { path, mostBytes, signal }: Pipe): Promise<Buffer> {
  const begunMs = performance.now()
  const pieces: Buffer[] = []
  let length = 0
  for (;;) {
    if (signal.aborted) throw new StageError('interrupted', `Interrupted. ${path} was not read to its end.`)
    const piece = await nextPiece(file, path)
    const takenMs = performance.now() - begunMs
    if (piece !== 'not yet' && piece.length > 0) {
      length += piece.length
      if (length > mostBytes) throw tooLarge(path, mostBytes)
      pieces.push(piece)
    } else if (piece !== 'not yet' && length > 0) return Buffer.concat(pieces, length)
    else if (piece !== 'not yet' && takenMs > WRITER_MS)
      throw new UnreadableFile(path, 'is a named pipe, and nobody writes anything to it')
    else await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined)
    if (takenMs > PIPE_MS)
      throw new UnreadableFile(path, `is a named pipe, and was not written to its end in ${PIPE_MS / 1000} s`)
  }
}

/** Empty at the end. */
async function nextPiece(file: FileHandle, path: string): Promise<Buffer | 'not yet'> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES)
  try {
    const { bytesRead } = await file.read(piece, 0, piece.length, null)
    return piece.subarray(0, bytesRead)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EAGAIN') return 'not yet'
    throw new UnreadableFile(path, `cannot be read (${String(code ?? error)})`, error)
  }
}

function tooLarge(path: string, mostBytes: number): UnreadableFile {
  return new UnreadableFile(path, `has more than ${mostBytes} bytes, and no more than that is read`)
}
