import { StageError } from 'stage-deploy'
import { describe, expect, test } from 'vitest'
import type { ServiceOptions } from '../../recipes/service/options.ts'
import { readSettings } from '../../recipes/service/settings.ts'
import { service } from '../../recipes/service.ts'
import { problemsOf } from '../config/written.ts'

/** Options as JSON or YAML can give them: of any shape. */
function faultsOf(written: unknown): string {
  try {
    Reflect.apply(service, undefined, [written])
    return ''
  } catch (error) {
    if (!(error instanceof StageError)) throw error
    return error.problems.map(({ where, message }) => `${where}: ${message}`).join('\n')
  }
}

const web = { name: 'shop', server: 'gunicorn', app: 'shop.wsgi', listen: 8000 } as const
const worker = { name: 'shop-worker', command: ['.env/bin/celery', 'worker'] } as const

test('a name, a program and where it listens are enough', () => {
  expect(readSettings(web)).toMatchInlineSnapshot(`
    {
      "directory": undefined,
      "env": {},
      "listening": {
        "kind": "everywhere",
        "place": {
          "address": "127.0.0.1",
          "kind": "port",
          "port": 8000,
        },
      },
      "manager": "systemd-user",
      "name": "shop",
      "ownStart": false,
      "program": {
        "app": "shop.wsgi",
        "args": [],
        "environment": ".env",
        "kind": "server",
        "server": "gunicorn",
        "workers": undefined,
      },
      "reload": undefined,
      "restart": "on-failure",
      "startMs": 120000,
      "steadyMs": 3000,
      "supervisor": {
        "config": "/etc/supervisor/supervisord.conf",
        "directory": "/etc/supervisor/conf.d",
        "sudo": true,
      },
      "user": undefined,
      "withinMs": 30000,
    }
  `)
})

test('a program that listens nowhere is one too', () => {
  expect(readSettings(worker).listening).toEqual({ kind: 'nowhere' })
})

test('everything that is wrong is said at once', () => {
  expect(
    faultsOf({
      ...web,
      name: 'My Shop',
      listen: 'somewhere',
      workers: 0,
      env: { DEPLOY_STAGE: 'x' },
      worker: 3,
    }),
  ).toMatchInlineSnapshot(`
    "name: expected lower-case letters, digits and -: 'shop', found a text
    listen: expected a port, 'address:port', the absolute path of a socket, or one of these for each stage: { production: 8000 }, found a text
    workers: expected a whole number of at least 1, found a number
    env: expected variables by name, texts in one line, none of which begins with DEPLOY_, found an object
    worker: there is no such option: there are name, manager, server, app, listen, workers, args, environment, command, user, restart, directory, env, reload, start, within, steady, supervisor"
  `)
})

test.each<[string, object, string]>([
  ['no program', { name: 'shop' }, 'server: expected a server, or a command, found nothing'],
  [
    'two programs',
    { ...web, command: ['true'] },
    [
      'command: there is a server already: one of the two',
      'command: it is not told where to listen: write {port} or {socket}, here or in env',
    ].join('\n'),
  ],
  [
    'a server without an application',
    { name: 'shop', server: 'uvicorn', listen: 8000 },
    `app: expected module:object, such as 'shop.wsgi:application', found nothing`,
  ],
  [
    'a server that listens nowhere',
    { name: 'shop', server: 'uvicorn', app: 'shop' },
    'listen: expected a port or a socket, found nothing',
  ],
  [
    'a user unit of another user',
    { ...web, user: 'www-data' },
    `user: a user unit runs as the deploy account; manager: 'systemd' runs it as another one`,
  ],
  [
    'a supervisord that is not the manager',
    { ...web, supervisor: { sudo: false } },
    `supervisor: only with manager: 'supervisor'`,
  ],
  [
    'a reload by which gunicorn stays where it is',
    { ...web, reload: 'HUP' },
    'reload: gunicorn stays in the revision that it was started in, whatever signal it gets: leave it out',
  ],
  [
    'a line break, which no unit can hold',
    { name: 'shop', command: ['echo', 'a\nb'] },
    'command: expected a program and its arguments as a list, without control characters, or such a list for each stage, found a list',
  ],
  [
    'a program that is not told where to listen',
    { ...worker, listen: 8000 },
    'command: it is not told where to listen: write {port} or {socket}, here or in env',
  ],
  [
    'a command of one of the stages that is not told where to listen',
    { name: 'shop', listen: 8000, command: { staging: ['serve', '{port}'], production: ['serve'] } },
    'command: it is not told where to listen: write {port} or {socket}, here or in env',
  ],
  [
    'commands of no stage',
    { name: 'shop', command: {} },
    'command: expected a program and its arguments as a list, without control characters, or such a list for each stage, found an object',
  ],
  [
    'a placeholder for a place that is not said',
    { name: 'shop', command: ['serve', '{port}'] },
    'listen: expected where it listens, since there is a {port}, found nothing',
  ],
  [
    'no options',
    {},
    [
      'name: expected the first half of the name of its unit, found nothing',
      'server: expected a server, or a command, found nothing',
    ].join('\n'),
  ],
])('is refused: %s', (_, written, said) => {
  expect(faultsOf(written)).toBe(said)
})

test.each([null, [], 'shop'])('%j is no options', written => {
  expect(faultsOf(written)).toBe('name: expected options: a name, and a server or a command, found nothing')
})

test.each<[unknown, boolean]>([
  [8000, true],
  ['0.0.0.0:80', true],
  ['[::1]:8000', true],
  ['/run/shop/{stage}.sock', true],
  [{ production: 8000, staging: '/run/staging.sock' }, true],
  [0, false],
  [65_536, false],
  ['8000', false],
  [':8000', false],
  ['::1:8000', false],
  ['run/shop.sock', false],
  ['/run/', false],
  [{}, false],
  [{ production: 'x' }, false],
])('listen: %j is accepted: %j', (listen, accepted) => {
  expect(faultsOf({ ...web, listen }) === '').toBe(accepted)
})

describe('two stages on one host', () => {
  const both = {
    hosts: { web1: 'web1.example.com' },
    stages: { staging: { hosts: ['web1'] }, production: { hosts: ['web1'] } },
  }
  const said = (options: ServiceOptions, more: readonly ServiceOptions[] = []) =>
    problemsOf({ ...both, recipes: [options, ...more].map(service) })

  test('need a port each', () => {
    expect(said({ ...web, listen: { staging: 8001, production: 8000 } })).toBe('accepted')
    expect(said(web)).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        recipes[0]: on web1, port 8000 is wanted twice: by service-shop of 'staging' and by service-shop of 'production' -> give each of them one of its own"
    `)
  })

  test('need a socket each, which the stage can name', () => {
    expect(said({ ...web, listen: '/run/shop-{stage}.sock' })).toBe('accepted')
    expect(said({ ...web, listen: '/run/shop.sock' })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        recipes[0]: on web1, socket /run/shop.sock is wanted twice: by service-shop of 'staging' and by service-shop of 'production' -> give each of them one of its own"
    `)
  })

  test('are all told where to listen, and on what they can', () => {
    expect(said({ ...web, listen: { production: 8000 } })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        recipes[0]: the service 'shop' does not say where it listens on the stage 'staging' -> write it: listen: { 'staging': 8000 }"
    `)
    expect(
      said({
        name: 'shop',
        command: ['serve', '{port}'],
        listen: { staging: 8001, production: '/run/p.sock' },
      }),
    ).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        recipes[0]: there is a {port} in what it runs, and on the stage 'production' it listens elsewhere -> {port} and {address} are of a port, {socket} is of a socket"
    `)
  })

  test('may have services that would have one unit: it is said', () => {
    const stages = { a: { hosts: ['web1'] }, 'b-a': { hosts: ['web1'] } }
    const recipes = [service({ ...worker, name: 'shop-b' }), service({ ...worker, name: 'shop' })]
    expect(problemsOf({ ...both, stages, recipes })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        recipes[1]: on web1, the unit shop-b-a of /var/webcode is wanted twice: by service-shop-b of 'a' and by service-shop of 'b-a' -> give each of them one of its own"
    `)
  })
})
