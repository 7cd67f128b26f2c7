import { describe, expect, test } from 'vitest'
import type { SudoAnswer } from '../../src/model/facts.ts'
import type { StepsBySlot } from '../../src/model/recipe.ts'
import { planRun, sudoToAsk } from '../../src/plan/plan-run.ts'
import { exec } from '../../src/recipe/exec.ts'
import { secret } from '../../src/recipe/secret.ts'
import { writeFile } from '../../src/recipe/write-file.ts'
import { aRun, aTarget, factsOf, seen, toDeploy } from '../support/builders.ts'
import { plannedText, planOf, stepsText } from '../support/plan-text.ts'
import { aStageHistory, deployed } from '../support/stage-histories.ts'

const reload = exec(['systemctl', 'reload', 'shop'], { sudo: true })

const hosts = (sudo: readonly SudoAnswer[] = []) =>
  seen(
    ...['web1', 'web2'].map(name =>
      factsOf(name, { production: aStageHistory([deployed('1.3.0')]) }, { sudo }),
    ),
  )

const asked = (hooks: StepsBySlot) =>
  Object.fromEntries(sudoToAsk(aTarget({ hooks }), hosts(), toDeploy('1.4.0')))

describe('sudo', () => {
  test('is asked about the command of every host that needs it, and about any', () => {
    const commands = [['true'], ['systemctl', 'reload', 'shop']]
    expect(asked({ activate: [reload, reload] })).toEqual({ web1: commands, web2: commands })
    expect(asked({ activate: [exec(['systemctl', 'reload', 'shop'], { sudo: true, once: true })] })).toEqual({
      web1: commands,
    })
  })

  test('is asked about what undoes a step, and what runs after a failure', () => {
    expect(asked({ activate: [exec(['x'], { undo: reload })] })['web1']).toHaveLength(2)
    expect(asked({ failed: [reload] })['web1']).toHaveLength(2)
  })

  test('is not asked about what may not be built yet, nor for what does not need it', () => {
    for (const program of ['.env/bin/python', '/var/webcode/shop-1.4.0/bin/x', '@python'])
      expect(asked({ activate: [exec([program], { sudo: true })] })['web1']).toEqual([['true']])
    expect(asked({ activate: [writeFile('/etc/x', '', { sudo: true })] })['web1']).toEqual([['true']])
    expect(asked({ activate: [exec(['x'])] })).toEqual({})
  })

  test('that refuses, or was not asked, refuses the run once for each host', () => {
    const refusing = hosts([
      { argv: ['true'], refusal: undefined },
      { argv: ['systemctl', 'reload', 'shop'], refusal: 'exit 1' },
    ])
    const target = aTarget({ hooks: { activate: [reload] } })
    expect(plannedText(planRun(target, refusing, toDeploy('1.4.0'), aRun))).toMatchInlineSnapshot(`
      "web1 ! sudo: sudo does not let deploy run \`systemctl reload shop\`: exit 1 → as root on web1, with visudo: add it to the rule of deploy
      web2 ! sudo: sudo does not let deploy run \`systemctl reload shop\`: exit 1 → as root on web2, with visudo: add it to the rule of deploy"
    `)
    expect(plannedText(planRun(target, hosts(), toDeploy('1.4.0'), aRun))).toMatchInlineSnapshot(`
      "web1 ! sudo: steps need sudo, which does not let deploy run programs without a password, with their variables: it was not asked → as root on web1, with visudo: deploy ALL=(root) NOPASSWD: ALL, or NOPASSWD:SETENV: with /usr/bin/true and what the steps run
      web2 ! sudo: steps need sudo, which does not let deploy run programs without a password, with their variables: it was not asked → as root on web2, with visudo: deploy ALL=(root) NOPASSWD: ALL, or NOPASSWD:SETENV: with /usr/bin/true and what the steps run"
    `)
  })
})

describe('a file', () => {
  const planned = (hooks: StepsBySlot) => planRun(aTarget({ hooks }), hosts(), toDeploy('1.4.0'), aRun)

  test('is rendered for every host, and for the old revision in its undo; a secret stays a name', () => {
    const text = 'v={{ DEPLOY_VERSION }} {{ TOKEN }}'
    const step = writeFile('{{ DEPLOY_SHARED }}/{{ DEPLOY_STAGE }}', text, { env: { TOKEN: secret('T') } })
    expect(stepsText(planOf(planned({ activate: [step] })), 'activate')).toMatchInlineSnapshot(`
      "web1 activate/1 (hooks): write /var/webcode/shared/production 0600 ["v=1.4.0 ",{"secret":"T"}] in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0, undo: write /var/webcode/shared/production 0600 ["v=1.3.0 ",{"secret":"T"}] in /var/webcode/shop-1.3.0 for shop-1.3.0 after nothing
      web2 activate/1 (hooks): write /var/webcode/shared/production 0600 ["v=1.4.0 ",{"secret":"T"}] in /var/webcode/shop-1.4.0 for shop-1.4.0 after shop-1.3.0, undo: write /var/webcode/shared/production 0600 ["v=1.3.0 ",{"secret":"T"}] in /var/webcode/shop-1.3.0 for shop-1.3.0 after nothing"
    `)
  })

  test('that is not absolute stands below the directory of its step', () => {
    const step = writeFile('VERSION', '', { cwd: 'src' })
    expect(stepsText(planOf(planned({ 'after:build': [step] })), 'build')).toMatchInlineSnapshot(`
      "web1 after:build/1 (hooks): write /var/webcode/shop-1.4.0/src/VERSION 0644 [] in /var/webcode/shop-1.4.0/src for shop-1.4.0
      web2 after:build/1 (hooks): write /var/webcode/shop-1.4.0/src/VERSION 0644 [] in /var/webcode/shop-1.4.0/src for shop-1.4.0"
    `)
  })

  test('that asks for what its step does not have refuses the run, with what there is', () => {
    const text = '{{ DEPLOY_STAGE }} {{ TOKEN }} {{ constructor }}'
    expect(plannedText(planned({ verify: [writeFile('x', text)] }))).toMatchInlineSnapshot(`
      "web1 ! template: write x: its template asks for DEPLOY_STAGE, TOKEN, constructor → the step has: DEPLOY_HOST, DEPLOY_PATH, DEPLOY_PRODUCTS, DEPLOY_PROJECT, DEPLOY_RECORD, DEPLOY_REVISION, DEPLOY_ROOT, DEPLOY_SDIST, DEPLOY_SHARED, DEPLOY_VERSION
      web2 ! template: write x: its template asks for DEPLOY_STAGE, TOKEN, constructor → the step has: DEPLOY_HOST, DEPLOY_PATH, DEPLOY_PRODUCTS, DEPLOY_PROJECT, DEPLOY_RECORD, DEPLOY_REVISION, DEPLOY_ROOT, DEPLOY_SDIST, DEPLOY_SHARED, DEPLOY_VERSION"
    `)
  })

  test('whose path names a secret refuses the run: paths are shown', () => {
    const step = writeFile('/etc/{{ TOKEN }}', '', { env: { TOKEN: secret('T') } })
    expect(plannedText(planned({ activate: [step] }))).toMatch(/web1 ! template: .*T, a secret, in its path/)
  })
})
