import { StringDecoder } from 'node:string_decoder'

/** A longer line is told in parts, as by a host: a program that prints no line end needs no more memory than this. */
const LONGEST_LINE = 64 * 1024

/** Takes what a program prints, as it is read. */
export interface LineSplitter {
  readonly take: (piece: Buffer) => void
  /** What is left is a line as well. */
  readonly end: () => void
}

/**
 * Makes lines of what a program prints, however it was cut into reads. A carriage return ends none: it stays in its
 * line.
 *
 * @param uncut texts that no part of a long line ends in the middle of: what is to be hidden is found only as a whole
 */
export function lineSplitter(onLine: (line: string) => void, uncut: readonly string[] = []): LineSplitter {
  const decoder = new StringDecoder('utf8')
  const longest = Math.max(0, ...uncut.map(text => text.length))
  let held = ''
  const tellParts = (text: string, atMost: number): string => {
    let rest = text
    while (rest.length > atMost) {
      const cut = cutNear(rest, uncut)
      onLine(rest.slice(0, cut))
      rest = rest.slice(cut)
    }
    return rest
  }
  const take = (text: string): void => {
    const lines = (held + text).split('\n')
    held = tellParts(lines.pop() ?? '', LONGEST_LINE + longest)
    for (const line of lines) onLine(tellParts(line.endsWith('\r') ? line.slice(0, -1) : line, LONGEST_LINE))
  }
  return {
    take: piece => take(decoder.write(piece)),
    end: () => {
      const rest = tellParts(held + decoder.end(), LONGEST_LINE)
      if (rest !== '') onLine(rest)
      held = ''
    },
  }
}

/**
 * Where the first part of a long line ends: before what must not be cut, or where the line begins with that, after
 * it.
 */
function cutNear(text: string, uncut: readonly string[]): number {
  let cut = LONGEST_LINE
  for (const whole of uncut) {
    const at = text.indexOf(whole, Math.max(0, cut - whole.length + 1))
    if (whole !== '' && at !== -1 && at < cut) cut = at === 0 ? whole.length : at
  }
  return cut
}
