import { describe, expect, test } from 'vitest'
import type { Recipe } from '../../src/model/recipe.ts'
import type { Step } from '../../src/model/step.ts'
import { planRun } from '../../src/plan/plan-run.ts'
import { defineRecipe } from '../../src/recipe/define-recipe.ts'
import { exec } from '../../src/recipe/exec.ts'
import { fact } from '../../src/recipe/fact.ts'
import { aHost, aRevision, aRun, aTarget, factsOf, seen, toDeploy, wanted } from '../support/builders.ts'
import { plannedText, planOf, stepsOn } from '../support/plan-text.ts'

const space = fact(['df', '.'], Number)
const answering = (host: string, free: number) =>
  factsOf(host, {}, { answers: new Map([['space', { free }]]) })

const planned = (recipe: Recipe, hosts = seen(answering('web1', 900), answering('web2', 100))) =>
  planRun(aTarget({ recipes: [recipe] }), hosts, toDeploy('1.4.0'), aRun)

describe('a recipe', () => {
  test('is asked for every host, with its own answers and those of all', () => {
    const recipe = defineRecipe({
      name: 'space',
      facts: { free: space },
      steps: ({ host, facts, fleet }) => ({
        verify: [exec(['echo', host.name, String(facts.free), [...fleet.keys()].join('+')])],
      }),
    })
    const plan = planOf(planned(recipe))
    expect(
      ['web1', 'web2'].flatMap(host => stepsOn(plan, 'verify', host).map(({ title }) => title)),
    ).toStrictEqual(['echo web1 900 web1+web2', 'echo web2 100 web1+web2'])
  })

  test('refuses a host with as many reasons as it has', () => {
    const recipe = defineRecipe({
      name: 'space',
      facts: { free: space },
      check: ({ facts }) => (facts.free < 512 ? [`${facts.free} MiB are free`, 'that is not enough'] : []),
    })
    expect(plannedText(planned(recipe))).toMatchInlineSnapshot(`
      "web2 ! recipe-space: 100 MiB are free
      web2 ! recipe-space: that is not enough"
    `)
  })

  test('knows the revision, its paths and whether there is something to build', () => {
    const seenBy: unknown[] = []
    const recipe = defineRecipe({
      name: 'space',
      steps: ({ revision, paths, builds, intent }) => {
        seenBy.push({ revision, paths, builds, intent })
        return {}
      },
    })
    const stands = factsOf('web2', {}, { revisions: [aRevision('1.4.0')] })
    const request = toDeploy('1.4.0', { wanted: wanted('1.4.0', { requiresPython: '>=3.9' }) })
    planRun(aTarget({ recipes: [recipe] }), seen(factsOf('web1'), stands), request, aRun)
    expect(seenBy).toMatchInlineSnapshot(`
      [
        {
          "builds": true,
          "intent": "deploy",
          "paths": {
            "incoming": "/var/webcode/.stage/incoming",
            "products": "/var/webcode/.stage/incoming/shop-1.4.0.products",
            "revision": "/var/webcode/shop-1.4.0",
            "root": "/var/webcode",
            "sdist": "/var/webcode/.stage/sdists/shop-1.4.0.tar.gz",
            "shared": "/var/webcode/shared",
            "tools": "/var/webcode/.stage/tools",
          },
          "revision": {
            "name": "shop-1.4.0",
            "project": "shop",
            "requiresPython": ">=3.9",
            "sha256": "74b860b3270666137a4d543c3e3d1e4e473d54636f7593d1c17bf693e6540bbe",
            "version": "1.4.0",
          },
        },
        {
          "builds": false,
          "intent": "deploy",
          "paths": {
            "incoming": "/var/webcode/.stage/incoming",
            "products": "/var/webcode/.stage/incoming/shop-1.4.0.products",
            "revision": "/var/webcode/shop-1.4.0",
            "root": "/var/webcode",
            "sdist": "/var/webcode/.stage/sdists/shop-1.4.0.tar.gz",
            "shared": "/var/webcode/shared",
            "tools": "/var/webcode/.stage/tools",
          },
          "revision": {
            "name": "shop-1.4.0",
            "project": "shop",
            "requiresPython": ">=3.9",
            "sha256": "74b860b3270666137a4d543c3e3d1e4e473d54636f7593d1c17bf693e6540bbe",
            "version": "1.4.0",
          },
        },
      ]
    `)
  })

  test('gives variables to the steps of all, which the configuration may replace', () => {
    const recipe = defineRecipe({ name: 'space', env: () => ({ A: 'recipe', B: 'recipe' }) })
    const target = aTarget({
      hosts: [aHost('web1')],
      recipes: [recipe],
      env: { B: 'config' },
      hooks: { verify: [exec(['check'])] },
    })
    const plan = planOf(planRun(target, seen(factsOf('web1')), toDeploy('1.4.0'), aRun))
    expect(stepsOn(plan, 'verify', 'web1')[0]?.env).toMatchObject({ A: 'recipe', B: 'config' })
  })

  test('is not asked anything where a fact of it is missing anywhere', () => {
    const recipe = defineRecipe({
      name: 'space',
      facts: { free: space },
      check: () => ['it was asked'],
    })
    const silent = factsOf(
      'web2',
      {},
      { unanswered: [{ recipe: 'space', fact: 'free', reason: 'exit 127' }] },
    )
    expect(plannedText(planned(recipe, seen(answering('web1', 900), silent)))).toMatchInlineSnapshot(
      `"web2 ! fact: the recipe space could not find out free: exit 127"`,
    )
  })
})

describe('a recipe that is wrong', () => {
  test('names a slot that does not exist: a problem of the host, with what the slots are', () => {
    const slots: Readonly<Record<string, readonly Step[]>> = { verfy: [exec(['true'])] }
    const recipe = defineRecipe({ name: 'space', steps: () => slots })
    const hosts = aTarget({ hosts: [aHost('web1')], recipes: [recipe] })
    expect(plannedText(planRun(hosts, seen(factsOf('web1')), toDeploy('1.4.0'), aRun))).toMatchInlineSnapshot(
      `"web1 ! recipe-space: recipe space: steps: verfy: there is no slot 'verfy' → did you mean 'verify'? the slots are: before:upload, upload, after:upload, before:build, build, after:build, before:verify, verify, after:verify, before:switch, after:switch, before:activate, activate, after:activate, before:health, health, after:health, before:prune, prune, after:prune, failed"`,
    )
  })

  test('throws: said with the line that threw, and the other problems are said too', () => {
    const recipe = defineRecipe({
      name: 'space',
      steps: () => {
        throw new RangeError('no such colour')
      },
    })
    const planned = planRun(
      aTarget({ recipes: [recipe] }),
      seen(
        factsOf('web1'),
        factsOf('web2', {}, { root: { project: 'blog', boundBy: 'blog-1.0 stands in it' } }),
      ),
      toDeploy('1.4.0'),
      aRun,
    )
    if (planned.kind !== 'refused') throw new Error('it was planned')
    expect(
      planned.problems.map(({ where, code, message }) => `${where} ${code}: ${message}`),
    ).toMatchInlineSnapshot(`
      [
        "web2 other-project: the root /var/webcode belongs to the project blog, this is shop: blog-1.0 stands in it",
        "web1 recipe-space: the recipe space threw RangeError: no such colour",
        "web2 recipe-space: the recipe space threw RangeError: no such colour",
      ]
    `)
    expect(planned.problems.at(-1)?.hint).toMatch(/^at .*step-hosts\.test\.ts:\d+/)
  })
})
