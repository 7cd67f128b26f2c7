/** Lists and objects within each other; the deepest message of the table has eight. */
const MAX_DEPTH = 64

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * Whether this JSON has at most so many values, and none too deep in others. It is asked before the text is parsed: an
 * object of two bytes takes fifty of memory, and a mistake that is found in each takes a thousand. Only commas and
 * brackets are looked at, so what is no JSON is left to the parser.
 */
export function isJsonWithin(json: Uint8Array, values: number): boolean {
  let left = values
  let depth = 0
  for (let at = 0; at < json.length; at += 1) {
    switch (json[at]) {
      case QUOTE:
        at = endOfText(json, at + 1)
        break
      case OPEN_LIST:
      case OPEN_OBJECT:
        depth += 1
        left -= 1
        break
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth -= 1
        break
      case COMMA:
        left -= 1
        break
    }
    if (left < 0 || depth > MAX_DEPTH) return false
  }
  return true
}

/** Where the quotation mark is that ends it. */
function endOfText(json: Uint8Array, start: number): number {
  let at = start
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1
  return at
}
