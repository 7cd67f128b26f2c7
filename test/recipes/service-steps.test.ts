import { describe, expect, test } from 'vitest'
import type { ServiceOptions } from '../../recipes/service/options.ts'
import { service } from '../../recipes/service.ts'
import { aContext } from './contexts.ts'

const worker = { name: 'shop', command: ['.env/bin/worker'] } as const
const able = {
  ...{ user: 'deploy', home: '/home/deploy', systemd: true, linger: true, userManager: true },
  ...{ supervisor: undefined, definitions: new Map<string, string>() },
  ...{ unlisted: undefined, readers: new Map<string, string>() },
}
const contextOf = (manager: object = {}) => ({ ...aContext([]), facts: { manager: { ...able, ...manager } } })

const told = (options: ServiceOptions, where = contextOf()) =>
  Object.entries(service(options).stageSteps(where)).flatMap(([slot, steps]) =>
    steps.map(step => `${slot}: ${'sudo' in step && step.sudo ? 'as root, ' : ''}${step.title}`),
  )

describe('the steps of a service', () => {
  test('of the account write its unit, restart it, and look where it runs', () => {
    expect(told(worker)).toMatchInlineSnapshot(`
      [
        "activate: make /home/deploy/.config/systemd/user",
        "activate: write /home/deploy/.config/systemd/user/shop-production.service",
        "activate: restart shop-production, with its definition where that changed",
        "health: shop-production runs in My.Shop-1.4.0",
      ]
    `)
  })

  test('of the system are those of root', () => {
    expect(told({ ...worker, manager: 'systemd' })).toMatchInlineSnapshot(`
      [
        "activate: as root, write /etc/systemd/system/shop-production.service",
        "activate: as root, restart shop-production, with its definition where that changed",
        "health: as root, shop-production runs in My.Shop-1.4.0",
      ]
    `)
  })

  test('under a supervisord of the account need no root', () => {
    expect(
      told({
        ...worker,
        manager: 'supervisor',
        supervisor: { sudo: false, directory: '/home/deploy/conf.d' },
      }),
    ).toMatchInlineSnapshot(`
      [
        "activate: write /home/deploy/conf.d/shop-production.conf",
        "activate: restart shop-production, with its definition where that changed",
        "health: shop-production runs in My.Shop-1.4.0",
      ]
    `)
  })

  test('are undone by one step, which brings back the definition before it restarts, and then nothing is left beside it', () => {
    const { activate = [] } = service({ ...worker, manager: 'systemd' }).stageSteps(contextOf())
    const undo = activate.map(step => (step.undo ? step.undo : undefined))
    expect(undo.map(step => step?.title)).toEqual([
      'remove /etc/systemd/system/shop-production.service.next, if it is there',
      'put shop-production back, restart it',
    ])
    expect(undo.map(step => step?.kind === 'exec' && step.sudo)).toEqual([true, true])
  })

  test('of the account are undone without root', () => {
    const { activate = [] } = service(worker).stageSteps(contextOf())
    expect(activate.map(({ undo }) => undo && undo.kind === 'exec' && undo.sudo)).toEqual([
      false,
      false,
      false,
    ])
  })
})

describe('a host is refused', () => {
  const check = (options: ServiceOptions, manager: object) => service(options).check(contextOf(manager))

  test('that was not booted with systemd', () => {
    expect(check(worker, { systemd: false })).toMatchInlineSnapshot(`
      [
        "this host was not booted with systemd: with manager: 'supervisor' a service is run by supervisord",
      ]
    `)
    expect(check({ ...worker, manager: 'systemd' }, { systemd: false })).toHaveLength(1)
  })

  test('on which services of the account end with its session', () => {
    expect(check(worker, { linger: false })).toMatchInlineSnapshot(`
      [
        "services of deploy would end with its last session, and not start with the host: as root, run \`loginctl enable-linger deploy\`",
      ]
    `)
    expect(check(worker, { userManager: false })).toMatchInlineSnapshot(`
      [
        "no service manager of deploy answers: install dbus-user-session where that is missing (Debian), then, as root, run \`systemctl restart user@$(id -u deploy)\`",
      ]
    `)
  })

  test('whose supervisord does not answer', () => {
    expect(check({ ...worker, manager: 'supervisor' }, { supervisor: false })).toMatchInlineSnapshot(`
      [
        "supervisord does not answer to \`supervisorctl -c /etc/supervisor/supervisord.conf pid\`: start it, or say supervisor: { config, directory, sudo }",
      ]
    `)
  })

  test('that has a definition of that name which was not written for this stage', () => {
    const path = '/home/deploy/.config/systemd/user/shop-production.service'
    const definitions = (first: string) => ({ definitions: new Map([[path, first]]) })
    expect(check(worker, definitions('[Unit]'))).toMatchInlineSnapshot(`
      [
        "/home/deploy/.config/systemd/user/shop-production.service was not written for /var/webcode/production: move it away, or give the service another name",
      ]
    `)
    const own =
      '# Written by stage-deploy for /var/webcode/production: it is written anew when the stage is switched'
    expect(check(worker, definitions(own))).toEqual([])
    expect(check(worker, definitions(own.replace('/var/webcode', '/srv/other')))).toHaveLength(1)
  })

  test('where the definitions that are there cannot be listed', () => {
    expect(check(worker, { unlisted: 'Permission denied' })).toMatchInlineSnapshot(`
      [
        "/home/deploy/.config/systemd/user cannot be listed (Permission denied), so whose definitions are there is unknown: let this account read it",
      ]
    `)
  })

  test('where whom the service runs as cannot read the variables of the stage', () => {
    const readers = { readers: new Map([['production', 'deploy']]) }
    const supervised = { ...worker, manager: 'supervisor' } as const
    expect(check({ ...supervised, user: 'www-data' }, readers)).toMatchInlineSnapshot(`
      [
        "www-data, as whom shop-production runs, cannot read /var/webcode/shared/production.env, which is for deploy alone: chown it to www-data; with the recipe django that needs secretKey: false",
      ]
    `)
    const byRoot = { readers: new Map([['production', 'root']]) }
    expect(check(supervised, byRoot)).toMatchInlineSnapshot(`
      [
        "deploy, as whom shop-production runs, cannot read /var/webcode/shared/production.env, which is for root alone: chown it to deploy",
      ]
    `)
    expect(check(worker, byRoot)).toHaveLength(1)
  })

  test('not where it can, or where systemd reads them as root', () => {
    const of = (owner: string) => ({ readers: new Map([['production', owner]]) })
    const supervised = { ...worker, manager: 'supervisor' } as const
    expect(check(supervised, of('deploy'))).toEqual([])
    expect(check({ ...supervised, user: 'www-data' }, of('www-data'))).toEqual([])
    expect(check({ ...supervised, user: 'root' }, of('deploy'))).toEqual([])
    expect(check({ ...supervised, user: 'www-data' }, { readers: new Map([['staging', 'deploy']]) })).toEqual(
      [],
    )
    expect(check({ ...worker, manager: 'systemd', user: 'www-data' }, of('deploy'))).toEqual([])
  })

  test('by nothing that its manager does not need', () => {
    expect(check({ ...worker, manager: 'systemd' }, { linger: false, userManager: false })).toEqual([])
    expect(check({ ...worker, manager: 'supervisor' }, { systemd: false, linger: false })).toEqual([])
  })
})
