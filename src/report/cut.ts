/** How many columns a text takes, counted as one per code point: the width of wide characters is not looked up. */
export function widthOf(text: string): number {
  if (isAscii(text)) return text.length
  let width = 0
  for (const _ of text) width += 1
  return width
}

/** Cuts a text to a number of columns; what was cut is marked by an ellipsis. */
export function cut(text: string, columns: number): string {
  if (text.length <= columns || widthOf(text) <= columns) return text
  if (columns <= 0) return ''
  const kept = isAscii(text) ? text.slice(0, columns - 1) : [...text].slice(0, columns - 1).join('')
  return `${kept}…`
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
