import { readdirSync } from 'node:fs'
import { type Recipe, type Step, webhook } from 'stage-deploy'
import { describe, expect, test } from 'vitest'
import { django } from '../../recipes/django.ts'
import { http } from '../../recipes/http.ts'
import { isDuration, limitsRule } from '../../recipes/options/limits.ts'
import { python } from '../../recipes/python.ts'
import { service } from '../../recipes/service.ts'
import { stagetools } from '../../recipes/stagetools.ts'
import { aContext, aPython } from './contexts.ts'

const manager = {
  ...{ user: 'deploy', home: '/home/deploy', systemd: true, linger: true, userManager: true },
  ...{ supervisor: undefined, definitions: new Map<string, string>() },
  ...{ unlisted: undefined, readers: new Map<string, string>() },
}
const noPip = aPython('3.11.2', { pipWheel: undefined })
const facts = {
  ...{ interpreters: [noPip], keys: new Map(), manager },
  account: { user: 'deploy', group: 'deploy', host: 'vm1' },
}
const context = { ...aContext([noPip]), facts, fleet: new Map([['web1', facts]]) }

type Options = Readonly<Record<string, unknown>>

/** Every recipe that comes with the tool, each with options under which it plans all that it can plan. */
const recipes: Readonly<
  Record<string, { readonly make: (options: Options) => unknown; readonly options: readonly Options[] }>
> = {
  python: {
    make: options => Reflect.apply(python, undefined, [options]),
    options: [
      { pip: 'vendor/pip-24.0-py3-none-any.whl', requirements: 'requirements.lock' },
      { build: 'per-host', index: { secret: 'INDEX' }, pip: 'pip-24.0-py3-none-any.whl' },
    ],
  },
  django: {
    make: options => Reflect.apply(django, undefined, [options]),
    options: [
      { settings: 'shop.settings', undo: ['migrate', 'shop', 'zero'] },
      { settings: 'shop.settings', migrate: 'check' },
    ],
  },
  http: {
    make: options => Reflect.apply(http, undefined, [options]),
    options: ['verify', 'before:switch'].map(slot => ({
      url: 'http://127.0.0.1/',
      boot: { argv: ['serve', '{port}'], slot },
    })),
  },
  notify: { make: () => ({}), options: [] },
  service: {
    make: options => Reflect.apply(service, undefined, [options]),
    options: ['systemd', 'systemd-user', 'supervisor'].map(name => ({
      ...{ name: 'shop', command: ['serve'], manager: name },
    })),
  },
  stagetools: {
    make: options => Reflect.apply(stagetools, undefined, [options]),
    options: [{ stages: { production: 'p' } }],
  },
}

interface Limited {
  readonly where: string
  readonly step: Step
  readonly isUndo: boolean
}

const isRecipe = (made: unknown): made is Recipe =>
  typeof made === 'object' && made !== null && 'stageSteps' in made

/** Every step of a recipe, and what undoes each. */
function stepsOf(made: unknown): readonly Limited[] {
  if (!isRecipe(made)) return []
  return [made.steps(context), made.stageSteps(context)].flatMap(bySlot =>
    Object.entries(bySlot).flatMap(([slot, steps]) =>
      steps.flatMap((step, index): readonly Limited[] => {
        const where = `${slot}/${index} ${step.title}`
        const { undo } = step
        const own = { where, step, isUndo: false }
        return undo ? [own, { where: `${where}, undo`, step: undo, isUndo: true }] : [own]
      }),
    ),
  )
}

/** The options with the one that is named, `python({ timeout: { build } })`, set to so much. */
function withOption(options: Options, named: string, value: string): Options {
  const path = [...named.matchAll(/\{ (\w+)/g)].map(([, key = '']) => key)
  const set = (into: unknown, [key = '', ...rest]: readonly string[]): unknown => {
    const inside: Options = typeof into === 'object' && into !== null ? { ...into } : {}
    return { ...inside, [key]: rest.length === 0 ? value : set(inside[key], rest) }
  }
  return Object.assign({}, set(options, path))
}

/** A host that has lost its runner gives an undo so long (docs/protocol.md). */
const UNDO_MS = 30_000

describe('every step of every recipe says which option gives it more time, and that option does', () => {
  test('of all recipes that there are', () => {
    const files = readdirSync(new URL('../../recipes', import.meta.url)).filter(name => name.endsWith('.ts'))
    expect(Object.keys(recipes).toSorted()).toEqual(files.map(name => name.replace('.ts', '')).toSorted())
  })

  const cases = Object.entries(recipes).flatMap(([name, { make, options }]) =>
    options.map(one => [name, JSON.stringify(one), make, one] as const),
  )

  test.each(cases)('%s %s', (name, _text, make, options) => {
    const steps = stepsOf(make(options))
    expect(steps).not.toEqual([])
    for (const { where, step, isUndo } of steps) {
      // Work on files: the configuration itself says how long that may take.
      if (step.kind === 'send-file') {
        expect({ where, option: step.timeoutOption }).toEqual({ where, option: '`fileTimeout`' })
        continue
      }
      expect({ where, option: step.timeoutOption }).toEqual({
        where,
        option: expect.stringMatching(new RegExp(`^${name}\\(\\{ .* \\}\\)$`)),
      })
      const longer = stepsOf(make(withOption(options, step.timeoutOption, '99h')))
      const same = longer.find(other => other.where === where)?.step
      const isLonger = (same?.timeoutMs ?? 0) >= 99 * 3_600_000
      expect({ where, isLonger: isLonger || (isUndo && step.timeoutMs <= UNDO_MS) }).toEqual({
        where,
        isLonger: true,
      })
    }
  })

  test('the message of a recipe has one too, of ten seconds at most: it holds up the end of the command', () => {
    expect(webhook('https://x/', { timeout: '10s' }).timeoutMs).toBe(10_000)
    expect(() => webhook('https://x/', { timeout: '11s' })).toThrow()
  })
})

describe('a limit', () => {
  test.each(['500ms', '45m', '1.5h', '24h'])('may be %s', text => {
    expect(isDuration(text)).toBe(true)
    expect(limitsRule(['build'])({ build: text })).toBeUndefined()
  })

  test.each<unknown>(['0s', '0.0m', '-1s', '30', 30, '25h45', '1000h', '', null, {}])(
    'may not be %j',
    value => {
      expect(isDuration(value)).toBe(false)
      expect(limitsRule(['build'])({ build: value })).toEqual(expect.any(String))
    },
  )

  test('is of a step that there is', () => {
    expect(limitsRule(['build'])({ biuld: '1m' })).toBe(
      "a duration such as '45m', or one for some of these: { build: '45m' }",
    )
  })
})
