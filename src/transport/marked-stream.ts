import { PassThrough, type Readable } from 'node:stream'

/** A stream in two parts, divided by a line that holds nothing but a mark. */
export interface MarkedStream {
  /** Settles when the mark has come; never, if it does not come. */
  readonly marked: Promise<void>
  /** What came before the mark; at most the last 64 KiB of it. */
  before(): string
  /** What comes after the mark. */
  readonly after: Readable
  /** The last line so far that is not empty, on either side of the mark. */
  lastLine(): string
}

const LONGEST_BEFORE = 64 * 1024
const LONGEST_TAIL = 2 * 1024

export function divideAtMark(source: Readable, mark: string): MarkedStream {
  const after = new PassThrough()
  const line = Buffer.from(`${mark}\n`)
  let before: Buffer = Buffer.alloc(0)
  let tail = ''
  let found = () => {}
  const marked = new Promise<void>(resolve => {
    found = resolve
  })
  const search = (chunk: Buffer) => {
    before = Buffer.concat([before, chunk])
    const at = before.indexOf(line)
    if (at < 0) {
      before = before.subarray(-LONGEST_BEFORE)
      return
    }
    source.removeListener('data', search)
    after.write(before.subarray(at + line.length))
    before = before.subarray(0, at)
    source.pipe(after)
    found()
  }
  source.on('data', search)
  source.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-LONGEST_TAIL)
  })
  // A pipe would do this, but before the mark there is none.
  source.on('end', () => after.end())
  return {
    marked,
    after,
    before: () => before.toString(),
    lastLine: () => tail.trimEnd().split(/\r?\n/).at(-1) ?? '',
  }
}
