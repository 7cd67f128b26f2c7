import type { OptionFault } from './refused-options.ts'

/** Says what is expected instead of this value; undefined: it is as it should be. */
export type Rule = (value: unknown) => string | undefined

export const rule =
  (fits: (value: unknown) => boolean, expected: string): Rule =>
  value =>
    fits(value) ? undefined : expected

/** A text in one line. Neither systemd nor supervisord has a way to write every control character in a file of lines. */
export const isText = (value: unknown): value is string => typeof value === 'string' && !/\p{Cc}/u.test(value)

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A relative path that stays where it starts, and is not the start itself. */
export const isInside = (value: unknown): boolean =>
  isText(value) && value.split('/').every(part => part !== '' && part !== '.' && part !== '..')

/** What kind of value stands somewhere. What is written is never repeated: it may as well be a password. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (value === '') return 'an empty text'
  if (typeof value === 'string') return 'a text'
  if (typeof value === 'number') return 'a number'
  if (typeof value === 'boolean') return `${value}`
  return Array.isArray(value) ? 'a list' : typeof value === 'function' ? 'a function' : 'an object'
}

/** What is wrong with each option by itself. */
export const faultsAlone = (options: object, rules: Readonly<Record<string, Rule>>): readonly OptionFault[] =>
  Object.entries(options).flatMap(([key, value]) => {
    if (value === undefined) return []
    const found = Object.hasOwn(rules, key) ? rules[key] : undefined
    if (found === undefined)
      return [{ key, message: `there is no such option: there are ${Object.keys(rules).join(', ')}` }]
    const expected = found(value)
    return expected === undefined ? [] : [{ key, message: `expected ${expected}, found ${shown(value)}` }]
  })
