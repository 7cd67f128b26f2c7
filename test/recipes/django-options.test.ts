import { StageError } from 'stage-deploy'
import { describe, expect, test } from 'vitest'
import type { DjangoOptions } from '../../recipes/django/options.ts'
import { readSettings } from '../../recipes/django/settings.ts'
import { django } from '../../recipes/django.ts'

/** Options as JSON or YAML can give them: of any shape. */
function faultsOf(written: unknown): string {
  try {
    Reflect.apply(django, undefined, [written])
    return ''
  } catch (error) {
    if (!(error instanceof StageError)) throw error
    return error.problems.map(({ where, message }) => `${where}: ${message}`).join('\n')
  }
}

test('the module of the settings is enough', () => {
  expect(readSettings({ settings: 'shop.settings' })).toMatchInlineSnapshot(`
    {
      "environment": ".env",
      "failLevel": "ERROR",
      "limits": {
        "check": {
          "timeout": "10m",
          "timeoutOption": "django({ timeout: { check } })",
        },
        "key": {
          "timeout": "10m",
          "timeoutOption": "django({ timeout: { key } })",
        },
        "migrate": {
          "timeout": "60m",
          "timeoutOption": "django({ timeout: { migrate } })",
        },
        "static": {
          "timeout": "10m",
          "timeoutOption": "django({ timeout: { static } })",
        },
      },
      "migrations": {
        "kind": "applied",
        "once": true,
        "undo": undefined,
      },
      "secretKey": "SECRET_KEY",
      "settings": "shop.settings",
      "static": "staticfiles",
    }
  `)
})

test('everything that can be left out can be turned off', () => {
  const none: DjangoOptions = {
    settings: 'shop.settings',
    static: false,
    check: false,
    migrate: false,
    secretKey: false,
  }
  expect(readSettings(none)).toEqual({
    settings: 'shop.settings',
    static: undefined,
    failLevel: undefined,
    migrations: { kind: 'none' },
    secretKey: undefined,
    environment: '.env',
    limits: expect.any(Object),
  })
})

describe('options that cannot be used are all named at once', () => {
  const wrong = (options: object) => faultsOf({ settings: 'shop.settings', ...options })

  test('by what was found and what is expected', () => {
    expect(
      faultsOf({
        settings: 'shop/settings.py',
        static: '../static',
        secretKey: 'DEPLOY_KEY',
        environment: '/srv/env',
        check: 'deploy',
        failLevel: 'warning',
        migrate: 'plan',
        migrateOn: '',
        timeout: '0s',
        undo: 'migrate shop zero',
        setings: 'shop',
      }),
    ).toMatchInlineSnapshot(`
      "settings: expected the name of a module, such as 'shop.settings', found a text
      static: expected a directory inside the revision, or false, found a text
      secretKey: expected the name of a variable, such as 'SECRET_KEY', that does not begin with DEPLOY_, or false, found a text
      environment: expected a directory inside the revision, found a text
      check: expected true or false, found a text
      failLevel: expected 'CRITICAL', 'ERROR', 'WARNING', 'INFO' or 'DEBUG', found a text
      migrate: expected true, 'check' or false, found a text
      migrateOn: expected a label of hosts, found an empty text
      timeout: expected a duration such as '45m', or one for some of these: { static: '45m', check: '45m', key: '45m', migrate: '45m' }, found a text
      undo: expected a command and its arguments, such as ['migrate', 'shop', '0007'], found a text
      setings: there is no such option: there are settings, static, secretKey, environment, check, failLevel, migrate, migrateOn, timeout, undo
      undo: migrate is not true: nothing is migrated"
    `)
  })

  test('where there are none at all', () => {
    expect([faultsOf(undefined), faultsOf({})]).toEqual([
      "settings: it is missing: your settings' module, such as 'shop.settings'",
      "settings: it is missing: your settings' module, such as 'shop.settings'",
    ])
  })

  test('also those that others leave nothing to do', () => {
    expect(wrong({ check: false, failLevel: 'ERROR' })).toBe('failLevel: check is false: nothing is checked')
    expect(wrong({ migrate: 'check', undo: ['migrate', 'shop', 'zero'] })).toBe(
      'undo: migrate is not true: nothing is migrated',
    )
    expect(wrong({ migrate: false, migrateOn: 'db', timeout: '5m' })).toBe(
      'migrateOn: migrate is false: no host is looked for',
    )
    expect(wrong({ check: false, timeout: { check: '5m' } })).toBe('')
    expect(wrong({ migrate: 'check', timeout: { check: '5m', migrate: '5m' } })).toBe(
      'timeout.migrate: there is nothing that could take long: it is turned off',
    )
    const off = { migrate: false, static: false, check: false, secretKey: false }
    expect(wrong({ ...off, timeout: { migrate: '5m', static: '5m', check: '5m', key: '5m' } })).toBe(
      ['migrate', 'check', 'static', 'key']
        .map(name => `timeout.${name}: there is nothing that could take long: it is turned off`)
        .join('\n'),
    )
  })
})
