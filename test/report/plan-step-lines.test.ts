import { expect, test } from 'vitest'
import type { PlannedStep } from '../../src/model/plan.ts'
import { withoutColour } from '../../src/report/paint.ts'
import { stepLines } from '../../src/report/plan-step-lines.ts'

const home = '/srv/web1/shop-1.4.0'
const step = (argv: readonly string[]): PlannedStep => ({
  id: 'build/1',
  slot: 'build',
  origin: 'python',
  title: 'install',
  action: { kind: 'exec', argv, sudo: false },
  env: {},
  cwd: home,
  timeoutMs: 600_000,
  timeoutOption: '`timeout`',
  undo: undefined,
})

test('paths of the revision and of the root are shown by their names, so that hosts with other roots read alike', () => {
  const lines = stepLines(
    step([`${home}/.env/bin/python`, '/srv/web1/.stage/tools/pip-23.0.1/pip']),
    home,
    withoutColour,
  )
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "install (python, 10 min)
      .env/bin/python {root}/.stage/tools/pip-23.0.1/pip"
  `)
})

test('a program that is passed as an argument is counted, not printed', () => {
  const program = Array.from({ length: 40 }, (_, line) => `print(${line})`).join('\n')
  const lines = stepLines(step(['python3', '-c', program, 'shop']), home, withoutColour)
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "install (python, 10 min)
      python3 -c [program of 40 lines] shop"
  `)
})

test('a short script is shown whole, whatever its lines', () => {
  const lines = stepLines(step(['/bin/sh', '-eu', '-c', 'cd shop\nmake']), home, withoutColour)
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "install (python, 10 min)
      /bin/sh -eu -c 'cd shop\\nmake'"
  `)
})

const shared = {
  id: 'ab',
  key: 'cpython 3.11, linux-x86_64',
  name: 'wheels',
  builder: undefined,
  builderOption: 'python({ builder })',
}

test('a step that builds for several hosts says for which, and what makes them one', () => {
  const action = {
    kind: 'build',
    argv: ['make', 'it'],
    sudo: false,
    shared,
    hosts: ['web1', 'web2'],
  } as const
  expect(stepLines({ ...step([]), action }, home, withoutColour).join('\n')).toMatchInlineSnapshot(`
    "install (python, 10 min)
      make it
      once for web1, web2 (cpython 3.11, linux-x86_64)"
  `)
})

test('one that is alone of its kind builds for itself, and one that takes says from whom', () => {
  const alone = { kind: 'build', argv: ['make', 'it'], sudo: false, shared, hosts: ['web1'] } as const
  const take = { kind: 'take', from: 'web1', shared } as const
  const lines = [alone, take].flatMap(action => stepLines({ ...step([]), action }, home, withoutColour))
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "install (python, 10 min)
      make it
      once for this host (cpython 3.11, linux-x86_64)
    install (python, 10 min)
      receive what web1 builds"
  `)
})

test('one for which this machine kept what another stage built says who built it, and when', () => {
  const builder = { host: 's1', stage: 'staging', run: 'r1', atMs: Date.UTC(2026, 10, 20, 12) }
  const action = { kind: 'reuse', shared, builder } as const
  expect(stepLines({ ...step([]), action }, home, withoutColour).join('\n')).toMatchInlineSnapshot(`
    "install (python, 10 min)
      receive from this machine what was built by s1 of staging on 2026-11-20 12:00 UTC"
  `)
})

test('a file is shown with its mode and its text, a secret by its name', () => {
  const content = ['[Service]\nUser=shop\nTOKEN=', { secret: 'TOKEN' }, '\n']
  const action = {
    kind: 'write-file',
    path: '/etc/shop.conf',
    content,
    mode: 0o640,
    sudo: true,
    unknown: [],
  } as const
  expect(stepLines({ ...step([]), action }, home, withoutColour).join('\n')).toMatchInlineSnapshot(`
    "install (python, 10 min)
      sudo write /etc/shop.conf (0640)
      | [Service]
      | User=shop
      | TOKEN=[secret TOKEN]"
  `)
})

test('a boot probe says what is started, and until when; a function says nothing but that', () => {
  const answer = {
    status: [200],
    contains: 'ok',
    matches: ['^v[0-9]'],
    json: { 'build.version': ['1.4.0', 'shop-1.4.0'] },
    answerHeaders: { 'content-type': 'json' },
  }
  const asked = { headers: {}, ...answer, intervalMs: 250, attemptMs: 5_000 }
  const argv = [`${home}/serve`, '{port}']
  const boot = { kind: 'boot-probe', argv, listen: 'port', path: '/up', ...asked } as const
  const call = { kind: 'call', run: async () => undefined } as const
  const lines = [boot, call].flatMap(action => stepLines({ ...step([]), action }, home, withoutColour))
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "install (python, 10 min)
      serve '{port}', until GET /up is 200 and "ok" and /^v[0-9]/ and build.version = "1.4.0" or "shop-1.4.0" and content-type: json (every 250 ms, 5 s each), then end it
    install (python, 10 min)
      call a function of the configuration, on this machine"
  `)
})
