import { closest, suggestion } from './closest.ts'
import type { Place } from './place.ts'

/**
 * Says what kind of value stands somewhere: `a number`, `a list`. What is written is never repeated: where something is
 * expected that is not there, it may as well be a password, and the place says where to look.
 */
export function described(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'nothing (null)'
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'string':
      return value === '' ? 'an empty text' : 'a text'
    case 'number':
    case 'bigint':
      return 'a number'
    case 'boolean':
      return `${value}`
    case 'object':
      return 'an object'
    case 'function':
      return 'a function'
    default:
      return 'a symbol'
  }
}

/** Says that something else was expected here. */
export function unexpected(value: unknown, place: Place, expected: string, hint?: string): void {
  const code = value === undefined ? 'missing' : 'unexpected-value'
  place.wrong(code, `expected ${expected}, found ${described(value)}`, hint)
}

/** An object as JSON knows it; a list, a class instance or a function is none. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // A configuration may come from another realm (a loader's sandbox): its Object.prototype is not ours.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** The entries of an object whose keys are names of the writer's choice. */
export function readEntries(
  value: unknown,
  place: Place,
  expected: string,
): readonly (readonly [string, unknown])[] {
  if (isPlainObject(value)) return Object.entries(value)
  unexpected(value, place, expected)
  return []
}

/** The fields of an object whose keys are ours. Each key that is not is said with what was probably meant. */
export function readFields<Key extends string>(
  value: unknown,
  place: Place,
  allowed: readonly Key[],
  expected = 'an object',
): Readonly<Partial<Record<Key, unknown>>> {
  const fields: Partial<Record<Key, unknown>> = {}
  for (const [key, field] of readEntries(value, place, expected)) {
    const known = allowed.find(name => name === key)
    if (known === undefined)
      place.at(key).wrong('unknown-key', `unknown key '${key}'`, suggestion(key, allowed))
    else fields[known] = field
  }
  return fields
}

/** A text that is not empty and holds no NUL: neither a path, nor an argument, nor a variable can carry one. */
export function readText(value: unknown, place: Place, expected = 'a text'): string {
  if (typeof value !== 'string' || value === '') unexpected(value, place, expected)
  else if (value.includes('\0')) place.wrong('nul', 'a text with a NUL byte cannot be handed to a program')
  return typeof value === 'string' ? value : ''
}

/** A list, each entry read by `read`. */
export function readList<Entry>(
  value: unknown,
  place: Place,
  expected: string,
  read: (entry: unknown, place: Place) => Entry,
): readonly Entry[] {
  if (Array.isArray(value)) return value.map((entry: unknown, index) => read(entry, place.at(index)))
  unexpected(value, place, expected)
  return []
}

/** A whole number within bounds. The stand-in is the lower bound. */
export function readInteger(
  value: unknown,
  place: Place,
  bounds: { readonly from: number; readonly to?: number },
): number {
  const { from, to = Number.MAX_SAFE_INTEGER } = bounds
  if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return value
  const range = bounds.to === undefined ? `of at least ${from}` : `from ${from} to ${bounds.to}`
  const expected = `a whole number ${range}`
  // Where a number belongs, a number is no password.
  if (typeof value === 'number') place.wrong('unexpected-value', `expected ${expected}, found ${value}`)
  else unexpected(value, place, expected)
  return from
}

/** One of a few words. The stand-in is the first. */
export function readChoice<Choice extends string>(
  value: unknown,
  place: Place,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const chosen = choices.find(choice => choice === value)
  if (chosen !== undefined) return chosen
  const meant = typeof value === 'string' ? closest(value, choices) : undefined
  const hint = meant === undefined ? undefined : `did you mean '${meant}'?`
  unexpected(value, place, choices.map(choice => `'${choice}'`).join(' or '), hint)
  return choices[0]
}

/** `true` or `false`. The stand-in is `false`. */
export function readFlag(value: unknown, place: Place): boolean {
  if (typeof value !== 'boolean') unexpected(value, place, 'true or false')
  return value === true
}
