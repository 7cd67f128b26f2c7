import { expect, test } from 'vitest'
import type { HostName, PhaseName } from '../../src/model/names.ts'
import type { HostPlan, HostSteps, Plan, PlannedPhase, PlannedStep } from '../../src/model/plan.ts'
import { formatPlan, planAsJson } from '../../src/report/plan-table.ts'
import { aProblem, noon } from './builders.ts'

const home = '/var/webcode/shop-1.4.0'

const aStep = (changes: Partial<PlannedStep> = {}): PlannedStep => ({
  id: 'build/1',
  slot: 'build',
  origin: 'python',
  title: 'Create the environment',
  action: { kind: 'exec', argv: ['python3.11', '-m', 'venv', '--without-pip', '.env'], sudo: false },
  env: { DEPLOY_HOST: 'web1' },
  cwd: home,
  timeoutMs: 600_000,
  timeoutOption: '`timeout` of the step',
  undo: undefined,
  ...changes,
})

const steps = (changes: Partial<HostSteps> = {}): HostSteps => ({
  before: [],
  inside: [],
  after: [],
  ...changes,
})

const aPhase = (
  name: PhaseName,
  hosts: Readonly<Record<HostName, HostSteps>>,
  parallel?: number,
): PlannedPhase => ({ name, hosts: new Map(Object.entries(hosts)), parallel, batches: undefined })

const aHost = (host: HostName, changes: Partial<HostPlan> = {}): HostPlan => ({
  host,
  root: '/var/webcode',
  stands: false,
  live: 'shop-1.3.0',
  wanted: 'shop-1.4.0',
  basis: { linkText: 'shop-1.3.0', previous: 'shop-1.2.0', verdict: undefined, sha256: undefined, open: [] },
  from: 'shop-1.3.0',
  to: 'shop-1.4.0',
  closes: undefined,
  putBackFirst: { switches: [], undoes: undefined, tasks: [] },
  makes: [],
  prune: [],
  pruneInstead: [],
  pruneLater: 0,
  ...changes,
})

const aPlan = (changes: Partial<Plan> = {}): Plan => ({
  v: 1,
  intent: 'deploy',
  run: { id: 'r1', by: 'ana', from: 'laptop', pid: 4211, command: 'deploy production', atMs: noon },
  project: 'shop',
  stage: 'production',
  revision: { name: 'shop-1.4.0', version: '1.4.0', sha256: '9f86d081884c7d659a2feaa0c55ad015' },
  shared: [],
  sdist: { path: 'dist/shop-1.4.0.tar.gz', bytes: 1_258_291 },
  hosts: [aHost('web1'), aHost('web2')],
  leftOut: [],
  switchKind: 'deploy',
  policy: undefined,
  recovers: undefined,
  phases: [],
  failed: new Map(),
  finished: [],
  warnings: [],
  heartbeatMs: 30_000,
  fileTimeoutMs: 600_000,
  ...changes,
})

const shown = (plan: Plan) => `\n${formatPlan(plan)}\n`

test('a plan tells what every host is and becomes, and every step as it will be run', () => {
  const build = [
    aStep(),
    aStep({
      title: 'Install the wheels',
      action: { kind: 'exec', argv: ['.env/bin/python', '-m', 'pip', 'install', 'shop 1.4'], sudo: false },
      env: { PIP_INDEX_URL: { secret: 'INDEX' }, DEPLOY_HOST: 'web2', TZ: 'Europe/Berlin' },
    }),
  ]
  const reload = aStep({
    slot: 'activate',
    origin: 'hooks',
    title: 'systemctl --user reload shop',
    action: { kind: 'exec', argv: ['systemctl', '--user', 'reload', 'shop'], sudo: false },
    timeoutMs: 30_000,
    cwd: '/',
  })
  const everywhere = (one: HostSteps) => ({ web1: one, web2: one })
  const plan = aPlan({
    hosts: [
      aHost('web1', { prune: ['shop-1.0.0', 'shop-1.1.0'], pruneLater: 38 }),
      aHost('web2', { live: undefined, from: undefined }),
    ],
    leftOut: ['web3'],
    warnings: [aProblem('web1', 'the deploy account is root', { severity: 'warning' })],
    phases: [
      aPhase('lock', everywhere(steps())),
      aPhase('upload', everywhere(steps()), 50),
      aPhase('build', everywhere(steps({ inside: build })), 50),
      aPhase('verify', everywhere(steps({ inside: [aStep({ slot: 'verify', title: 'pip check' })] })), 50),
      aPhase('seal', everywhere(steps())),
      aPhase('switch', everywhere(steps())),
      aPhase('activate', everywhere(steps({ inside: [{ ...reload, undo: reload }] }))),
      aPhase('health', everywhere(steps())),
      aPhase('prune', everywhere(steps())),
    ],
  })
  expect(shown(plan)).toMatchInlineSnapshot(`
    "
    shop 1.4.0 → production, 2 hosts
    sdist dist/shop-1.4.0.tar.gz, 1.2 MiB
    sha256 9f86d081884c7d659a2feaa0c55ad015
    left out: web3

    host  live        becomes     shop-1.4.0  root
    web1  shop-1.3.0  shop-1.4.0  is built    /var/webcode
    web2  none        shop-1.4.0  is built    /var/webcode

    web1
      ! the deploy account is root

    lock  2 hosts
      all hosts
        take the lock of production

    upload  2 hosts
      all hosts
        receive the sdist and check its sha256

    build  2 hosts
      all hosts
        unpack into {root}/shop-1.4.0
        Create the environment (python, 10 min)
          python3.11 -m venv --without-pip .env
        Install the wheels (python, 10 min)
          .env/bin/python -m pip install 'shop 1.4'
          with PIP_INDEX_URL=[secret INDEX]
          with TZ=Europe/Berlin

    verify  2 hosts
      all hosts
        pip check (python, 10 min)
          python3.11 -m venv --without-pip .env

    seal  2 hosts
      all hosts
        write the verdict and make the revision read-only

    switch  2 hosts
      web1
        production: shop-1.3.0 → shop-1.4.0
      web2
        production: no link → shop-1.4.0

    activate  2 hosts
      all hosts
        systemctl --user reload shop (hooks, 30 s)
          in /
          undo: systemctl --user reload shop
            in /

    health  nothing to do

    prune  2 hosts
      web1
        remove shop-1.0.0, shop-1.1.0; later runs remove 38 more
      web2
        nothing to remove
    "
  `)
})

test('what is skipped, everywhere or on some hosts, is said with the reason', () => {
  const plan = aPlan({
    intent: 'prepare',
    hosts: [aHost('web1'), aHost('web2', { stands: true })],
    phases: [
      aPhase('lock', { web1: steps(), web2: steps() }),
      aPhase('upload', { web1: steps() }, 50),
      aPhase('build', { web1: steps() }, 50),
      aPhase('verify', { web1: steps() }, 50),
      aPhase('seal', { web1: steps() }),
    ],
  })
  expect(shown(plan)).toMatchInlineSnapshot(`
    "
    shop 1.4.0 → production, 2 hosts (prepare: nothing is switched)
    sdist dist/shop-1.4.0.tar.gz, 1.2 MiB
    sha256 9f86d081884c7d659a2feaa0c55ad015

    host  live        becomes    shop-1.4.0       root
    web1  shop-1.3.0  unchanged  is built         /var/webcode
    web2  shop-1.3.0  unchanged  stands verified  /var/webcode

    lock  2 hosts
      all hosts
        take the lock of production

    upload  1 host
      web1
        receive the sdist and check its sha256
      not on web2: shop-1.4.0 stands verified there

    build  1 host
      web1
        unpack into {root}/shop-1.4.0
      not on web2: shop-1.4.0 stands verified there

    verify  nothing to do

    seal  1 host
      web1
        write the verdict and make the revision read-only
      not on web2: shop-1.4.0 stands verified there

    switch, activate, health, prune  skipped: prepare switches nothing
    "
  `)
})

test('a step tells its slot, its undo, where it runs and what a probe expects', () => {
  const migrate = aStep({
    slot: 'before:switch',
    origin: 'hooks of production',
    title: 'Migrate',
    action: { kind: 'exec', argv: ['.env/bin/python', 'manage.py', 'migrate'], sudo: false },
    undo: aStep({
      title: 'Migrate back',
      action: {
        kind: 'exec',
        argv: ['.env/bin/python', 'manage.py', 'migrate', 'shop', '0041'],
        sudo: false,
      },
      env: { DATABASE_URL: { secret: 'DATABASE_URL' } },
    }),
  })
  const announce = aStep({
    slot: 'after:switch',
    origin: 'hooks',
    title: 'Announce',
    action: { kind: 'local', argv: ['./announce', "it's\nlive"] },
    cwd: '/home/ana/shop',
  })
  const probe = aStep({
    slot: 'health',
    origin: 'http',
    title: 'GET /health',
    action: {
      kind: 'http-probe',
      url: 'http://localhost/health',
      socket: '/run/shop.sock',
      headers: {},
      status: [200, 204],
      contains: 'ok',
      matches: [],
      json: {},
      answerHeaders: {},
      intervalMs: 500,
      attemptMs: 2_000,
    },
    timeoutMs: 60_000,
  })
  const plan = aPlan({
    intent: 'rollback',
    sdist: undefined,
    hosts: [aHost('web1', { stands: true })],
    phases: [
      aPhase('lock', { web1: steps() }),
      aPhase('switch', { web1: steps({ before: [migrate], after: [announce] }) }),
      aPhase('health', { web1: steps({ inside: [probe] }) }),
    ],
    failed: new Map([['web1', [aStep({ slot: 'failed', origin: 'hooks', title: 'Call for help' })]]]),
  })
  expect(shown(plan)).toMatchInlineSnapshot(`
    "
    shop 1.4.0 → production, 1 host (rollback)
    sha256 9f86d081884c7d659a2feaa0c55ad015

    host  live        becomes     shop-1.4.0       root
    web1  shop-1.3.0  shop-1.4.0  stands verified  /var/webcode

    lock  1 host
      web1
        take the lock of production

    upload, build, verify, seal  skipped: shop-1.4.0 stands verified on every host

    switch  1 host
      web1
        Migrate (hooks of production, before:switch, 10 min)
          .env/bin/python manage.py migrate
          undo: Migrate back: .env/bin/python manage.py migrate shop 0041
            with DATABASE_URL=[secret DATABASE_URL]
        production: shop-1.3.0 → shop-1.4.0
        Announce (hooks, after:switch, 10 min)
          ./announce 'it'\\''s\\nlive'
          on this machine, in /home/ana/shop

    activate  skipped: shop-1.4.0 is live on every host

    health  1 host
      web1
        GET /health (http, 1 min)
          GET http://localhost/health through /run/shop.sock until 200 or 204 and "ok" (every 500 ms, 2 s each)

    prune  skipped: shop-1.4.0 is live on every host

    failed  only if the run fails
      web1
        Call for help (hooks, failed, 10 min)
          python3.11 -m venv --without-pip .env
    "
  `)
})

test('a switch that a dead host left open is put back first', () => {
  const plan = aPlan({
    hosts: [
      aHost('web1', {
        putBackFirst: {
          switches: ['20261119T080000Z-77aa'],
          undoes: undefined,
          tasks: [aStep({ cwd: '/var/webcode/shop-1.3.0' })],
        },
      }),
    ],
  })
  expect(shown(plan).split('\n\n')[2]).toMatchInlineSnapshot(`
    "first, on web1: put back 20261119T080000Z-77aa, which was never kept
      python3.11 -m venv --without-pip .env"
  `)
})

test('what a dead host had not undone is activated again first', () => {
  const plan = aPlan({
    hosts: [
      aHost('web1', {
        putBackFirst: {
          switches: [],
          undoes: { id: '20261119T080000Z-77aa', steps: ['activate/2', 'activate/1'] },
          tasks: [aStep({ cwd: '/var/webcode/shop-1.3.0' })],
        },
      }),
    ],
  })
  expect(shown(plan).split('\n\n')[2]).toMatchInlineSnapshot(`
    "first, on web1: undo activate/2, activate/1 of 20261119T080000Z-77aa, which was put back
      python3.11 -m venv --without-pip .env"
  `)
})

test('for programs a plan is what it is: Maps as objects, absence as null, a secret by its name', () => {
  const plan = aPlan({
    hosts: [aHost('web1')],
    phases: [aPhase('build', { web1: steps({ inside: [aStep({ env: { TOKEN: { secret: 'TOKEN' } } })] }) })],
  })
  expect(planAsJson(plan)).toMatchInlineSnapshot(`
    {
      "failed": {},
      "fileTimeoutMs": 600000,
      "finished": [],
      "heartbeatMs": 30000,
      "hosts": [
        {
          "basis": {
            "linkText": "shop-1.3.0",
            "open": [],
            "previous": "shop-1.2.0",
            "sha256": null,
            "verdict": null,
          },
          "closes": null,
          "from": "shop-1.3.0",
          "host": "web1",
          "live": "shop-1.3.0",
          "makes": [],
          "prune": [],
          "pruneInstead": [],
          "pruneLater": 0,
          "putBackFirst": {
            "switches": [],
            "tasks": [],
            "undoes": null,
          },
          "root": "/var/webcode",
          "stands": false,
          "to": "shop-1.4.0",
          "wanted": "shop-1.4.0",
        },
      ],
      "intent": "deploy",
      "leftOut": [],
      "phases": [
        {
          "batches": null,
          "hosts": {
            "web1": {
              "after": [],
              "before": [],
              "inside": [
                {
                  "action": {
                    "argv": [
                      "python3.11",
                      "-m",
                      "venv",
                      "--without-pip",
                      ".env",
                    ],
                    "kind": "exec",
                    "sudo": false,
                  },
                  "cwd": "/var/webcode/shop-1.4.0",
                  "env": {
                    "TOKEN": {
                      "secret": "TOKEN",
                    },
                  },
                  "id": "build/1",
                  "origin": "python",
                  "slot": "build",
                  "timeoutMs": 600000,
                  "timeoutOption": "\`timeout\` of the step",
                  "title": "Create the environment",
                  "undo": null,
                },
              ],
            },
          },
          "name": "build",
          "parallel": null,
        },
      ],
      "policy": null,
      "project": "shop",
      "recovers": null,
      "revision": {
        "name": "shop-1.4.0",
        "sha256": "9f86d081884c7d659a2feaa0c55ad015",
        "version": "1.4.0",
      },
      "run": {
        "atMs": 1795176000000,
        "by": "ana",
        "command": "deploy production",
        "from": "laptop",
        "id": "r1",
        "pid": 4211,
      },
      "sdist": {
        "bytes": 1258291,
        "path": "dist/shop-1.4.0.tar.gz",
      },
      "shared": [],
      "stage": "production",
      "switchKind": "deploy",
      "v": 1,
      "warnings": [],
    }
  `)
})

test('a recovery says which way it goes, and what it does on each host', () => {
  const mended = { stands: true, live: 'shop-1.4.0', from: 'shop-1.4.0' }
  const plan = aPlan({
    intent: 'recover',
    switchKind: 'recover',
    sdist: undefined,
    recovers: { id: 's4', way: 'back' },
    hosts: [
      aHost('web1', { ...mended, wanted: 'shop-1.3.0', to: 'shop-1.3.0' }),
      aHost('web2', { ...mended, wanted: undefined, to: undefined }),
      aHost('web3', { stands: true, wanted: 'shop-1.3.0', to: 'shop-1.3.0', closes: 'put-back' }),
      aHost('web4', { stands: true, wanted: 'shop-1.3.0', to: 'shop-1.3.0' }),
    ],
    phases: [
      aPhase('lock', { web1: steps(), web2: steps(), web3: steps(), web4: steps() }),
      aPhase('switch', { web1: steps(), web2: steps() }),
      aPhase('activate', {
        web1: steps({ inside: [aStep({ slot: 'activate' })] }),
        web2: steps(),
        web3: steps({ inside: [aStep({ slot: 'activate' })] }),
      }),
      aPhase('health', { web1: steps(), web2: steps(), web3: steps() }),
    ],
  })
  expect(shown(plan)).toMatchInlineSnapshot(`
    "
    recover production, 4 hosts: the switch to shop 1.4.0
    sha256 9f86d081884c7d659a2feaa0c55ad015
    mends the switch s4, back: every host to where it came from

    host  live        becomes     how                               root
    web1  shop-1.4.0  shop-1.3.0  is switched                       /var/webcode
    web2  shop-1.4.0  no link     is switched                       /var/webcode
    web3  shop-1.3.0  unchanged   is activated, closed as put back  /var/webcode
    web4  shop-1.3.0  unchanged   stays                             /var/webcode

    lock  4 hosts
      all hosts
        take the lock of production

    upload, build, verify, seal  skipped: a recovery builds nothing

    switch  2 hosts
      web1
        production: shop-1.4.0 → shop-1.3.0
      web2
        production: shop-1.4.0 → no link
      not on web3, web4: as it should be already

    activate  3 hosts
      web1, web3
        Create the environment (python, 10 min)
          python3.11 -m venv --without-pip .env
          in {root}/shop-1.4.0
      web2
      not on web4: as it should be already

    health  nothing to do

    prune  skipped: a recovery removes nothing
    "
  `)
})

test('what is sent when it is over is shown with who wants it, and without its URL', () => {
  const url = 'https://hooks.example.com/services/not-to-be-seen'
  const webhook = { kind: 'webhook', message: '{{ outcome }}', timeoutMs: 3_000, origin: 'notify' } as const
  const plan = aPlan({
    finished: [
      { ...webhook, url, on: ['failure'] },
      { ...webhook, url: { secret: 'SLACK_URL' }, on: ['success', 'rollback'] },
    ],
  })
  expect(shown(plan).split('\n').slice(-6).join('\n')).toMatchInlineSnapshot(`
    "when it is over
      post to https://hooks.example.com/… on failure (notify)
        | {{ outcome }}
      post to [secret SLACK_URL] on success, rollback (notify)
        | {{ outcome }}
    "
  `)
  expect(JSON.stringify(planAsJson(plan))).not.toMatch(/not-to-be-seen/)
})
