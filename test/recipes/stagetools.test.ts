import { type StageContext, StageError } from 'stage-deploy'
import { describe, expect, test } from 'vitest'
import type { StagetoolsOptions } from '../../recipes/stagetools/options.ts'
import { readSettings } from '../../recipes/stagetools/settings.ts'
import { stagetools } from '../../recipes/stagetools.ts'
import { problemsOf } from '../config/written.ts'
import { aContext } from './contexts.ts'

/** Options as JSON or YAML can give them: of any shape. */
function faultsOf(written: unknown): string {
  try {
    Reflect.apply(stagetools, undefined, [written])
    return ''
  } catch (error) {
    if (!(error instanceof StageError)) throw error
    return error.problems.map(({ where, message }) => `${where}: ${message}`).join('\n')
  }
}

const stages = { staging: 'q', production: 'p' } as const

type Context = StageContext<Readonly<Record<string, unknown>>>
const account = { user: 'deploy', group: 'www-data', host: 'vm1' }
const context = (changes: Partial<Context> = {}): Context => ({
  ...aContext([]),
  facts: { account },
  ...changes,
})

describe('the options', () => {
  test('need no more than the class of every stage', () => {
    expect(readSettings({ stages: { live: { class: 'p', name: 'prod' } } })).toMatchInlineSnapshot(`
      {
        "configuration": undefined,
        "coreApp": undefined,
        "coreRepo": undefined,
        "environment": ".env",
        "imports": true,
        "limit": {
          "timeout": "10m",
          "timeoutOption": "stagetools({ timeout })",
        },
        "stages": [
          {
            "class": "p",
            "expect": {},
            "group": undefined,
            "host": undefined,
            "name": "prod",
            "stage": "live",
            "user": undefined,
          },
        ],
        "system": "stagetools.utils:get_actual_system_from_name",
      }
    `)
  })

  test('are all looked at at once', () => {
    expect(
      faultsOf({
        stages: {
          staging: 's',
          production: { class: 'p', name: 'demo' },
          test: { name: 'q_1', expect: { 'a-b': 1 } },
        },
        environment: '../env',
        system: 'aaa_env_setup',
        imports: 'yes',
        core: 'x',
      }),
    ).toMatchInlineSnapshot(`
      "environment: expected a directory inside the revision, found a text
      system: expected module:attribute, such as 'aaa_env_setup:SYSTEM', found a text
      imports: expected true or false, found a text
      core: there is no such option: there are stages, configuration, coreRepo, coreApp, environment, system, timeout, imports
      stages.staging: expected 'p' (production), 'q' (quality), 'i' (integration) or 'd' (development), or { class, name, … }, found a text
      stages.production.name: the class of 'demo' is read off its first letter, and 'production' is to be of class 'p'
      stages.test.class: expected 'p' (production), 'q' (quality), 'i' (integration) or 'd' (development), found nothing
      stages.test.name: expected letters, digits, - and ., such as 'q1'; no _, which ends the first half of a system's name, found a text
      stages.test.expect: 'a-b' is no name of an attribute"
    `)
  })

  test.each<[string, unknown, string]>([
    [
      'nothing',
      undefined,
      "stages: expected the class of every stage: { staging: 'q', production: 'p' }, found nothing",
    ],
    [
      'no stage',
      { stages: {} },
      "stages: expected the class of every stage: { staging: 'q', production: 'p' }, found an object",
    ],
    [
      'an expectation of what there is not',
      { stages: { staging: { class: 'q', user: '{account}' } } },
      'stages.staging.user: there is no {account}: there are {system}, {stage}, {host}, {root}, {shared}',
    ],
    [
      'a configuration that is no name',
      { stages, configuration: '../shop' },
      'configuration: expected letters, digits, _, - and ., found a text',
    ],
  ])('are refused: %s', (_, written, said) => {
    expect(faultsOf(written)).toBe(said)
  })
})

describe('a configuration', () => {
  const both = {
    hosts: { web1: 'web1.example.com' },
    stages: { staging: { hosts: ['web1'] }, production: { hosts: ['web1'] } },
  }

  test('names the class of every stage, or is refused', () => {
    expect(problemsOf({ ...both, recipes: [stagetools({ stages })] })).toBe('accepted')
    expect(
      problemsOf({ ...both, recipes: [stagetools({ stages: { staging: 'q' } })] }),
    ).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        recipes[0]: stagetools: the class of the stage 'production' is missing: there are 'staging' -> write it: stages: { 'production': 'p' }, or 'q', 'i', 'd'; it is never guessed from the name"
    `)
  })

  test('has no two stages of one host that are the same system', () => {
    const same = stagetools({ stages: { staging: 'p', production: 'p' } })
    expect(problemsOf({ ...both, recipes: [same] })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        recipes[0]: on web1, the system shop_p is wanted twice: by stagetools of 'staging' and by stagetools of 'production' -> give each of them one of its own"
    `)
  })
})

describe('the steps', () => {
  const titles = (options: StagetoolsOptions, changes: Partial<Context> = {}) => {
    const recipe = stagetools(options)
    const slots = { ...recipe.steps(context(changes)), ...recipe.stageSteps(context(changes)) }
    return Object.entries(slots).flatMap(([slot, steps]) => steps.map(step => `${slot}: ${step.title}`))
  }

  test('give the environment the names of all stages, look at each of them, and at the one of the stage once more', () => {
    expect(titles({ stages })).toMatchInlineSnapshot(`
      [
        "after:build: name .env for its stages: my_shop_q, my_shop_p",
        "verify: My.Shop says that it is my_shop_q (staging)",
        "verify: My.Shop says that it is my_shop_p (production)",
        "verify: import the packages, load the console scripts as my_shop_q",
        "verify: import the packages, load the console scripts as my_shop_p",
        "before:switch: My.Shop says that it is my_shop_p (production)",
        "health: My.Shop says that it is my_shop_p (production)",
      ]
    `)
  })

  test('build and verify nothing where the revision stands', () => {
    expect(titles({ stages }, { builds: false })).toEqual([
      'before:switch: My.Shop says that it is my_shop_p (production)',
      'health: My.Shop says that it is my_shop_p (production)',
    ])
  })

  test('import no packages where that is not wanted', () => {
    expect(titles({ stages, imports: false }).filter(title => title.includes('import'))).toEqual([])
  })

  test('run the environment by its name in the revision before the switch, and through the link after it', () => {
    const slots = stagetools({ stages }).stageSteps(context())
    const told = (slot: 'before:switch' | 'health') => {
      const [step] = slots[slot] ?? []
      return JSON.parse(step?.kind === 'exec' ? (step.argv.at(-1) ?? '') : '')
    }
    expect(told('before:switch')).toMatchObject({
      ...{ name: 'my_shop_p', base: '/var/webcode/My.Shop-1.4.0/my_shop_p' },
      expected: {
        base_dir: '/var/webcode/My.Shop-1.4.0/my_shop_p',
        stage: 0,
        user: 'deploy',
        group: 'www-data',
      },
    })
    expect(told('health')).toMatchObject({
      base: '/var/webcode/production/my_shop_p',
      expected: { base_dir: '/var/webcode/production/my_shop_p' },
    })
  })

  test('reject no revision for its account, nor for what the configuration expects besides', () => {
    const expecting = {
      staging: 'q',
      production: { class: 'p', expect: { media_dir: '{shared}/media' } },
    } as const
    const recipe = stagetools({ stages: expecting })
    const told = (steps: ReturnType<typeof recipe.steps>['verify']) =>
      (steps ?? []).flatMap(step =>
        step.kind === 'exec' && step.argv[0] === '@python' ? [JSON.parse(step.argv.at(-1) ?? '')] : [],
      )
    for (const { expected, needed } of told(recipe.steps(context()).verify)) {
      expect(Object.keys(expected)).not.toContain('user')
      expect(needed).not.toContain('group')
      expect(expected.media_dir).toMatch(/^\/var\/webcode\/My\.Shop-1\.4\.0\/my_shop_[pq]\/media$/)
    }
    expect(told(recipe.stageSteps(context())['before:switch'])[0]).toMatchObject({
      expected: { media_dir: '/var/webcode/shared/media', user: 'deploy' },
    })
  })
})

test('the account, its group and the host are looked at before anything is built', () => {
  const production = { class: 'p', user: '{system}', group: 'www-data', host: '{host}' } as const
  const recipe = stagetools({ stages: { ...stages, production }, configuration: 'shop' })
  expect(recipe.check(context())).toEqual([
    "shop_p: the account is expected to be 'shop_p', and is 'deploy'",
    "shop_p: the host is expected to be 'web1', and is 'vm1'",
  ])
  expect(recipe.check(context({ stage: 'staging' }))).toEqual([])
})
