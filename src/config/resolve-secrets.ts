import type { Plan } from '../model/plan.ts'
import type { StepsBySlot } from '../model/recipe.ts'
import { StageError } from '../model/stage-error.ts'
import type { EnvValue, Step } from '../model/step.ts'
import type { Target } from '../model/target.ts'
import { Place } from '../recipe/place.ts'

/** Each secret by name, with the first place that needs it. */
export type NeededSecrets = ReadonlyMap<string, string>

type Variables = Readonly<Record<string, EnvValue>>

/** The secrets that a configuration asks for, before anything is known of its hosts. Recipes may ask for more. */
export function secretsOfTarget(target: Target): NeededSecrets {
  const stage = new Place().at('stages').at(target.stage)
  return inOrder([
    ...secretsOfEnv(target.env, new Place().at('env')),
    ...secretsOfSteps(target.verify, new Place().at('verify')),
    ...secretsOfSlots(target.hooks, new Place().at('hooks')),
    ...secretsOfEnv(target.stageEnv, stage.at('env')),
    ...secretsOfSlots(target.stageHooks, stage.at('hooks')),
  ])
}

/** Every secret that a plan's steps need, undo and failure included. */
export function secretsOfPlan(plan: Pick<Plan, 'phases' | 'failed'>): NeededSecrets {
  const phases = plan.phases.flatMap(phase => [...phase.hosts])
  const steps = [
    ...phases.flatMap(([host, { before, inside, after }]) =>
      [...before, ...inside, ...after].map(step => ({ host, step })),
    ),
    ...[...plan.failed].flatMap(([host, failed]) => failed.map(step => ({ host, step }))),
  ]
  return inOrder(
    steps.flatMap(({ host, step }) => {
      const place = new Place().at(host).at(step.id)
      return [
        ...secretsOfEnv(step.env, place.at('env')),
        ...secretsOfEnv(step.undo?.env ?? {}, place.at('undo').at('env')),
      ]
    }),
  )
}

/**
 * The values of the secrets. An empty one counts as missing: that is how most runners of jobs hand out a secret
 * that they do not have.
 *
 * @param environment of the runner
 * @throws StageError `config` naming every secret that is not there
 */
export function resolveSecrets(
  needed: NeededSecrets,
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  const missing = new Map<string, string>()
  for (const [name, where] of needed) {
    const value = environment[name]
    if (value === undefined || value === '') missing.set(name, where)
    else values.set(name, value)
  }
  if (missing.size === 0) return values
  throw new StageError(
    'config',
    missing.size === 1 ? 'a secret is missing' : `${missing.size} secrets are missing`,
    {
      hint: 'set them in the environment of this command',
      problems: [...missing].map(([name, where]) => ({
        code: 'missing-secret',
        where,
        message: `the secret ${name} is ${environment[name] === '' ? 'empty' : 'not set'}`,
        hint: undefined,
        severity: 'error',
      })),
    },
  )
}

function secretsOfSlots(slots: StepsBySlot, place: Place): (readonly [string, string])[] {
  return Object.entries(slots).flatMap(([slot, steps]) => secretsOfSteps(steps, place.at(slot)))
}

function secretsOfSteps(steps: readonly Step[], place: Place): (readonly [string, string])[] {
  return steps.flatMap((step, index) => secretsOfStep(step, place.at(index)))
}

function secretsOfStep(step: Step, place: Place): (readonly [string, string])[] {
  const undo = typeof step.undo === 'object' ? secretsOfStep(step.undo, place.at('undo')) : []
  return [...secretsOfEnv(step.env, place.at('env')), ...undo]
}

function secretsOfEnv(env: Variables, place: Place): (readonly [string, string])[] {
  return Object.entries(env).flatMap(([name, value]) =>
    typeof value === 'string' ? [] : [[value.secret, place.at(name).path] as const],
  )
}

/** The first place of each name. */
function inOrder(found: readonly (readonly [string, string])[]): NeededSecrets {
  return new Map(found.toReversed())
}
