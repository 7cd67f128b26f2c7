import { describe, expect, test } from 'vitest'
import { resolveSecrets, secretsOfPlan, secretsOfTarget } from '../../src/config/resolve-secrets.ts'
import { resolveTarget } from '../../src/config/resolve-target.ts'
import type { Plan, PlannedStep } from '../../src/model/plan.ts'
import { exec } from '../../src/recipe/exec.ts'
import { secret } from '../../src/recipe/secret.ts'
import { resolved, said } from './written.ts'

const target = resolveTarget(
  resolved({
    env: { PLAIN: 'x', A: secret('TOKEN_A') },
    verify: [exec(['x'], { env: { B: secret('TOKEN_B') } })],
    hooks: {
      verify: [exec(['x'], { env: { G: secret('TOKEN_G') } })],
      activate: [exec(['x'], { undo: exec(['y'], { env: { C: secret('TOKEN_C') } }) })],
    },
    stages: {
      production: {
        hosts: ['web1'],
        env: { D: secret('TOKEN_D'), AGAIN: secret('TOKEN_A') },
        hooks: { health: [exec(['x'], { env: { E: secret('TOKEN_E') } })] },
      },
      staging: { hosts: ['web1'], env: { F: secret('TOKEN_F') } },
    },
  }),
  'production',
)

describe('the secrets of a target', () => {
  test('are those of all stages and of this one, each with the first place where it is written', () => {
    expect(Object.fromEntries(secretsOfTarget(target))).toEqual({
      TOKEN_A: 'env.A',
      TOKEN_B: 'verify[0].env.B',
      TOKEN_G: 'hooks.verify[0].env.G',
      TOKEN_C: 'hooks.activate[0].undo.env.C',
      TOKEN_D: 'stages.production.env.D',
      TOKEN_E: 'stages.production.hooks.health[0].env.E',
    })
  })
})

describe('the secrets of a plan', () => {
  const step = (id: string, name: string): PlannedStep => ({
    id,
    slot: 'activate',
    origin: 'hooks',
    title: id,
    action: { kind: 'exec', argv: ['x'], sudo: false },
    env: { V: secret(name) },
    cwd: '/r',
    timeoutMs: 1_000,
    undo: undefined,
  })

  test('are those of every step on every host, with its undo, and of what runs after a failure', () => {
    const undone: PlannedStep = { ...step('activate/1', 'ONE'), undo: step('undo', 'TWO') }
    const planned: Pick<Plan, 'phases' | 'failed'> = {
      phases: [
        {
          name: 'activate',
          parallel: undefined,
          batches: undefined,
          hosts: new Map([['web1', { before: [step('before/1', 'THREE')], inside: [undone], after: [] }]]),
        },
      ],
      failed: new Map([['web2', [step('failed/1', 'FOUR')]]]),
    }
    expect(new Set(secretsOfPlan(planned).keys())).toEqual(new Set(['ONE', 'TWO', 'THREE', 'FOUR']))
  })
})

describe('resolving secrets', () => {
  const needed = new Map([
    ['ONE', 'env.A'],
    ['TWO', 'env.B'],
  ])

  test('takes them from the environment of the runner', () => {
    expect(resolveSecrets(needed, { ONE: '1', TWO: '2', THREE: '3' })).toEqual(
      new Map([
        ['ONE', '1'],
        ['TWO', '2'],
      ]),
    )
  })

  test('names every one that is missing, and takes an empty one for missing', () => {
    expect(said(() => resolveSecrets(needed, { TWO: '' }))).toMatchInlineSnapshot(`
      "config: 2 secrets are missing -> set them in the environment of this command
        env.A: the secret ONE is not set
        env.B: the secret TWO is empty"
    `)
  })
})
