/** What is drawn onto the character before it. */
const COMBINING = /\p{M}/u

/**
 * How many columns a text takes, counted as one for a code point and none for a mark on it: the width of wide characters is not
 * looked up.
 */
export function widthOf(text: string): number {
  if (isAscii(text)) return text.length
  let width = 0
  for (const character of text) if (!COMBINING.test(character)) width += 1
  return width
}

/** Cuts a text to a number of columns; what was cut is marked by an ellipsis. */
export function cut(text: string, columns: number): string {
  if (text.length <= columns || widthOf(text) <= columns) return text
  if (columns <= 0) return ''
  return `${beginning(text, columns - 1)}…`
}

/** As much of a text as takes so many columns; a mark is not parted from what it stands on. */
function beginning(text: string, columns: number): string {
  if (isAscii(text)) return text.slice(0, columns)
  let kept = ''
  let width = 0
  for (const character of text) {
    if (!COMBINING.test(character)) width += 1
    if (width > columns) break
    kept += character
  }
  return kept
}

/** Cuts or fills a text to exactly a number of columns. */
export function fill(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const fitted = cut(text, columns)
  const gap = ' '.repeat(Math.max(0, columns - widthOf(fitted)))
  return align === 'left' ? fitted + gap : gap + fitted
}

/** Joins names for a sentence, and counts those for which there is no room: `web1, web2 and 3 more`. */
export function listed(names: readonly string[], most = 5): string {
  if (names.length <= most) return names.join(', ')
  return `${names.slice(0, most - 1).join(', ')} and ${names.length - most + 1} more`
}

/** A number with its noun: `1 host`, `3 hosts`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text)
}
