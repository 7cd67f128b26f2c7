import { printable } from '../shell/printable.ts'
import { cut, fill, widthOf } from './cut.ts'
import type { Paint, Style } from './paint.ts'

/** One cell: a text without colours, and the style it gets once it has its width. */
export interface Cell {
  readonly text: string
  readonly style: Style
}

export const cell = (text: string, style: Style = 'plain'): Cell => ({ text, style })

const GAP = '  '
/** A column is not cut below this while another one is wider. */
const NARROWEST = 6

/**
 * Lines of a table whose columns are as wide as their widest cell. Where that is more than `columns`, the widest
 * columns give way first; no line is ever longer.
 */
export function tableLines(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  layout: { readonly columns: number; readonly indent: string; readonly paint: Paint },
): readonly string[] {
  const { columns, indent, paint } = layout
  const all = [header.map(title => cell(title, 'dim')), ...rows.map(row => row.map(onOneLine))]
  const natural = header.map((_, index) => Math.max(...all.map(row => widthOf(row[index]?.text ?? ''))))
  const widths = shrunk(natural, columns - indent.length - GAP.length * (header.length - 1))
  return all.map(row => indent + rowText(row, widths, paint))
}

/** A cell has the width that it is counted to have only if there is nothing in it that moves what stands behind it. */
const onOneLine = ({ text, style }: Cell): Cell => cell(printable(text).replaceAll('\t', ' '), style)

function rowText(row: readonly Cell[], widths: readonly number[], paint: Paint): string {
  const last = row.length - 1
  return row
    .map(({ text, style }, index) => {
      const width = widths[index] ?? 0
      const fitted = cut(text, width)
      // The fill stands outside the colour, and the last column has none: no blanks at the end of a line.
      return paint(style, fitted) + (index === last ? '' : fill('', width - widthOf(fitted)))
    })
    .join(GAP)
    .trimEnd()
}

function shrunk(natural: readonly number[], available: number): readonly number[] {
  const widths = [...natural]
  let excess = widths.reduce((sum, width) => sum + width, 0) - Math.max(available, 0)
  while (excess > 0) {
    const widest = Math.max(...widths)
    if (widest <= 1) break
    const index = widths.lastIndexOf(widest)
    const floor = widest > NARROWEST ? Math.max(NARROWEST, secondWidest(widths, index)) : widest - 1
    const less = Math.max(1, Math.min(excess, widest - floor))
    widths[index] = widest - less
    excess -= less
  }
  return widths
}

function secondWidest(widths: readonly number[], except: number): number {
  return Math.max(0, ...widths.filter((_, index) => index !== except))
}
