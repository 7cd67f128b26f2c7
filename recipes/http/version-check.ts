import type { AnswerOptions } from 'stage-deploy'

/** Where an answer names its revision: `true`: anywhere in the body, or the path of a value in a body that is JSON. */
export type VersionCheck = true | { readonly json: string }

interface Named {
  /** `shop-1.4.0` */
  readonly name: string
  /** `1.4.0` */
  readonly version: string
}

/** Stands for the revision while options are checked, before there is one. */
export const aRevision: Named = { name: 'shop-1.0', version: '1.0' }

/**
 * The same options, and the answer has to name the revision too: by its version, with or without a `v` before it, or by
 * its name. A longer version (`1.4.0rc1`, `11.4.0`) is another one.
 */
export function naming<Options extends AnswerOptions>(
  check: VersionCheck | undefined,
  { name, version }: Named,
  options: Options,
): Options {
  if (check === undefined) return options
  if (check === true) {
    const { matches = [] } = options
    const others = typeof matches === 'string' ? [matches] : matches
    return { ...options, matches: [...others, wholeVersion(version)] }
  }
  return { ...options, json: { ...options.json, [check.json]: [version, `v${version}`, name] } }
}

/** PEP 440: a version goes on with letters, digits, and these with more behind them. */
const wholeVersion = (version: string): string =>
  `(?<![0-9A-Za-z.!+])v?${version.replace(/[.+]/g, '\\$&')}(?![0-9A-Za-z]|[-.+!_][0-9A-Za-z])`
