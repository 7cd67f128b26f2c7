import type { Limits } from '../options/limits.ts'

/** How grave a message of Django's checks has to be, at least, to fail them: `--fail-level`. */
export type FailLevel = 'CRITICAL' | 'ERROR' | 'WARNING' | 'INFO' | 'DEBUG'

interface CommonOptions {
  /** DJANGO_SETTINGS_MODULE of every command and of every other step: `'shop.settings'`. */
  readonly settings: string
  /**
   * The directory in the revision that `collectstatic` fills: its STATIC_ROOT. Default: `staticfiles`. `false`: static files
   * are not collected.
   */
  readonly static?: string | false
  /**
   * The variable in `{root}/shared/{stage}.env` that has the stage's secret key, made once where no host has one. Default:
   * `SECRET_KEY`. `false`: you see to it yourself.
   */
  readonly secretKey?: string | false
  /** The environment's directory in the revision. Default: `.env`. */
  readonly environment?: string
  /**
   * How long collecting static files (`'10m'`), `check --deploy` and looking for migrations (`'10m'`), keeping the key
   * (`'10m'`) and applying migrations, or undoing them (`'60m'`), may take: one limit for all, or some of them.
   */
  readonly timeout?: Limits<Limited>
}

/** What has a limit of its own. */
export type Limited = 'static' | 'check' | 'key' | 'migrate'

interface Checked {
  /** Is `check --deploy` a part of the verification? Default: true. */
  readonly check?: true
  /** From which level on it rejects the revision. Default: `ERROR`, as Django has it. */
  readonly failLevel?: FailLevel
}

interface Unchecked {
  readonly check: false
  readonly failLevel?: never
}

/** Migrations that are not applied yet are shown, and applied once, before anything is switched. */
interface Migrating {
  readonly migrate?: true
  /** A label: they are applied on the first host by name that has it. Default: on the first host by name. */
  readonly migrateOn?: string
  /**
   * A command that undoes them when the switch is put back, with its arguments: `['migrate', 'shop', '0007']`. Default: nothing
   * does.
   */
  readonly undo?: readonly string[]
}

/** Migrations that are not applied yet refuse the switch: somebody else applies them. */
interface CheckingMigrations {
  readonly migrate: 'check'
  readonly migrateOn?: string
  readonly undo?: never
}

interface NotMigrating {
  readonly migrate: false
  readonly migrateOn?: never
  readonly undo?: never
}

/** How a Django project is deployed. All but `settings` may be left out. */
export type DjangoOptions = CommonOptions &
  (Checked | Unchecked) &
  (Migrating | CheckingMigrations | NotMigrating)
