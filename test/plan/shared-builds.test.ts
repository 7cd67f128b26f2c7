import { describe, expect, test } from 'vitest'
import type { Plan } from '../../src/model/plan.ts'
import type { Step } from '../../src/model/step.ts'
import type { Target } from '../../src/model/target.ts'
import { planRun } from '../../src/plan/plan-run.ts'
import { defineRecipe } from '../../src/recipe/define-recipe.ts'
import { exec } from '../../src/recipe/exec.ts'
import { secret } from '../../src/recipe/secret.ts'
import { aHost, aRevision, aRun, aTarget, factsOf, seen, toDeploy } from '../support/builders.ts'
import { plannedText, planOf, stepsOn, stepsText } from '../support/plan-text.ts'

const NAMES = ['web1', 'web2', 'web3']

/** A recipe that shares the step which `stepOn` gives for a host. */
const sharing = (stepOn: (host: string) => Step) =>
  defineRecipe({
    name: 'maker',
    steps: ({ builds, host }) =>
      builds ? { build: [exec(['before']), stepOn(host.name), exec(['after'])] } : {},
  })

const make = (key: string, changes: Parameters<typeof exec>[1] = {}) =>
  exec(['make', 'it'], { share: { key }, ...changes })

function planFor(stepOn: (host: string) => Step, changes: Partial<Target> = {}): Plan {
  const hosts = changes.hosts ?? NAMES.map(name => aHost(name))
  const observations = seen(...hosts.map(({ name }) => factsOf(name)))
  const target = aTarget({ recipes: [sharing(stepOn)], ...changes, hosts })
  return planOf(planRun(target, observations, toDeploy('1.4.0'), aRun))
}

/** What each host does with the shared step, and the first letters of the id under which its products are kept. */
const shared = (plan: Plan) =>
  Object.fromEntries(
    plan.hosts.map(({ host }) => {
      const action = stepsOn(plan, 'build', host)[1]?.action
      if (action?.kind === 'build') return [host, `builds for ${action.hosts.join(' ')}`]
      return [host, action?.kind === 'take' ? `takes from ${action.from}` : 'for itself']
    }),
  )

const ids = (plan: Plan) =>
  plan.hosts.map(({ host }) => {
    const action = stepsOn(plan, 'build', host)[1]?.action
    return action?.kind === 'build' || action?.kind === 'take' ? action.shared.id : undefined
  })

describe('one run of a shared step does for all hosts with the same key', () => {
  test('the first by name builds, the others take, everything else is done on each', () => {
    const hosts = ['web3', 'web1', 'web2'].map(name => aHost(name))
    expect(
      stepsText(
        planFor(() => make('linux'), { hosts }),
        'build',
      ),
    ).toMatchInlineSnapshot(`
      "web3 build/1 (maker): before in /var/webcode/shop-1.4.0 for shop-1.4.0
      web3 build/2 (maker): take products from web1
      web3 build/3 (maker): after in /var/webcode/shop-1.4.0 for shop-1.4.0
      web1 build/1 (maker): before in /var/webcode/shop-1.4.0 for shop-1.4.0
      web1 build/2 (maker): make it [products for web1 web2 web3] in /var/webcode/shop-1.4.0 for shop-1.4.0
      web1 build/3 (maker): after in /var/webcode/shop-1.4.0 for shop-1.4.0
      web2 build/1 (maker): before in /var/webcode/shop-1.4.0 for shop-1.4.0
      web2 build/2 (maker): take products from web1
      web2 build/3 (maker): after in /var/webcode/shop-1.4.0 for shop-1.4.0"
    `)
  })

  test('another key, another build', () => {
    expect(shared(planFor(host => make(host === 'web2' ? 'musl' : 'glibc')))).toEqual({
      web1: 'builds for web1 web3',
      web2: 'builds for web2',
      web3: 'takes from web1',
    })
  })

  test('a host on which the revision stands neither builds nor takes', () => {
    const hosts = NAMES.map(name => aHost(name))
    const observations = seen(
      factsOf('web1', {}, { revisions: [aRevision('1.4.0')] }),
      factsOf('web2'),
      factsOf('web3'),
    )
    const target = aTarget({ hosts, recipes: [sharing(() => make('linux'))] })
    const plan = planOf(planRun(target, observations, toDeploy('1.4.0'), aRun))
    expect(shared(plan)).toEqual({
      web1: 'for itself',
      web2: 'builds for web2 web3',
      web3: 'takes from web2',
    })
  })

  test('only who builds is told what the program is told, secrets above all', () => {
    const plan = planFor(() => make('linux', { env: { INDEX: secret('INDEX') } }))
    const envs = NAMES.map(host => stepsOn(plan, 'build', host)[1]?.env ?? {})
    expect(envs.map(env => env['INDEX'])).toEqual([{ secret: 'INDEX' }, undefined, undefined])
  })

  test('steps that would make something else do not share', () => {
    const differ: readonly ((host: string) => Step)[] = [
      host => exec(['make', host], { share: { key: 'linux' } }),
      host => make('linux', { env: { CFLAGS: host } }),
      host => make('linux', { cwd: host }),
      host => make('linux', { share: { key: 'linux', inputs: [host] } }),
    ]
    for (const stepOn of differ) expect(new Set(ids(planFor(stepOn))).size).toBe(3)
  })

  test('given what decides, other arguments are no other build', () => {
    const stepOn = (host: string) => exec(['make', host], { share: { key: 'linux', inputs: ['release'] } })
    expect(new Set(ids(planFor(stepOn))).size).toBe(1)
  })

  test('where a root is decides nothing', () => {
    const at = (root: string) => {
      const hosts = [aHost('web1', { root })]
      return ids(
        planFor(() => exec([`${root}/shop-1.4.0/x`, `${root}/y`], { share: { key: 'k' } }), { hosts }),
      )
    }
    expect(at('/srv/a')).toEqual(at('/var/webcode'))
  })

  test('another sdist is another build', () => {
    const target = aTarget({ recipes: [sharing(() => make('linux'))] })
    const of = (version: string) =>
      ids(planOf(planRun(target, seen(factsOf('web1'), factsOf('web2')), toDeploy(version), aRun)))[0]
    expect(of('1.4.0')).not.toBe(of('1.4.1'))
  })
})

test('two steps of a build that fill one directory are refused', () => {
  const target = aTarget({ recipes: [sharing(() => make('linux'))], hooks: { build: [make('other')] } })
  expect(
    plannedText(planRun(target, seen(factsOf('web1'), factsOf('web2')), toDeploy('1.4.0'), aRun)),
  ).toMatchInlineSnapshot(`
    "web1 ! shared-twice: two steps of the build fill DEPLOY_PRODUCTS/products → give one of them another name
    web2 ! shared-twice: two steps of the build fill DEPLOY_PRODUCTS/products → give one of them another name"
  `)
})
