import { describe, expect, test } from 'vitest'
import type { Plan } from '../../src/model/plan.ts'
import type { Step } from '../../src/model/step.ts'
import type { Target } from '../../src/model/target.ts'
import { buildsToFind, type Planned, planRun } from '../../src/plan/plan-run.ts'
import type { PlanRequest } from '../../src/plan/request.ts'
import { defineRecipe } from '../../src/recipe/define-recipe.ts'
import { exec } from '../../src/recipe/exec.ts'
import { secret } from '../../src/recipe/secret.ts'
import {
  aHost,
  aRevision,
  aRun,
  aTarget,
  factsOf,
  noon,
  seen,
  toDeploy,
  unread,
} from '../support/builders.ts'
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

function planned(stepOn: (host: string) => Step, changes: Partial<Target> = {}, asked: Asked = {}): Planned {
  const hosts = changes.hosts ?? NAMES.map(name => aHost(name))
  const standing = { revisions: [aRevision('1.4.0')] }
  const observations = seen(
    ...hosts.map(({ name }) => factsOf(name, {}, asked.stands?.includes(name) ? standing : {})),
  )
  const target = aTarget({ recipes: [sharing(stepOn)], ...changes, hosts })
  return planRun(target, observations, toDeploy('1.4.0', asked.request), aRun)
}

interface Asked {
  readonly request?: Partial<PlanRequest>
  /** Hosts that have the revision already. */
  readonly stands?: readonly string[]
}

const planFor = (...of: Parameters<typeof planned>): Plan => planOf(planned(...of))

/** What each host does with the shared step, and the first letters of the id under which its products are kept. */
const shared = (plan: Plan) =>
  Object.fromEntries(
    plan.hosts.map(({ host }) => {
      const action = stepsOn(plan, 'build', host)[1]?.action
      if (action?.kind === 'build') return [host, `builds for ${action.hosts.join(' ')}`]
      if (action?.kind === 'reuse') return [host, `is given what ${action.builder.host} built`]
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

describe('what this machine kept of another run', () => {
  const stepOn = () => make('linux', { env: { INDEX: secret('INDEX') } })
  const [id = ''] = ids(planFor(stepOn))
  const keptBy = (stage: string): Partial<PlanRequest> => ({
    kept: new Map([[id, { host: 's1', stage, run: 'r1', atMs: noon }]]),
  })
  const chain = new Map([
    ['production', ['staging', 'dev']],
    ['staging', ['dev']],
    ['nightly', ['ci']],
  ])

  test.each<[string, string, boolean, Partial<Target>, Partial<PlanRequest>]>([
    ['its own stage', 'production', true, {}, {}],
    ['another stage', 'staging', false, {}, {}],
    ['the stage that it comes after', 'staging', true, { builtBy: chain }, {}],
    ['one further up the chain', 'dev', true, { builtBy: chain }, {}],
    ['a stage that comes after it', 'production', false, { builtBy: chain, stage: 'staging' }, {}],
    ['a stage beside the chain', 'nightly', false, { builtBy: chain }, {}],
    ['the stage that is promoted', 'nightly', true, { builtBy: chain }, { promotes: 'nightly' }],
    [
      'a stage whose builds the promoted one installs',
      'ci',
      true,
      { builtBy: chain },
      { promotes: 'nightly' },
    ],
    ['another than the promoted one', 'demo', false, { builtBy: chain }, { promotes: 'nightly' }],
  ])('by %s is used only if that stage may build: %s, %s', (_title, stage, used, changes, request) => {
    const plan = planFor(stepOn, changes, { request: { ...keptBy(stage), ...request } })
    expect(shared(plan)).toEqual(
      used
        ? { web1: 'is given what s1 built', web2: 'is given what s1 built', web3: 'is given what s1 built' }
        : { web1: 'builds for web1 web2 web3', web2: 'takes from web1', web3: 'takes from web1' },
    )
  })

  test('says in words who built it and when, and nobody needs what the program is told', () => {
    const plan = planFor(stepOn, {}, { request: keptBy('production') })
    for (const host of NAMES)
      expect(stepsOn(plan, 'build', host)[1]).toMatchObject({
        title: 'make it: built by s1 of production on 2026-11-20 12:00 UTC, kept on this machine',
        env: {},
      })
  })

  test('is looked for by what would be built, whether it is there or not', () => {
    const target = aTarget({ recipes: [sharing(stepOn)] })
    const observations = seen(factsOf('web1'), factsOf('web2'))
    for (const request of [{}, keptBy('production')])
      expect(buildsToFind(target, observations, toDeploy('1.4.0', request))).toEqual([id])
  })

  test('does where the host that should build is left out', () => {
    const step = () =>
      make('linux', { share: { key: 'linux', builder: 'web9' }, env: { INDEX: secret('INDEX') } })
    const plan = planFor(step, { leftOut: ['web9'] }, { request: keptBy('production') })
    expect(shared(plan)['web1']).toBe('is given what s1 built')
  })
})

describe('the host that builds', () => {
  const by = (builder: string) => () => make('linux', { share: { key: 'linux', builder } })
  const labelled = NAMES.map(name => aHost(name, { labels: name === 'web1' ? [] : ['compiler'] }))

  test.each([
    ['by its name', 'web3', 'web3'],
    ['by a label, the first by name that has it', 'compiler', 'web2'],
  ])('is the one that is named %s', (_title, builder, builds) => {
    const others = Object.fromEntries(NAMES.map(name => [name, `takes from ${builds}`]))
    expect(shared(planFor(by(builder), { hosts: labelled }))).toEqual({
      ...others,
      [builds]: 'builds for web1 web2 web3',
    })
  })

  test('is found for every platform by itself', () => {
    const step = (host: string) =>
      make('', { share: { key: host === 'web3' ? 'musl' : 'glibc', builder: 'compiler' } })
    expect(shared(planFor(step, { hosts: labelled }))).toEqual({
      web1: 'takes from web2',
      web2: 'builds for web1 web2',
      web3: 'builds for web3',
    })
  })

  test('decides nothing of what is built', () => {
    expect(ids(planFor(by('web3')))).toEqual(ids(planFor(() => make('linux'))))
  })

  test.each<[string, string, (host: string) => Step, Partial<Target>, Asked]>([
    [
      'is left out',
      'web4, which builds for them, is left out of this run',
      by('web4'),
      { leftOut: ['web4'] },
      {},
    ],
    [
      'is no host and no label',
      "no selected host is called 'wbe2' or has that label (`builder` of its `share`) → did you mean 'web2'?",
      by('wbe2'),
      {},
      {},
    ],
    [
      'already has the revision',
      'web3 already has the revision, and a revision is never built twice',
      by('web3'),
      {},
      { stands: ['web3'] },
    ],
    [
      'is of another platform',
      'what web2 builds does not fit them: another platform, or other inputs',
      host => make('', { share: { key: host === 'web2' ? 'musl' : 'glibc', builder: 'web2' } }),
      {},
      {},
    ],
  ])(
    'that %s is a reason not to start: nobody else is taken instead',
    (_title, why, step, changes, asked) => {
      const text = plannedText(planned(step, changes, asked))
      expect(text).toMatch(/^production ! no-builder: nobody builds "make it" for [^\n]*$/)
      expect(text).toContain(`: ${why}`)
      expect(text).toContain('`builder` of its `share`')
    },
  )

  test('that could not be read is told as that, and as nothing else', () => {
    const target = aTarget({ hosts: NAMES.map(name => aHost(name)), recipes: [sharing(by('web3'))] })
    const observations = seen(factsOf('web1'), factsOf('web2'), unread('web3'))
    const text = plannedText(planRun(target, observations, toDeploy('1.4.0'), aRun))
    expect(text).toMatch(/^web3 ! unreachable: no route to host$/)
  })

  test('waits for nobody that waits for it', () => {
    const step = (name: string) =>
      exec([name], { share: { key: 'k', name, builder: name === 'a' ? 'web1' : 'web2' } })
    const recipe = (orders: Readonly<Record<string, readonly string[]>>) =>
      defineRecipe({
        name: 'maker',
        steps: ({ host }) => ({ build: (orders[host.name] ?? []).map(step) }),
      })
    const text = (orders: Readonly<Record<string, readonly string[]>>) =>
      planRun(
        aTarget({ recipes: [recipe(orders)] }),
        seen(factsOf('web1'), factsOf('web2')),
        toDeploy('1.4.0'),
        aRun,
      )
    expect(text({ web1: ['a', 'b'], web2: ['a', 'b'] }).kind).toBe('plan')
    expect(text({ web1: ['a', 'b'], web2: ['b', 'a'] }).kind).toBe('plan')
    expect(plannedText(text({ web1: ['b', 'a'], web2: ['a', 'b'] }))).toMatchInlineSnapshot(
      `"production ! builders-wait: web1 would wait for a host that waits for it: each builds something for the other → let one host build both (\`builder\` of \`share\`), or order these steps alike on all hosts"`,
    )
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
