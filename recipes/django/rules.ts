import { limitsRule } from '../options/limits.ts'
import type { OptionFault } from '../options/refused-options.ts'
import { faultsAlone, isInside, isObject, isText, type Rule, rule } from '../options/rules.ts'
import type { DjangoOptions } from './options.ts'

const isOneOf =
  (...words: readonly unknown[]) =>
  (value: unknown) =>
    words.includes(value)
const matches = (pattern: RegExp) => (value: unknown) => isText(value) && pattern.test(value)
const isVariable = (value: unknown) =>
  matches(/^[A-Za-z_]\w*$/)(value) && !String(value).startsWith('DEPLOY_')

const rules: Readonly<Record<keyof DjangoOptions, Rule>> = {
  settings: rule(
    matches(/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/),
    "the name of a module, such as 'shop.settings'",
  ),
  static: rule(value => value === false || isInside(value), 'a directory inside the revision, or false'),
  secretKey: rule(
    value => value === false || isVariable(value),
    "the name of a variable, such as 'SECRET_KEY', that does not begin with DEPLOY_, or false",
  ),
  environment: rule(isInside, 'a directory inside the revision'),
  check: rule(isOneOf(true, false), 'true or false'),
  failLevel: rule(
    isOneOf('CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG'),
    "'CRITICAL', 'ERROR', 'WARNING', 'INFO' or 'DEBUG'",
  ),
  migrate: rule(isOneOf(true, false, 'check'), "true, 'check' or false"),
  migrateOn: rule(value => isText(value) && value !== '', 'a label of hosts'),
  timeout: limitsRule(['static', 'check', 'key', 'migrate']),
  undo: rule(
    value =>
      Array.isArray(value) && value.length > 0 && value.every(isText) && matches(/^[a-z]\w*$/)(value[0]),
    "a command and its arguments, such as ['migrate', 'shop', '0007']",
  ),
}

/** Everything that is wrong with the options, each alone and all of them together. */
export function faultsOf(options: unknown): readonly OptionFault[] {
  if (!isObject(options)) return [noSettings]
  const written = Object.entries(options).filter(([, value]) => value !== undefined)
  return [...faultsAlone(options, rules), ...together(new Map(written))]
}

const noSettings: OptionFault = {
  key: 'settings',
  message: "it is missing: your settings' module, such as 'shop.settings'",
}

/** What no option can know of the others. The compiler knows it, too. */
function together(written: ReadonlyMap<string, unknown>): readonly OptionFault[] {
  const { migrate = true, check = true, timeout, ...more } = Object.fromEntries(written)
  const isOn = {
    migrate: migrate === true,
    check: check !== false || migrate !== false,
    static: more['static'] !== false,
    key: more['secretKey'] !== false,
  }
  const limits = isObject(timeout) ? Object.keys(timeout) : []
  const idleLimits = Object.entries(isOn).flatMap(([name, is]): OptionFault[] =>
    !is && limits.includes(name)
      ? [
          {
            inside: ['timeout'],
            key: name,
            message: 'there is nothing that could take long: it is turned off',
          },
        ]
      : [],
  )
  const idle = [
    ...(check === false ? [['failLevel', 'check is false: nothing is checked'] as const] : []),
    ...(migrate === false ? [['migrateOn', 'migrate is false: no host is looked for'] as const] : []),
    ...(migrate === true ? [] : [['undo', 'migrate is not true: nothing is migrated'] as const]),
  ]
  return [
    ...(written.has('settings') ? [] : [noSettings]),
    ...idleLimits,
    ...idle.flatMap(([key, message]) => (written.has(key) ? [{ key, message }] : [])),
  ]
}
