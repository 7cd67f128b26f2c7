import { describe, expect, test } from 'vitest'
import type { Plan } from '../../src/model/plan.ts'
import type { StepsBySlot } from '../../src/model/recipe.ts'
import type { Target } from '../../src/model/target.ts'
import { planRun } from '../../src/plan/plan-run.ts'
import { defineRecipe } from '../../src/recipe/define-recipe.ts'
import { exec } from '../../src/recipe/exec.ts'
import { httpProbe } from '../../src/recipe/http-probe.ts'
import { local } from '../../src/recipe/local.ts'
import { secret } from '../../src/recipe/secret.ts'
import { aHost, aRun, aTarget, factsOf, seen, toDeploy, toRollBack } from '../support/builders.ts'
import { plannedText, planOf, stepsOn, stepsText, taskText } from '../support/plan-text.ts'
import { aStageHistory, bothAfter, deployed } from '../support/stage-histories.ts'

const live13 = bothAfter(deployed('1.2.0'), deployed('1.3.0'))

const planned = (hooks: StepsBySlot, changes: Partial<Target> = {}, hosts = live13): Plan =>
  planOf(planRun(aTarget({ hooks, ...changes }), hosts, toDeploy('1.4.0'), aRun))

const only = (name: string) => ({ hosts: [aHost(name)], leftOut: [] })

describe('what a step is told', () => {
  const everySlot = { verify: [exec(['check'])], activate: [exec(['reload'])], failed: [exec(['tell'])] }
  const env = (plan: Plan, phase: 'verify' | 'activate') => stepsOn(plan, phase, 'web1')[0]?.env

  test('up to the seal it is told no stage: a revision is stage-neutral', () => {
    const plan = planned(everySlot, { stageEnv: { COLOUR: 'blue' } })
    expect(env(plan, 'verify')).toMatchInlineSnapshot(`
      {
        "DEPLOY_HOST": "web1",
        "DEPLOY_PATH": "/var/webcode/shop-1.4.0",
        "DEPLOY_PRODUCTS": "/var/webcode/.stage/incoming/shop-1.4.0.products",
        "DEPLOY_PROJECT": "shop",
        "DEPLOY_RECORD": "/var/webcode/.stage/incoming/shop-1.4.0.record.json",
        "DEPLOY_REVISION": "shop-1.4.0",
        "DEPLOY_ROOT": "/var/webcode",
        "DEPLOY_SDIST": "/var/webcode/.stage/sdists/shop-1.4.0.tar.gz",
        "DEPLOY_SHARED": "/var/webcode/shared",
        "DEPLOY_VERSION": "1.4.0",
      }
    `)
  })

  test('after the seal it is told the stage, its link and what was live before', () => {
    const plan = planned(everySlot, { stageEnv: { COLOUR: 'blue' } })
    expect(env(plan, 'activate')).toMatchInlineSnapshot(`
      {
        "COLOUR": "blue",
        "DEPLOY_HOST": "web1",
        "DEPLOY_LINK": "/var/webcode/production",
        "DEPLOY_PATH": "/var/webcode/shop-1.4.0",
        "DEPLOY_PREVIOUS": "shop-1.3.0",
        "DEPLOY_PROJECT": "shop",
        "DEPLOY_REVISION": "shop-1.4.0",
        "DEPLOY_ROOT": "/var/webcode",
        "DEPLOY_SHARED": "/var/webcode/shared",
        "DEPLOY_STAGE": "production",
        "DEPLOY_VERSION": "1.4.0",
      }
    `)
  })

  test('its own variables win over those of the stage, these over those of all', () => {
    const hooks = { activate: [exec(['reload'], { env: { A: 'step' } })] }
    const plan = planned(hooks, {
      env: { A: 'all', B: 'all', C: 'all' },
      stageEnv: { A: 'stage', B: 'stage' },
    })
    const { A, B, C } = env(plan, 'activate') ?? {}
    expect({ A, B, C }).toStrictEqual({ A: 'step', B: 'stage', C: 'all' })
  })

  test('nothing that was written can lie to it about its run', () => {
    const plan = planned(everySlot, { env: { DEPLOY_STAGE: 'staging' }, stageEnv: { DEPLOY_PATH: '/tmp' } })
    expect(env(plan, 'activate')).toMatchObject({
      DEPLOY_STAGE: 'production',
      DEPLOY_PATH: '/var/webcode/shop-1.4.0',
    })
  })

  test('where nothing was live before, DEPLOY_PREVIOUS is empty', () => {
    const plan = planned(everySlot, only('web1'), seen(factsOf('web1')))
    expect(env(plan, 'activate')).toMatchObject({ DEPLOY_PREVIOUS: '' })
  })

  test('a secret stays a name', () => {
    const plan = planned({ activate: [exec(['reload'], { env: { TOKEN: secret('TOKEN') } })] })
    expect(env(plan, 'activate')).toMatchObject({ TOKEN: { secret: 'TOKEN' } })
  })

  test('a host with a root of its own has its own paths', () => {
    const plan = planned(everySlot, { hosts: [aHost('web1', { root: '/srv/shop' })] })
    expect(env(plan, 'activate')).toMatchObject({
      DEPLOY_ROOT: '/srv/shop',
      DEPLOY_LINK: '/srv/shop/production',
      DEPLOY_SHARED: '/srv/shop/shared',
    })
  })
})

describe('where a step runs', () => {
  const cwdOf = (hooks: StepsBySlot) => {
    const plan = planned(hooks)
    const steps = plan.phases.flatMap(({ name }) => stepsOn(plan, name, 'web1'))
    return [...steps, ...(plan.failed.get('web1') ?? [])].map(({ slot, cwd }) => `${slot} ${cwd}`)
  }

  test('in the revision, in the root while there is none', () => {
    const step = [exec(['true'])]
    expect(
      cwdOf({
        'before:upload': step,
        'after:upload': step,
        'before:build': step,
        build: step,
        verify: step,
        'after:prune': step,
        failed: step,
      }),
    ).toMatchInlineSnapshot(`
      [
        "before:upload /var/webcode",
        "after:upload /var/webcode",
        "before:build /var/webcode",
        "build /var/webcode/shop-1.4.0",
        "verify /var/webcode/shop-1.4.0",
        "after:prune /var/webcode/shop-1.4.0",
        "failed /var/webcode",
      ]
    `)
  })

  test('below it, if it says so', () => {
    expect(cwdOf({ activate: [exec(['true'], { cwd: 'deploy/hooks' })] })).toStrictEqual([
      'activate /var/webcode/shop-1.4.0/deploy/hooks',
    ])
  })

  test('on the runner beside the configuration', () => {
    expect(cwdOf({ activate: [local(['./announce'], { cwd: 'scripts' })] })).toStrictEqual([
      'activate /home/ana/shop/scripts',
    ])
  })
})

describe('the order of steps in a slot', () => {
  test('is recipes with their steps of the stage, hooks, hooks of the stage; ids count through', () => {
    const recipe = defineRecipe({
      name: 'mail',
      stageSteps: ({ stage, paths }) => ({ activate: [exec([`of-${stage}`, paths.link])] }),
      steps: () => ({ activate: [exec(['from-recipe'])] }),
    })
    const plan = planned(
      { activate: [exec(['from-hooks'])] },
      { ...only('web1'), recipes: [recipe], stageHooks: { activate: [exec(['from-stage'])] } },
    )
    expect(
      stepsOn(plan, 'activate', 'web1').map(({ id, origin, title }) => `${id} ${origin}: ${title}`),
    ).toMatchInlineSnapshot(`
      [
        "activate/1 mail: from-recipe",
        "activate/2 mail: of-production /var/webcode/production",
        "activate/3 hooks: from-hooks",
        "activate/4 hooks of production: from-stage",
      ]
    `)
  })
})

describe('the undo of a step', () => {
  const undoes = (hooks: StepsBySlot, hosts = live13) =>
    stepsText(planned(hooks, only('web1'), hosts), 'activate')

  test('of activate: it is run again for the old revision', () => {
    expect(undoes({ activate: [exec(['reload'])] })).toMatchInlineSnapshot(
      `"web1 activate/1 (hooks): reload in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0, undo: reload in /var/webcode/shop-1.3.0 for shop-1.3.0 after shop-1.2.0"`,
    )
  })

  test('of after:switch: the same', () => {
    const plan = planned({ 'after:switch': [exec(['relink'])] }, only('web1'))
    expect(stepsText(plan, 'switch')).toMatchInlineSnapshot(
      `"web1 after:switch/1 (hooks): relink in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0, undo: relink in /var/webcode/shop-1.3.0 for shop-1.3.0 after shop-1.2.0"`,
    )
  })

  test('is what the step says, for the revision that the step was for', () => {
    expect(undoes({ activate: [exec(['start'], { undo: exec(['stop']) })] })).toMatchInlineSnapshot(
      `"web1 activate/1 (hooks): start in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0, undo: stop in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0"`,
    )
  })

  test('is nothing if the step says so', () => {
    expect(undoes({ activate: [exec(['mail'], { undo: false })] })).toMatchInlineSnapshot(
      `"web1 activate/1 (hooks): mail in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0"`,
    )
  })

  test('is nothing where nothing was live before', () => {
    expect(undoes({ activate: [exec(['reload'])] }, seen(factsOf('web1')))).toMatchInlineSnapshot(
      `"web1 activate/1 (hooks): reload in /var/webcode/shop-1.4.0 for shop-1.4.0 after nothing"`,
    )
  })

  test('of any other slot is nothing, unless the step says what', () => {
    const plan = planned(
      {
        'before:switch': [exec(['migrate']), exec(['up'], { undo: exec(['down']) })],
        health: [exec(['look'])],
      },
      only('web1'),
    )
    expect([stepsText(plan, 'switch'), stepsText(plan, 'health')]).toMatchInlineSnapshot(`
      [
        "web1 before:switch/1 (hooks): migrate in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0
      web1 before:switch/2 (hooks): up in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0, undo: down in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0",
        "web1 health/1 (hooks): look in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0",
      ]
    `)
  })

  test('of a probe is the same probe', () => {
    const plan = planned({ activate: [httpProbe('http://127.0.0.1:8000/')] }, only('web1'))
    expect(
      stepsOn(plan, 'activate', 'web1').map(({ undo }) => undo && taskText(undo)),
    ).toMatchInlineSnapshot(`
      [
        "GET http://127.0.0.1:8000/ in /var/webcode/shop-1.3.0 for shop-1.3.0 after shop-1.2.0",
      ]
    `)
  })

  test('of a step of a rollback goes forward again', () => {
    const target = aTarget({ ...only('web1'), hooks: { activate: [exec(['reload'])] } })
    const plan = planOf(planRun(target, live13, toRollBack('1.2.0'), aRun))
    expect(stepsText(plan, 'activate')).toMatchInlineSnapshot(
      `"web1 activate/1 (hooks): reload in /var/webcode/shop-1.2.0 for shop-1.2.0 after shop-1.3.0, undo: reload in /var/webcode/shop-1.3.0 for shop-1.3.0 after shop-1.2.0"`,
    )
  })
})

describe('a step that runs once', () => {
  const hosts = [
    aHost('web2'),
    aHost('web1'),
    aHost('db2', { labels: ['db'] }),
    aHost('db1', { labels: ['db'] }),
  ]
  const fleet = seen(...hosts.map(({ name }) => factsOf(name)))
  const onWhich = (once: boolean | string) => {
    const plan = planned({ 'before:switch': [exec(['migrate'], { once })] }, { hosts }, fleet)
    return plan.hosts.flatMap(({ host }) => (stepsOn(plan, 'switch', host).length > 0 ? [host] : []))
  }

  test('runs on the first host by name, whatever their order', () => {
    expect(onWhich(true)).toStrictEqual(['db1'])
  })

  test('with a label runs on the first host by name that has it', () => {
    expect(onWhich('db')).toStrictEqual(['db1'])
  })

  test('has one number on all hosts, and so have those behind it', () => {
    const steps = [exec(['migrate'], { once: true }), exec(['announce'])]
    const plan = planned({ 'before:switch': steps }, { hosts }, fleet)
    const ids = plan.phases
      .flatMap(phase => [...phase.hosts.values()].flatMap(({ before }) => before))
      .flatMap(({ id, slot }) => (slot === 'before:switch' ? [id] : []))
    expect(new Set(ids)).toEqual(new Set(['before:switch/1', 'before:switch/2']))
    expect(ids.filter(id => id === 'before:switch/2')).toHaveLength(hosts.length)
  })

  test('or on every host, if it does not say once', () => {
    expect(onWhich(false)).toStrictEqual(['web2', 'web1', 'db2', 'db1'])
  })

  test('is a problem where no selected host has the label', () => {
    const target = aTarget({ hooks: { 'before:switch': [exec(['migrate'], { once: 'db' })] } })
    expect(plannedText(planRun(target, live13, toDeploy('1.4.0'), aRun))).toMatchInlineSnapshot(
      `"production ! once-without-host: before:switch: "migrate" runs once, on a host with the label db, and no selected host has it → select a host of production that has the label, or give it to one"`,
    )
  })

  test('is a problem in the slot of failures too', () => {
    const target = aTarget({ hooks: { failed: [exec(['tell'], { once: 'db' })] } })
    expect(planRun(target, live13, toDeploy('1.4.0'), aRun).kind).toBe('refused')
  })

  test('is no problem in a phase that is skipped', () => {
    const target = aTarget({ hooks: { verify: [exec(['check'], { once: 'db' })] } })
    expect(planRun(target, live13, toRollBack('1.2.0'), aRun).kind).toBe('plan')
  })

  describe('when a host is added later, and the others have the revision', () => {
    const three = [aHost('db1', { labels: ['db'] }), aHost('web1'), aHost('web3')]
    const live = ['db1', 'web1'].map(host =>
      factsOf(host, { production: aStageHistory([deployed('1.3.0')]) }),
    )
    const onWeb3 = (once: boolean | string) =>
      planOf(
        planRun(
          aTarget({ hosts: three, hooks: { 'before:switch': [exec(['migrate'], { once })] } }),
          seen(...live, factsOf('web3')),
          toDeploy('1.3.0'),
          aRun,
        ),
      )

    test('runs on the new one, if any host will do', () => {
      expect(stepsOn(onWeb3(true), 'switch', 'web3').map(({ title }) => title)).toStrictEqual(['migrate'])
    })

    test('does not run again on the one with the label, and that is said', () => {
      const plan = onWeb3('db')
      expect(plan.hosts.flatMap(({ host }) => stepsOn(plan, 'switch', host))).toStrictEqual([])
      expect(plan.warnings.map(({ message }) => message)).toMatchInlineSnapshot(`
        [
          "before:switch: "migrate" runs once, on a host with the label db: not again on db1, which already has the revision",
        ]
      `)
    })
  })
})
