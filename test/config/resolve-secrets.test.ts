import { describe, expect, test } from 'vitest'
import { type NeededSecret, secretsOfPlan, secretsOfTarget } from '../../src/config/resolve-secrets.ts'
import { resolveTarget } from '../../src/config/resolve-target.ts'
import type { HostPlan, Plan, PlannedStep } from '../../src/model/plan.ts'
import { exec } from '../../src/recipe/exec.ts'
import { secret } from '../../src/recipe/secret.ts'
import { resolved } from './written.ts'

/** Not among those of a target: before a plan no host can be asked. */
const ofHost = secret('TOKEN_H', { host: 'web1', command: ['print-token'] })
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
        hooks: { health: [exec(['x'], { env: { E: secret('TOKEN_E'), H: ofHost } })] },
      },
      staging: { hosts: ['web1'], env: { F: secret('TOKEN_F') } },
    },
  }),
  'production',
)

const byName = (needed: readonly NeededSecret[]) =>
  Object.fromEntries(needed.map(({ secret: { secret }, where }) => [secret, where]))

describe('the secrets of a target', () => {
  test('are those of all stages and of this one, each with the first place where it is written', () => {
    expect(byName(secretsOfTarget(target))).toEqual({
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
  const aHostPlan: HostPlan = {
    host: 'web3',
    root: '/r',
    stands: true,
    live: 'shop-1.3.0',
    wanted: 'shop-1.4.0',
    basis: { linkText: undefined, previous: undefined, verdict: undefined, sha256: undefined, open: ['s4'] },
    from: undefined,
    to: 'shop-1.4.0',
    closes: undefined,
    putBackFirst: { switches: [], undoes: undefined, tasks: [] },
    makes: [],
    prune: [],
    pruneInstead: [],
    pruneLater: 0,
  }
  const step = (id: string, name: string): PlannedStep => ({
    id,
    slot: 'activate',
    origin: 'hooks',
    title: id,
    action: { kind: 'exec', argv: ['x'], sudo: false },
    env: { V: secret(name) },
    cwd: '/r',
    timeoutMs: 1_000,
    timeoutOption: '`timeout`',
    undo: undefined,
  })

  test('are those of every step on every host, with its undo, of what is put back first, and of what runs after a failure', () => {
    const undone: PlannedStep = { ...step('activate/1', 'ONE'), undo: step('undo', 'TWO') }
    const planned: Pick<Plan, 'hosts' | 'phases' | 'failed'> = {
      hosts: [
        { ...aHostPlan, putBackFirst: { switches: ['s4'], undoes: undefined, tasks: [step('', 'FIVE')] } },
      ],
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
    expect(Object.keys(byName(secretsOfPlan(planned))).toSorted()).toEqual([
      'FIVE',
      'FOUR',
      'ONE',
      'THREE',
      'TWO',
    ])
  })
})
