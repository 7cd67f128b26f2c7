import type { Writable } from 'node:stream'
import { widthOf } from './cut.ts'
import { onScreen } from './on-screen.ts'

/** A stream with a size, as `tty.WriteStream` is one. */
export interface Terminal extends Writable {
  readonly columns?: number
  readonly rows?: number
}

/** The lowest lines of a terminal, drawn over and over, below everything that was printed. */
export interface TerminalFrame {
  /** What lines may take. The last column stays free: erasing the rest of a full line takes its last character too. */
  readonly size: () => { readonly columns: number; readonly rows: number }
  /** `lines` must be fewer than the terminal has rows. */
  readonly draw: (lines: readonly string[]) => void
  /** Puts lines above the frame, to stay. They may be longer than the terminal is wide. */
  readonly printAbove: (lines: readonly string[]) => void
  /** Leaves what is drawn on the screen and gives the terminal back as it was. May be called at any time, again too. */
  readonly release: () => void
}

// Control functions: ECMA-48 (CUU, ED, EL) and DEC private modes 7 (autowrap) and 25 (cursor), as xterm documents them.
const CURSOR_HIDDEN = '\x1b[?25l'
const CURSOR_SHOWN = '\x1b[?25h'
/** A line that is wider than it was counted to be is cut by the terminal and does not shift all others. */
const NO_WRAP = '\x1b[?7l'
const WRAP = '\x1b[?7h'
const ERASE_TO_END_OF_LINE = '\x1b[K'
const ERASE_BELOW = '\x1b[J'
const up = (rows: number): string => (rows > 0 ? `\x1b[${rows}A\r` : '\r')

// biome-ignore lint/suspicious/noControlCharactersInRegex: the colours that a line was painted with take no room
const COLOURS = /\x1b\[[0-9;]*m/g

/** A frame on a terminal. Nothing is written before the first call. */
export function createTerminalFrame(terminal: Terminal): TerminalFrame {
  let drawn: readonly string[] = []
  let drawnColumns = 0
  let held = false
  const write = writerTo(terminal)
  // 0 where the terminal does not know its size (tty_ioctl(4), TIOCGWINSZ): a serial line, a container's console.
  const width = () => terminal.columns || 80
  const size = () => ({ columns: width() - 1, rows: terminal.rows || 24 })
  const hold = (): string => {
    if (held) return ''
    held = true
    return CURSOR_HIDDEN
  }

  return {
    size,
    draw: given => {
      const lines = given.map(onScreen)
      const columns = width()
      // A resized terminal has moved the lines about: everything is erased, and drawn anew.
      const anew = columns !== drawnColumns
      if (!anew && held && sameLines(drawn, lines)) return
      const start = anew ? up(rowsOf(drawn, columns)) + ERASE_BELOW : up(drawn.length)
      write(hold() + NO_WRAP + start + changes(anew ? [] : drawn, lines) + ERASE_BELOW + WRAP)
      drawn = lines
      drawnColumns = columns
    },
    printAbove: lines => {
      const erase = held ? up(rowsOf(drawn, width())) + ERASE_BELOW : ''
      const again = drawn.map(line => `${line}\n`).join('')
      write(`${erase}${lines.map(line => `${onScreen(line)}\n`).join('')}${NO_WRAP}${again}${WRAP}`)
      drawnColumns = drawn.length > 0 ? width() : drawnColumns
    },
    release: () => {
      drawn = []
      if (held) write(WRAP + CURSOR_SHOWN)
      held = false
    },
  }
}

/** Writes until the terminal is gone; that it is gone must not break a run. */
function writerTo(terminal: Terminal): (text: string) => void {
  let gone = false
  terminal.on('error', () => {
    gone = true
  })
  return text => {
    if (!gone && !terminal.destroyed && text !== '') terminal.write(text)
  }
}

function sameLines(before: readonly string[], after: readonly string[]): boolean {
  return before.length === after.length && after.every((line, index) => line === before[index])
}

/** Only lines that differ are written again: over a slow line a frame is a few bytes. */
function changes(before: readonly string[], after: readonly string[]): string {
  return after
    .map((line, index) => (line === before[index] ? '\n' : `${line}${ERASE_TO_END_OF_LINE}\n`))
    .join('')
}

/** How many rows the drawn lines take now: a terminal that became narrower has wrapped them. */
function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((rows, line) => rows + rowsOfLine(line, columns), 0)
}

function rowsOfLine(line: string, columns: number): number {
  return Math.max(1, Math.ceil(widthOf(line.replace(COLOURS, '')) / Math.max(1, columns)))
}
