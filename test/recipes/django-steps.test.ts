import { describe, expect, test } from 'vitest'
import type { Key, Keys } from '../../recipes/django/keys.ts'
import type { DjangoOptions } from '../../recipes/django/options.ts'
import { django } from '../../recipes/django.ts'
import { aContext } from './contexts.ts'

const shop = { settings: 'shop.settings' } as const
const kept = (digest: string): Key => ({ kind: 'kept', digest })
const keysOf = (key: Key | undefined): Keys => new Map(key === undefined ? [] : [['production', key]])

/** What the recipe knows on web1, and on web2 and web3 behind it. */
const contextOf = (keys: readonly (Key | undefined)[] = [], changes: object = {}) => ({
  ...aContext([]),
  facts: { keys: keysOf(keys[0]) },
  fleet: new Map([0, 1, 2].map(index => [`web${index + 1}`, { keys: keysOf(keys[index]) }])),
  ...changes,
})

const titles = (options: DjangoOptions, where = contextOf()) => {
  const recipe = django(options)
  return [recipe.steps(where), recipe.stageSteps(where)].flatMap(bySlot =>
    Object.entries(bySlot).flatMap(([slot, steps]) =>
      steps.map(({ title, once }) => `${slot}: ${title}${once === false ? '' : ` (once: ${once})`}`),
    ),
  )
}

describe('the steps of Django', () => {
  test('make and verify the revision, and bring the stage to it before the switch', () => {
    expect(titles(shop)).toMatchInlineSnapshot(`
      [
        "after:build: collectstatic into staticfiles",
        "verify: check --deploy --fail-level ERROR",
        "before:switch: keep one SECRET_KEY in shared/production.env",
        "before:switch: show migrations that are not applied (once: true)",
        "before:switch: migrate --noinput (once: true)",
      ]
    `)
  })

  test('of a revision that stands are those of the stage', () => {
    expect(titles(shop, contextOf([], { builds: false, intent: 'promote' }))).toMatchInlineSnapshot(`
      [
        "before:switch: keep one SECRET_KEY in shared/production.env",
        "before:switch: show migrations that are not applied (once: true)",
        "before:switch: migrate --noinput (once: true)",
      ]
    `)
  })

  test('refuse migrations instead of applying them, where it says so, on the host that it says', () => {
    expect(titles({ ...shop, migrate: 'check', migrateOn: 'db', static: false })).toMatchInlineSnapshot(`
      [
        "verify: check --deploy --fail-level ERROR",
        "before:switch: keep one SECRET_KEY in shared/production.env",
        "before:switch: show migrations that are not applied (once: db)",
        "before:switch: migrate --check (once: db)",
      ]
    `)
  })

  test('of a rollback are none: nothing is migrated back', () => {
    expect(titles(shop, contextOf([], { builds: false, intent: 'rollback' }))).toEqual([])
  })

  const applied = (options: DjangoOptions) => django(options).stageSteps(contextOf())['before:switch']?.at(-1)

  test('undo migrations only by what undoes them, with the same secret and the same time', () => {
    expect(applied(shop)?.undo).toBe(false)
    const back = applied({ ...shop, undo: ['migrate', 'shop', '0007'], timeout: '5m' })
    expect(back?.undo).toMatchObject({ title: 'migrate shop 0007', timeoutMs: 300_000, env: back?.env })
  })

  test('remember what was applied where an undo asks for it, and nowhere else', () => {
    const told = (step: unknown) =>
      /"migrations":("\w+"|null)/.exec(JSON.stringify(step).replaceAll('\\"', '"'))?.[1]
    expect(told(applied(shop))).toBe('null')
    const { undo, ...apply } = applied({ ...shop, undo: ['migrate', 'shop', '0007'] }) ?? {}
    expect([told(apply), told(undo)]).toEqual(['"apply"', '"undo"'])
  })

  test('have their settings from the recipe, and so have those of others', () => {
    expect(django(shop).env(contextOf())).toEqual({ DJANGO_SETTINGS_MODULE: 'shop.settings' })
  })
})

describe('the secret key', () => {
  const keyFor = (...keys: readonly (Key | undefined)[]) =>
    django(shop)
      .stageSteps(contextOf(keys))
      ['before:switch']?.map(({ env }) => env['SECRET_KEY'])

  test('is made on the runner where no host has one, the same for all steps of all hosts', () => {
    const [first, ...others] = keyFor() ?? []
    expect(first).toMatchObject({
      secret: 'SECRET_KEY',
      command: [process.execPath, '-e', expect.any(String)],
    })
    expect(first).not.toHaveProperty('host')
    expect(others).toEqual([first, first])
  })

  test('is that of the first host by name that has one', () => {
    expect(keyFor(undefined, kept('a'), kept('a'))?.[0]).toMatchObject({ secret: 'SECRET_KEY', host: 'web2' })
  })

  test('is not looked for where it is seen to otherwise', () => {
    const recipe = django({ ...shop, secretKey: false })
    expect(recipe.stageSteps(contextOf())['before:switch']?.map(({ env }) => env)).toEqual([{}, {}])
    expect(recipe.check(contextOf([kept('a'), kept('b')]))).toEqual([])
  })
})

describe('a host is refused', () => {
  const check = (keys: readonly (Key | undefined)[], changes: object = {}) =>
    django(shop).check(contextOf(keys, changes))

  test('with another key than that of the first', () => {
    expect(check([kept('a'), kept('a')])).toEqual([])
    const own = { facts: { keys: keysOf(kept('b')) } }
    expect(check([kept('a'), kept('b')], own)).toMatchInlineSnapshot(`
      [
        "its SECRET_KEY of production is not that of web1, so a session of one host would end on the other: keep one of the two, in /var/webcode/shared/production.env on both",
      ]
    `)
  })

  test('where its key cannot be read', () => {
    expect(check([{ kind: 'unreadable' }])).toMatchInlineSnapshot(`
      [
        "this account cannot read /var/webcode/shared/production.env, where the SECRET_KEY of production belongs: chown it to this account",
      ]
    `)
  })

  test('where hosts that are left out may have the only key', () => {
    expect(check([], { leftOut: ['web4'] })).toMatchInlineSnapshot(`
      [
        "no SECRET_KEY of production is on the hosts of this run, and web4, left out, may have one: deploy to all hosts of production once, or put it into /var/webcode/shared/production.env",
      ]
    `)
    expect(check([undefined, kept('a')], { leftOut: ['web4'] })).toEqual([])
  })

  test('but never on a way back', () => {
    const own = { facts: { keys: keysOf(kept('b')) } }
    expect(check([kept('a'), kept('b')], { ...own, intent: 'rollback' })).toEqual([])
    expect(check([kept('a'), kept('b')], { ...own, intent: 'recover' })).toEqual([])
  })
})
