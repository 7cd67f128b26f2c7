import { describe, expect, test } from 'vitest'
import { http } from '../../recipes/http.ts'
import { refusal } from '../recipe/refusal.ts'
import { aContext } from './contexts.ts'

const url = 'http://127.0.0.1:8000/health'
const argv = ['.env/bin/gunicorn', '--bind', 'unix:{socket}', 'shop.wsgi']

/** What a configuration in JSON or YAML, which has no compiler, is told. */
const untyped = (options?: unknown) => refusal(() => Reflect.apply(http, undefined, [options]))

describe('after the switch', () => {
  test('asks from every host itself', () => {
    const steps = http({ url, status: 204, contains: 'ok' }).stageSteps(aContext([]))
    expect(Object.keys(steps)).toStrictEqual(['health'])
    expect(steps.health).toMatchObject([
      { kind: 'http-probe', url, status: [204], contains: 'ok', once: false, title: `probe ${url}` },
    ])
  })

  test('asks on each stage what it names for it, and a stage without is an error of the configuration', () => {
    const recipe = http({ url: { production: url, staging: 'http://127.0.0.1:8001/health' } })
    const askedOn = (stage: string) => recipe.stageSteps({ ...aContext([]), stage }).health
    expect(askedOn('production')).toMatchObject([{ url }])
    expect(askedOn('staging')).toMatchObject([{ url: 'http://127.0.0.1:8001/health' }])
    const claims = (stage: string) =>
      recipe.claims({ project: 'shop', stage, host: { name: 'web1', labels: [] }, root: '/var/webcode' })
    expect(claims('staging')).toEqual([])
    expect(() => claims('canary')).toThrow("http does not say what to ask on the stage 'canary'")
  })

  test('takes a title', () => {
    expect(http({ url, title: 'is it up' }).stageSteps(aContext([])).health?.[0]?.title).toBe('is it up')
  })

  test.each(['deploy', 'promote', 'rollback', 'recover'] as const)('asks on %s as well', intent => {
    expect(http({ url }).stageSteps({ ...aContext([], { builds: false }), intent }).health).toHaveLength(1)
  })
})

describe('the version', () => {
  test('is looked for in a body that is JSON, beside what else is expected of it', () => {
    const [step] =
      http({ url, version: { json: 'build.version' }, json: { up: true } }).stageSteps(aContext([])).health ??
      []
    expect(step).toMatchObject({
      json: { up: ['true'], 'build.version': ['1.4.0', 'v1.4.0', 'My.Shop-1.4.0'] },
    })
  })

  test.each([
    ['1.4.0', true],
    ['version=v1.4.0, up', true],
    ['<b>My.Shop-1.4.0</b>', true],
    ['It is 1.4.0.', true],
    ['1.4.0rc1', false],
    ['1.4.0.post1', false],
    ['1.4.0+local', false],
    ['11.4.0', false],
    ['2!1.4.0', false],
    ['1x4x0', false],
  ])('is named by the body %j: %j', (body, named) => {
    const [step] = http({ url, version: true, matches: 'up|' }).stageSteps(aContext([])).health ?? []
    const patterns = step?.kind === 'http-probe' ? step.matches : []
    expect(patterns).toHaveLength(2)
    expect(patterns.every(pattern => new RegExp(pattern).test(body))).toBe(named)
  })
})

describe('before the switch', () => {
  const started = ['bin/gunicorn', ...argv.slice(1)]

  test.each([
    [argv, undefined, '.env', started],
    [argv, 'src', 'src', argv],
    [argv, '.', '.', argv],
    [['/usr/bin/python3', '{socket}'], undefined, undefined, ['/usr/bin/python3', '{socket}']],
  ])('%j with cwd %j starts where a service does, in %j', (program, given, cwd, words) => {
    const options = given === undefined ? {} : { cwd: given }
    const [step] = http({ boot: { argv: program, ...options } }).steps(aContext([])).verify ?? []
    expect(step).toMatchObject({ argv: words, cwd })
  })

  test('starts each revision once, as part of its verification', () => {
    const steps = http({ boot: { argv, path: '/health', timeout: '20s' } }).steps(aContext([]))
    expect(steps).toMatchObject({
      verify: [
        {
          kind: 'boot-probe',
          argv: started,
          cwd: '.env',
          listen: 'socket',
          path: '/health',
          timeoutMs: 20_000,
        },
      ],
    })
  })

  test('can be given the variables of a stage, and then starts it before each switch', () => {
    const recipe = http({ url, boot: { argv, slot: 'before:switch', version: true } })
    const slotsFor = (intent: 'deploy' | 'promote' | 'rollback' | 'recover') =>
      Object.keys(recipe.steps({ ...aContext([], { builds: false }), intent }))
    expect(slotsFor('deploy')).toEqual(['before:switch'])
    expect(slotsFor('promote')).toEqual(['before:switch'])
  })

  test('can be given those of the file of the stage too, by a shell that becomes the program', () => {
    const recipe = http({ boot: { argv, slot: 'before:switch', environmentFile: true } })
    const [step] = recipe.steps(aContext([]))['before:switch'] ?? []
    const shell = ['/bin/sh', '-eu', '-c', expect.stringMatching(/ && exec "\$@"$/), 'boot']
    expect(step).toMatchObject({
      title: 'boot .env/bin/gunicorn --bind "unix:{socket}" shop.wsgi',
      argv: [...shell, ...started],
      cwd: '.env',
      listen: 'socket',
    })
  })

  test('stands in no way of a rollback', () => {
    const recipe = http({ url, boot: { argv, slot: 'before:switch' } })
    const context = { ...aContext([], { builds: false }), intent: 'rollback' } as const
    expect(Object.keys(recipe.steps(context))).toEqual([])
  })
})

describe('a mistake is found when it is made, not when hosts were reached', () => {
  test.each([
    [undefined, ['expected an object with options']],
    [{}, ['url: there is nothing to ask: name a `url`, or what to `boot`']],
    [
      { boot: { argv }, contains: 'ok' },
      [/^contains: this is for `url`, which is missing; .* `boot\.contains`$/],
    ],
    [
      { ulr: url, version: 'yes' },
      [
        /^ulr: unknown key 'ulr'/,
        /^url: there is nothing/,
        "version: expected true, or { json: 'build.version' }",
      ],
    ],
    [{ url: ['http://localhost'] }, [/^url: expected a URL, or one for each stage/]],
    [{ url: {} }, [/^url: expected a URL, or one for each stage/]],
    [{ url: { production: url, staging: 'x:8001' } }, [/^url\.staging: expected a URL that begins with/]],
    [{ url: '127.0.0.1:8000' }, [/^url: expected a URL that begins with 'http:\/\/'/]],
    [
      { url, matches: ['(', '(?<name>x)'], json: { 'a..b': null } },
      [/^matches\[0\]: this is no/, /^matches\[1\]: Python does not/, /'a\.\.b' is no path/, /found nothing/],
    ],
  ])('in the options: %j', (options, expected) => {
    expect(untyped(options).split('\n')).toEqual(expected.map(asMatcher))
  })

  test.each([
    [argv, ['boot: expected an object with options']],
    [
      { argv, slot: 'health', port: 80 },
      [/^boot\.port: unknown key 'port'/, "boot.slot: expected 'verify' or 'before:switch'"],
    ],
    [
      { argv, environmentFile: true },
      [
        "boot.environmentFile: a revision that is verified has no stage, and no file of one: add slot: 'before:switch'",
      ],
    ],
    [
      { argv: ['serve'], answerHeaders: { 'a b': 1 } },
      [
        /^boot\.argv: it is not told where to listen/,
        /^boot\.answerHeaders\["a b"\]: .* name of a header$/,
        /a text/,
      ],
    ],
  ])('in those of the boot: %j', (boot, expected) => {
    expect(untyped({ boot }).split('\n')).toEqual(expected.map(asMatcher))
  })
})

const asMatcher = (line: string | RegExp) => (typeof line === 'string' ? line : expect.stringMatching(line))
