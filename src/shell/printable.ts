/** A complete control sequence: colours, cursor movements, erasing (ECMA-48, 5.4). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const CONTROL_SEQUENCE = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]/g

/**
 * What can act on a terminal or deceive its reader: C0 but tab, DEL, C1; line and paragraph separators; marks and
 * overrides of writing direction (Unicode UAX #9), which can show a line in another order than it has.
 */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\x1b', '\\e'],
])

/**
 * Makes one line of text from outside safe to show: colours and cursor movements are left out, every other control
 * character is shown as an escape. What comes back contains no line break. Tabs stay.
 */
export function printable(text: string): string {
  return text.replace(CONTROL_SEQUENCE, '').replace(UNPRINTABLE, escaped)
}

function escaped(character: string): string {
  const short = SHORT_ESCAPES.get(character)
  if (short !== undefined) return short
  const code = character.codePointAt(0) ?? 0
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}
