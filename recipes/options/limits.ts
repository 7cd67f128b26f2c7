import { type Duration, milliseconds } from 'stage-deploy'
import { isObject, type Rule, rule } from './rules.ts'

/** How long the steps of a recipe may take: all alike, or some of them by name. */
export type Limits<Name extends string> = Duration | { readonly [Each in Name]?: Duration }

/** The limit of one step, and how the option is called that lengthens it. */
export interface Limit {
  readonly timeout: Duration
  readonly timeoutOption: string
}

/** Is it a length of time as a step takes it: more than nothing, and at most 24 days? */
export function isDuration(value: unknown): boolean {
  try {
    return isDurationText(value) && milliseconds(value) > 0
  } catch {
    return false
  }
}

const isDurationText = (value: unknown): value is Duration =>
  typeof value === 'string' && /^\d+(?:\.\d+)?(?:ms|s|m|h)$/.test(value)

/** What such an option may be. */
export function limitsRule(names: readonly string[]): Rule {
  const isLimits = (value: unknown) =>
    isDuration(value) ||
    (isObject(value) &&
      Object.entries(value).every(
        ([name, limit]) => names.includes(name) && (limit === undefined || isDuration(limit)),
      ))
  const some = names.map(name => `${name}: '45m'`).join(', ')
  return rule(isLimits, `a duration such as '45m', or one for some of these: { ${some} }`)
}

/** The limit of the steps that go by this name. @param usual where none is written */
export function limitOf<Name extends string>(
  recipe: string,
  written: Limits<Name> | undefined,
  name: Name,
  usual: Duration,
): Limit {
  return {
    timeout: typeof written === 'string' ? written : (written?.[name] ?? usual),
    timeoutOption: `${recipe}({ timeout: { ${name} } })`,
  }
}
