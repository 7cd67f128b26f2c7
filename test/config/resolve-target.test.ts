import { describe, expect, test } from 'vitest'
import { type HostFilter, resolveTarget } from '../../src/config/resolve-target.ts'
import { defineRecipe } from '../../src/recipe/define-recipe.ts'
import { exec } from '../../src/recipe/exec.ts'
import { problemsOf, resolved, said } from './written.ts'

const config = resolved({
  hosts: { web2: 'web2', web1: 'web1', db: 'db' },
  stages: {
    staging: { hosts: ['web1'] },
    production: {
      hosts: ['web2', 'web1', 'db'],
      keepRevisions: 9,
      env: { A: 'b' },
      hooks: { activate: [exec(['x'])] },
    },
  },
  hooks: { health: [exec(['y'])] },
})

const names = (filter?: HostFilter) => {
  const { hosts, leftOut } = resolveTarget(config, 'production', filter)
  return `${hosts.map(host => host.name)} without ${leftOut}`
}

describe('the stages whose builds a stage installs', () => {
  test('are those that it comes after, link by link, then those that it names', () => {
    const hosts = ['web1']
    const { builtBy } = resolveTarget(
      resolved({
        stages: {
          ci: { hosts },
          dev: { hosts, builtBy: ['ci'] },
          staging: { hosts, after: 'dev' },
          production: { hosts, after: 'staging', builtBy: ['ci', 'staging'] },
        },
      }),
      'production',
    )
    expect(Object.fromEntries(builtBy)).toEqual({
      ci: [],
      dev: ['ci'],
      staging: ['dev'],
      production: ['staging', 'dev', 'ci'],
    })
  })

  test('are other stages that there are', () => {
    const hosts = ['web1']
    const stages = {
      staging: { hosts, builtBy: ['staging'] },
      production: { hosts, builtBy: ['stagin', 5] },
      demo: { hosts, builtBy: 'staging' },
    }
    expect(problemsOf({ stages })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has 4 problems
        stages.production.builtBy[1]: expected the name of a stage, found a number
        stages.demo.builtBy: expected a list of stages, found a text
        stages.staging.builtBy[0]: the stage 'staging' installs what its own hosts build anyway -> leave it out
        stages.production.builtBy[0]: there is no stage 'stagin' -> did you mean 'staging'? the others are: staging, demo"
    `)
  })
})

describe('who builds for the others', () => {
  const hosts = { web1: 'web1', web2: { address: 'web2', labels: ['compiler'] }, s1: 's1' }
  const stages = { staging: { hosts: ['s1'] }, production: { hosts: ['web1', 'web2'] } }
  const builtBy = (builder: string) => ({ recipes: [defineRecipe({ name: 'maker', builders: [builder] })] })
  const one = { production: { hosts: ['web1', 'web2', 's1'] } }

  test.each(['web2', 'compiler'])('is a host or a label of every stage: %s', builder => {
    expect(problemsOf({ hosts, stages: one, ...builtBy(builder) })).toBe('accepted')
  })

  test.each([
    [
      'wbe2',
      "is no host and no label -> did you mean 'web2'? hosts and labels are: web1, web2, s1, compiler",
    ],
    [
      'local',
      'is no host and no label -> this machine builds nothing: name a host or a label (web1, web2, s1, compiler)',
    ],
    [
      'web2',
      'or has that label, so nobody builds there -> let the builder be a label, and give it to one of s1 too',
    ],
    ['compiler', "recipes[0]: the stage 'staging' has no host that is called 'compiler'"],
  ])('is refused where a stage has none: %s', (builder, said) => {
    const text = problemsOf({ hosts, stages, ...builtBy(builder) })
    expect(text).toMatch(/ has a problem\n {2}recipes\[0\]: /)
    expect(text).toContain(said)
  })

  test('is looked at in the steps of the configuration too', () => {
    const build = [{ exec: ['make'], share: { key: 'k', builder: 'compilr' } }]
    expect(problemsOf({ hosts, stages: one, hooks: { build } })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        hooks.build[0].share.builder: the builder 'compilr' is no host and no label -> did you mean 'compiler'? hosts and labels are: web1, web2, s1, compiler"
    `)
  })
})

describe('a target', () => {
  test('is one stage with its hosts in order of name', () => {
    expect(names()).toBe('db,web1,web2 without ')
  })

  test('has what the stage says beside what all stages say', () => {
    const { keepRevisions, stageEnv, stageHooks, hooks, stages } = resolveTarget(config, 'production')
    expect({
      keepRevisions,
      stageEnv,
      stages,
      stageHooks: Object.keys(stageHooks),
      hooks: Object.keys(hooks),
    }).toEqual({
      keepRevisions: 9,
      stageEnv: { A: 'b' },
      stages: new Map([
        ['staging', { keepRevisions: 5 }],
        ['production', { keepRevisions: 9 }],
      ]),
      stageHooks: ['activate'],
      hooks: ['health'],
    })
  })

  test('knows the hosts that were left out', () => {
    expect(names({ hosts: ['web2', 'db'] })).toBe('db,web2 without web1')
    expect(names({ except: ['db'] })).toBe('web1,web2 without db')
    expect(names({ hosts: ['web1', 'db'], except: ['db'] })).toBe('web1 without db,web2')
  })

  test('of a stage that does not exist is refused with the one that was probably meant', () => {
    expect(said(() => resolveTarget(config, 'prodution'))).toMatchInlineSnapshot(
      `"usage: there is no stage 'prodution' -> did you mean 'production'? the stages are: staging, production"`,
    )
  })

  test('is refused with every name that is not in the stage', () => {
    expect(
      said(() => resolveTarget(config, 'production', { hosts: ['wbe1', 'web2'], except: ['dv'] })),
    ).toMatchInlineSnapshot(`
      "usage: not every host named is in the stage 'production'
        --hosts: there is no host 'wbe1' in the stage 'production' -> did you mean 'web1'? its hosts are: db, web1, web2
        --except: there is no host 'dv' in the stage 'production' -> did you mean 'db'? its hosts are: db, web1, web2"
    `)
    expect(said(() => resolveTarget(config, 'staging', { hosts: ['web2'] }))).toMatchInlineSnapshot(`
      "usage: not every host named is in the stage 'staging'
        --hosts: there is no host 'web2' in the stage 'staging' -> did you mean 'web1'? its hosts are: web1"
    `)
  })

  test('without a host is refused', () => {
    expect(said(() => resolveTarget(config, 'staging', { except: ['web1'] }))).toMatchInlineSnapshot(
      `"usage: no host of the stage 'staging' is left -> its hosts are: web1"`,
    )
    expect(said(() => resolveTarget(config, 'staging', { hosts: [] }))).toMatchInlineSnapshot(
      `"usage: no host of the stage 'staging' is left -> its hosts are: web1"`,
    )
  })
})
