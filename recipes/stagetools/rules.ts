import { isDuration } from '../options/limits.ts'
import type { OptionFault } from '../options/refused-options.ts'
import { isInside, isObject, isText, type Rule, shown } from '../options/rules.ts'
import { placeholderFault } from './placeholders.ts'

/** Says all that is wrong with a value: some of it lies deeper than what is expected of the option. */
const rule =
  (fits: (value: unknown) => boolean, expected: string): Rule =>
  value =>
    fits(value) ? undefined : `expected ${expected}, found ${shown(value)}`

const isLetter = (value: unknown) => typeof value === 'string' && /^[pqid]$/.test(value)
/** A directory and a part of one name: no slash, no blank, and no dot in front. */
const isName = (value: unknown) => isText(value) && /^[a-z0-9][a-z0-9_.-]*$/i.test(value)

const name = rule(isName, 'letters, digits, _, - and .')
const text: Rule = value =>
  isText(value) && value !== ''
    ? placeholderFault(value)
    : `expected a text in one line, found ${shown(value)}`

const rules: Readonly<Record<string, Rule>> = {
  stages: rule(
    value => isObject(value) && Object.keys(value).length > 0,
    "the class of every stage: { staging: 'q', production: 'p' }",
  ),
  configuration: name,
  coreRepo: name,
  coreApp: name,
  environment: rule(isInside, 'a directory inside the revision'),
  system: rule(
    value => isText(value) && /^[a-z_][\w.]*:[a-z_]\w*$/i.test(value),
    "module:attribute, such as 'aaa_env_setup:SYSTEM'",
  ),
  timeout: rule(isDuration, "a duration such as '30m'"),
  imports: rule(value => typeof value === 'boolean', 'true or false'),
}

const letters = "'p' (production), 'q' (quality), 'i' (integration) or 'd' (development)"

const stageRules: Readonly<Record<string, Rule>> = {
  class: rule(isLetter, letters),
  name: rule(
    value => isText(value) && /^[a-z0-9.-]+$/i.test(value),
    "letters, digits, - and ., such as 'q1'; no _, which ends the first half of a system's name",
  ),
  user: text,
  group: text,
  host: text,
  expect: expectFault,
}

function expectFault(value: unknown): string | undefined {
  if (!isObject(value)) return `expected attributes by name, found ${shown(value)}`
  const faults = Object.entries(value).map(([attribute, expected]) => {
    if (!/^[a-z]\w*$/i.test(attribute)) return `'${attribute}' is no name of an attribute`
    if (typeof expected === 'string') return text(expected)
    const fits = typeof expected === 'boolean' || Number.isFinite(expected)
    return fits ? undefined : `expected a text, a number, true or false for '${attribute}'`
  })
  return faults.find(fault => fault !== undefined)
}

/** Everything that is wrong with the options. */
export function faultsOf(options: unknown): readonly OptionFault[] {
  const written = isObject(options) ? options : {}
  const faults = faultsIn({ stages: undefined, ...written }, rules, [])
  if (!('stages' in written) || !isObject(written.stages)) return faults
  return [...faults, ...Object.entries(written.stages).flatMap(([stage, given]) => stageFaults(stage, given))]
}

function stageFaults(stage: string, given: unknown): readonly OptionFault[] {
  const inside = ['stages']
  if (!isObject(given)) {
    const message = rule(isLetter, `${letters}, or { class, name, … }`)(given)
    return message === undefined ? [] : [{ inside, key: stage, message }]
  }
  const faults = faultsIn({ class: undefined, ...given }, stageRules, [...inside, stage])
  if (faults.length > 0 || !('name' in given) || !('class' in given) || given.name === undefined)
    return faults
  if (String(given.name).startsWith(String(given.class))) return []
  const found = `the class of '${String(given.name)}' is read off its first letter, and '${stage}' is to be of class '${String(given.class)}'`
  return [{ inside: [...inside, stage], key: 'name', message: found }]
}

const needed = new Set(['stages', 'class'])

function faultsIn(
  given: object,
  known: Readonly<Record<string, Rule>>,
  inside: readonly string[],
): readonly OptionFault[] {
  return Object.entries(given).flatMap(([key, value]) => {
    const found = Object.hasOwn(known, key) ? known[key] : undefined
    if (value === undefined && !needed.has(key)) return []
    const message =
      found === undefined
        ? `there is no such option: there are ${Object.keys(known).join(', ')}`
        : found(value)
    return message === undefined
      ? []
      : [{ inside, key, message: message.replace('found undefined', 'found nothing') }]
  })
}
