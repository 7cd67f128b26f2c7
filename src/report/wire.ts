import { replaceUnprintable } from '../shell/printable.ts'

/** What JSON can say. */
export type Wire = string | number | boolean | null | readonly Wire[] | { readonly [key: string]: Wire }

/**
 * Turns plain data into what JSON can say without losing a key: `undefined` becomes `null`, a Map an object, a Set a
 * list. A number that JSON does not know (NaN, infinity) becomes `null`.
 *
 * @param functions the word that stands for a function, where the data may have some
 * @throws TypeError for what is no data: a function, a symbol, a bigint
 */
export function toWire(value: unknown, { functions }: { readonly functions?: string } = {}): Wire {
  const wire = (part: unknown) => toWire(part, functions === undefined ? {} : { functions })
  const fromEntries = (entries: readonly (readonly [string, unknown])[]): Wire =>
    Object.fromEntries(entries.map(([key, item]) => [key, wire(item)]))
  if (value === undefined || value === null) return null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (Array.isArray(value)) return value.map(wire)
  if (value instanceof Set) return [...value].map(wire)
  if (value instanceof Map) return fromEntries([...value].map(([key, item]) => [String(key), item]))
  if (typeof value === 'object') return fromEntries(Object.entries(value))
  if (typeof value === 'function' && functions !== undefined) return functions
  throw new TypeError(`${typeof value} is no data and cannot be written as JSON`)
}

/**
 * JSON on one line, for everybody's idea of a line and for every terminal: what JSON leaves as it is but a terminal acts on (DEL,
 * C1), a reader may split at (NEL, U+2028, U+2029) or cannot see (marks of the writing direction) is written as an escape.
 */
export function jsonText(value: Wire): string {
  return replaceUnprintable(JSON.stringify(value), escaped)
}

/** JSON has escapes for UTF-16 units: a character beyond U+FFFF is two of them. */
const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => unitEscape(character.charCodeAt(index))).join('')

const unitEscape = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`
