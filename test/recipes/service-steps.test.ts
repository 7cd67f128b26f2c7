import { describe, expect, test } from 'vitest'
import type { ServiceOptions } from '../../recipes/service/options.ts'
import { service } from '../../recipes/service.ts'
import { aContext } from './contexts.ts'

const worker = { name: 'shop', command: ['.env/bin/worker'] } as const
const able = {
  ...{ user: 'deploy', home: '/home/deploy', systemd: true, linger: true, userManager: true },
  ...{ supervisor: undefined, definitions: new Map<string, string>() },
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

  test('are undone by one step, which brings back the definition before it restarts', () => {
    const { activate = [] } = service(worker).stageSteps(contextOf())
    expect(activate.map(({ undo }) => (undo ? undo.title : undo))).toEqual([
      false,
      false,
      'put shop-production back, restart it',
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
        "no service manager of deploy is running: install dbus-user-session (Debian), then, as root, run \`loginctl enable-linger deploy\`",
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

  test('by nothing that its manager does not need', () => {
    expect(check({ ...worker, manager: 'systemd' }, { linger: false, userManager: false })).toEqual([])
    expect(check({ ...worker, manager: 'supervisor' }, { systemd: false, linger: false })).toEqual([])
  })
})
