import { describe, expect, test } from 'vitest'
import { type HostFilter, resolveTarget } from '../../src/config/resolve-target.ts'
import { exec } from '../../src/recipe/exec.ts'
import { resolved, said } from './written.ts'

const config = resolved({
  hosts: { web2: 'web2', web1: 'web1', db: 'db' },
  stages: {
    staging: { hosts: ['web1'] },
    production: {
      hosts: ['web2', 'web1', 'db'],
      keepRevisions: 9,
      env: { A: 'b' },
      hooks: { activate: [exec(['x'])] },
    },
  },
  hooks: { health: [exec(['y'])] },
})

const names = (filter?: HostFilter) => {
  const { hosts, leftOut } = resolveTarget(config, 'production', filter)
  return `${hosts.map(host => host.name)} without ${leftOut}`
}

describe('a target', () => {
  test('is one stage with its hosts in order of name', () => {
    expect(names()).toBe('db,web1,web2 without ')
  })

  test('has what the stage says beside what all stages say', () => {
    const { keepRevisions, stageEnv, stageHooks, hooks, stages } = resolveTarget(config, 'production')
    expect({
      keepRevisions,
      stageEnv,
      stages,
      stageHooks: Object.keys(stageHooks),
      hooks: Object.keys(hooks),
    }).toEqual({
      keepRevisions: 9,
      stageEnv: { A: 'b' },
      stages: new Map([
        ['staging', { keepRevisions: 5 }],
        ['production', { keepRevisions: 9 }],
      ]),
      stageHooks: ['activate'],
      hooks: ['health'],
    })
  })

  test('knows the hosts that were left out', () => {
    expect(names({ hosts: ['web2', 'db'] })).toBe('db,web2 without web1')
    expect(names({ except: ['db'] })).toBe('web1,web2 without db')
    expect(names({ hosts: ['web1', 'db'], except: ['db'] })).toBe('web1 without db,web2')
  })

  test('of a stage that does not exist is refused with the one that was probably meant', () => {
    expect(said(() => resolveTarget(config, 'prodution'))).toMatchInlineSnapshot(
      `"usage: there is no stage 'prodution' -> did you mean 'production'? the stages are: staging, production"`,
    )
  })

  test('is refused with every name that is not in the stage', () => {
    expect(
      said(() => resolveTarget(config, 'production', { hosts: ['wbe1', 'web2'], except: ['dv'] })),
    ).toMatchInlineSnapshot(`
      "usage: not every host named is in the stage 'production'
        --hosts: there is no host 'wbe1' in the stage 'production' -> did you mean 'web1'? its hosts are: db, web1, web2
        --except: there is no host 'dv' in the stage 'production' -> did you mean 'db'? its hosts are: db, web1, web2"
    `)
    expect(said(() => resolveTarget(config, 'staging', { hosts: ['web2'] }))).toMatchInlineSnapshot(`
      "usage: not every host named is in the stage 'staging'
        --hosts: there is no host 'web2' in the stage 'staging' -> did you mean 'web1'? its hosts are: web1"
    `)
  })

  test('without a host is refused', () => {
    expect(said(() => resolveTarget(config, 'staging', { except: ['web1'] }))).toMatchInlineSnapshot(
      `"usage: no host of the stage 'staging' is left -> its hosts are: web1"`,
    )
    expect(said(() => resolveTarget(config, 'staging', { hosts: [] }))).toMatchInlineSnapshot(
      `"usage: no host of the stage 'staging' is left -> its hosts are: web1"`,
    )
  })
})
