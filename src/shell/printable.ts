/** A complete control sequence: colours, cursor movements, erasing (ECMA-48, 5.4). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const CONTROL_SEQUENCE = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]/g

/**
 * What can act on a terminal or deceive its reader, by its Unicode property: control characters (C0 but tab, DEL,
 * C1), line and paragraph separators, halves of surrogate pairs, and all that is there and cannot be seen: marks and
 * overrides of the writing direction (UAX #9), characters without width, tags. The two variation selectors that
 * choose between the text and the picture of an emoji stay.
 */
const UNPRINTABLE = /(?!\t|[\ufe0e\ufe0f])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** Most lines are of these characters alone, and a look at them costs a fraction of a look for all others. */
const PLAIN = /^[\t\x20-\x7e]*$/

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\x1b', '\\e'],
])

/**
 * Makes one line of text from outside safe to show: colours and cursor movements are left out, every other character
 * that could act or hide is shown as an escape. What comes back contains no line break. Tabs stay.
 */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(CONTROL_SEQUENCE, '').replace(UNPRINTABLE, escaped)
}

/**
 * The same fields, each text of them on one line and safe to show: for what a host says to people, and nothing is
 * decided on.
 */
export function printableFields<T extends object>(fields: T): T {
  // The shape stays as it is, only texts change: that is why what comes back has the type of what went in.
  const entries = Object.entries(fields).map(([key, value]) => {
    return [key, typeof value === 'string' ? printable(value) : value]
  })
  return Object.fromEntries(entries)
}

/** Puts something of the caller's own in the place of every character that `printable` would not show. */
export const replaceUnprintable = (text: string, replacement: (character: string) => string): string =>
  PLAIN.test(text) ? text : text.replace(UNPRINTABLE, replacement)

function escaped(character: string): string {
  const short = SHORT_ESCAPES.get(character)
  if (short !== undefined) return short
  const code = character.codePointAt(0) ?? 0
  const digits = code.toString(16)
  if (code < 0x100) return `\\x${digits.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`
}
