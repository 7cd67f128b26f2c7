import { type Limit, limitOf } from '../options/limits.ts'
import { refusedOptions } from '../options/refused-options.ts'
import type { DjangoOptions, FailLevel, Limited } from './options.ts'
import { faultsOf } from './rules.ts'

/** What is done about migrations that are not applied yet. */
export type Migrations =
  | { readonly kind: 'none' }
  | { readonly kind: 'refused'; readonly once: true | string }
  | {
      readonly kind: 'applied'
      readonly once: true | string
      /** Undefined: nothing undoes them. */
      readonly undo: readonly string[] | undefined
    }

/** The options with their defaults. */
export interface DjangoSettings {
  readonly settings: string
  /** Undefined: static files are not collected. */
  readonly static: string | undefined
  /** Undefined: nothing is checked. */
  readonly failLevel: FailLevel | undefined
  readonly migrations: Migrations
  /** Undefined: no key is made or looked for. */
  readonly secretKey: string | undefined
  readonly environment: string
  readonly limits: Readonly<Record<Limited, Limit>>
}

/**
 * Fills in the defaults. A configuration in JSON or YAML has no compiler, so everything is looked at once more.
 *
 * @throws StageError `config` with everything that is wrong
 */
export function readSettings(options: DjangoOptions): DjangoSettings {
  const faults = faultsOf(options)
  if (faults.length > 0) throw refusedOptions('django', faults)
  const { static: directory = 'staticfiles', secretKey = 'SECRET_KEY' } = options
  return {
    settings: options.settings,
    static: directory === false ? undefined : directory,
    failLevel: options.check === false ? undefined : (options.failLevel ?? 'ERROR'),
    migrations: migrationsOf(options),
    secretKey: secretKey === false ? undefined : secretKey,
    environment: options.environment ?? '.env',
    limits: {
      static: limitOf('django', options.timeout, 'static', '10m'),
      check: limitOf('django', options.timeout, 'check', '10m'),
      key: limitOf('django', options.timeout, 'key', '10m'),
      migrate: limitOf('django', options.timeout, 'migrate', '60m'),
    },
  }
}

function migrationsOf({ migrate = true, migrateOn, undo }: DjangoOptions): Migrations {
  if (migrate === false) return { kind: 'none' }
  const once = migrateOn ?? true
  return migrate === 'check' ? { kind: 'refused', once } : { kind: 'applied', once, undo }
}
