import { expect, test } from 'vitest'
import { service } from '../../../recipes/service.ts'
import { defineRecipe, exec, fact } from '../../../src/index.ts'
import type { RevisionFacts } from '../../../src/model/facts.ts'
import type { PlannedStep } from '../../../src/model/plan.ts'
import type { Target } from '../../../src/model/target.ts'
import { checkQuestions } from '../../../src/plan/check/check-stage.ts'
import { chooseRollback } from '../../../src/plan/choose-rollback.ts'
import { planRecovery } from '../../../src/plan/plan-recovery.ts'
import { planRun } from '../../../src/plan/plan-run.ts'
import { findRecovery } from '../../../src/plan/recovery.ts'
import { aHost, aRevision, aRun, aTarget, digestOf, factsOf, seen, toDeploy } from '../../support/builders.ts'
import { planOf } from '../../support/plan-text.ts'
import { aStageHistory, linkTo } from '../../support/stage-histories.ts'

/** Says the name of the project wherever a recipe is told of it. */
const naming = defineRecipe({
  name: 'naming',
  steps: ({ revision }) => ({ activate: [exec(['activate', revision.project])] }),
  stageSteps: ({ revision }) => ({ health: [exec(['health', revision.project])] }),
  expect: ({ project }) => [
    {
      field: 'project',
      expected: project,
      actual: fact(['true'], out => out),
      mend: { kind: 'advice', text: 'none' },
    },
  ],
})

const manager = { user: 'deploy', home: '/home/deploy', definitions: new Map(), systemd: true, linger: true }
const answers = new Map([
  ['service-radicale', { manager: { ...manager, userManager: true, readers: new Map() } }],
])

/** The configuration says `radicale`, every sdist `Radicale`. */
const target: Target = aTarget({
  project: 'radicale',
  hosts: [aHost('web1')],
  recipes: [naming, service({ name: 'radicale', command: ['serve'] })],
})
const revision = (version: string, changes: Partial<RevisionFacts> = {}): RevisionFacts =>
  aRevision(version, { name: `Radicale-${version}`, project: 'Radicale', ...changes })
const names = ['Radicale-3.2', 'Radicale-3.1'] as const
const history = aStageHistory([], {
  link: linkTo(names[0]),
  stack: names,
  wasLive: names.map(name => ({ revision: name, sha256: digestOf(name.slice(-3)), takenBack: false })),
})
const root = { project: 'radicale', boundBy: 'Radicale-3.1 and 1 more stand in it' }
const facts = (production = history) =>
  factsOf(
    'web1',
    { production },
    {
      ...{ revisions: [revision('3.1'), revision('3.2')], answers, root },
      programs: new Map([['systemctl', '/bin/systemctl']]),
    },
  )
const observations = seen(facts())

const stepsOf = (plan: ReturnType<typeof planOf>): readonly PlannedStep[] =>
  plan.phases.flatMap(({ hosts }) =>
    [...hosts.values()].flatMap(own => [...own.before, ...own.inside, ...own.after]),
  )

const projectsTold = (plan: ReturnType<typeof planOf>) => [
  ...new Set(
    stepsOf(plan).flatMap(({ env, undo }) => [
      env['DEPLOY_PROJECT'],
      ...(undo === undefined ? [] : [undo.env['DEPLOY_PROJECT']]),
    ]),
  ),
]

test('what a switch writes of a project, and what a check expects of it, are spelt as its sdist is', () => {
  const deploy = toDeploy('3.3', {
    wanted: { ...toDeploy('3.3').wanted, name: 'Radicale-3.3', project: 'Radicale' },
  })
  const back = chooseRollback(target, observations, undefined)
  if (back.kind === 'refused') throw new Error('there is nothing to roll back to')
  for (const request of [deploy, { ...deploy, intent: 'rollback', wanted: back.value } as const]) {
    const plan = planOf(planRun(target, observations, request, aRun))
    expect(projectsTold(plan)).toEqual(['Radicale'])
    const definition = stepsOf(plan).find(({ action }) => action.kind === 'write-file')
    expect(JSON.stringify(definition?.action)).toContain('DEPLOY_PROJECT=Radicale')
    expect(stepsOf(plan).flatMap(({ action }) => ('argv' in action ? [action.argv.join(' ')] : []))).toEqual(
      expect.arrayContaining(['activate Radicale', 'health Radicale']),
    )
  }
  const [question] = checkQuestions(target, observations)
  expect(question?.expectations.find(({ field }) => field === 'project')?.expected).toBe('Radicale')
  const definition = question?.expectations.find(({ field }) => field.endsWith(': definition'))
  expect(JSON.stringify(definition?.actual.argv)).toContain('DEPLOY_PROJECT=Radicale')
})

test('a recovery spells it so too, whichever way it goes', () => {
  const record = { from: names[1], to: names[0], hosts: ['web1', 'web2'] }
  const split = (state: 'kept' | 'put-back') =>
    aStageHistory([{ kind: 'deploy', to: names[0], state, changes: record }], {
      link: linkTo(state === 'kept' ? names[0] : names[1]),
      stack: names,
      wasLive: history.wasLive,
    })
  const both = { ...target, hosts: [aHost('web1'), aHost('web2')] }
  const found = findRecovery(
    both,
    seen(facts(split('kept')), {
      ...facts(split('put-back')),
      host: 'web2',
      root: { ...facts().root, id: 'of web2' },
    }),
  )
  if (found.kind !== 'split') throw new Error('there is no split')
  for (const way of ['back', 'forward'] as const) {
    const planned = planRecovery(both, found.recovery, way, aRun)
    if (planned.kind === 'refused') throw new Error(planned.problems.map(({ message }) => message).join())
    expect(projectsTold(planned.plan)).toEqual(['Radicale'])
  }
})

test('where nothing is live it is spelt as it is configured', () => {
  const [question] = checkQuestions(target, seen(facts(aStageHistory([]))))
  expect(question?.expectations.find(({ field }) => field === 'project')?.expected).toBe('radicale')
})
