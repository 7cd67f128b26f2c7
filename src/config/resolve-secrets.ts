import type { Plan } from '../model/plan.ts'
import type { StepsBySlot } from '../model/recipe.ts'
import type { EnvValue, Secret, Step } from '../model/step.ts'
import type { Target } from '../model/target.ts'
import { Place } from '../recipe/place.ts'

/** A secret, and a place that needs it. */
export interface NeededSecret {
  readonly secret: Secret
  readonly where: string
}

type Variables = Readonly<Record<string, EnvValue>>

/**
 * The secrets that a configuration asks for, before anything is known of its hosts: none that a host has to be asked for.
 * Recipes may ask for more.
 */
export function secretsOfTarget(target: Target): readonly NeededSecret[] {
  const stage = new Place().at('stages').at(target.stage)
  return eachOnce([
    ...secretsOfEnv(target.env, new Place().at('env')),
    ...secretsOfSteps(target.verify, new Place().at('verify')),
    ...secretsOfSlots(target.hooks, new Place().at('hooks')),
    ...secretsOfEnv(target.stageEnv, stage.at('env')),
    ...secretsOfSlots(target.stageHooks, stage.at('hooks')),
  ]).filter(({ secret }) => secret.host === undefined)
}

/** Every secret that a plan's steps need: undo, failure, and what an earlier run left to be put back included. */
export function secretsOfPlan(plan: Pick<Plan, 'hosts' | 'phases' | 'failed'>): readonly NeededSecret[] {
  const phases = plan.phases.flatMap(phase => [...phase.hosts])
  const steps = [
    ...phases.flatMap(([host, { before, inside, after }]) =>
      [...before, ...inside, ...after].map(step => ({ host, step })),
    ),
    ...[...plan.failed].flatMap(([host, failed]) => failed.map(step => ({ host, step }))),
  ]
  const first = plan.hosts.flatMap(({ host, putBackFirst }) =>
    putBackFirst.tasks.flatMap(({ env }) => secretsOfEnv(env, new Place().at(host).at('put-back').at('env'))),
  )
  return eachOnce([
    ...first,
    ...steps.flatMap(({ host, step }) => {
      const place = new Place().at(host).at(step.id)
      return [
        ...secretsOfEnv(step.env, place.at('env')),
        ...secretsOfEnv(step.undo?.env ?? {}, place.at('undo').at('env')),
      ]
    }),
  ])
}

function secretsOfSlots(slots: StepsBySlot, place: Place): readonly NeededSecret[] {
  return Object.entries(slots).flatMap(([slot, steps]) => secretsOfSteps(steps, place.at(slot)))
}

function secretsOfSteps(steps: readonly Step[], place: Place): readonly NeededSecret[] {
  return steps.flatMap((step, index) => secretsOfStep(step, place.at(index)))
}

function secretsOfStep(step: Step, place: Place): readonly NeededSecret[] {
  const undo = typeof step.undo === 'object' ? secretsOfStep(step.undo, place.at('undo')) : []
  return [...secretsOfEnv(step.env, place.at('env')), ...undo]
}

function secretsOfEnv(env: Variables, place: Place): readonly NeededSecret[] {
  return Object.entries(env).flatMap(([name, value]) =>
    typeof value === 'string' ? [] : [{ secret: value, where: place.at(name).path }],
  )
}

/** The first place of each; one that is written in two ways stays twice. */
function eachOnce(found: readonly NeededSecret[]): readonly NeededSecret[] {
  return [...new Map(found.toReversed().map(one => [JSON.stringify(one.secret), one])).values()].toReversed()
}
