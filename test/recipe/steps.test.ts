import { describe, expect, test } from 'vitest'
import { exec } from '../../src/recipe/exec.ts'
import { httpProbe } from '../../src/recipe/http-probe.ts'
import { local } from '../../src/recipe/local.ts'
import { secret } from '../../src/recipe/secret.ts'
import { refusal } from './refusal.ts'

/** Hands a value to a constructor as a configuration in JavaScript can: without types. */
const untyped = (construct: (...values: never[]) => unknown, ...values: unknown[]) =>
  refusal(() => Reflect.apply(construct, undefined, values))

describe('exec', () => {
  test('is data with every default filled in', () => {
    expect(exec(['.env/bin/python', '-m', 'shop'])).toMatchInlineSnapshot(`
      {
        "argv": [
          ".env/bin/python",
          "-m",
          "shop",
        ],
        "cwd": undefined,
        "env": {},
        "kind": "exec",
        "once": false,
        "share": undefined,
        "sudo": false,
        "timeoutMs": 600000,
        "timeoutOption": "\`timeout\` of the step",
        "title": ".env/bin/python -m shop",
        "undo": undefined,
      }
    `)
  })

  test('keeps every option', () => {
    const undo = exec(['systemctl', 'stop', 'shop'])
    const env = { DATABASE_URL: secret('DATABASE_URL') }
    expect(
      exec(['x'], { title: 'Migrate', timeout: '5m', env, cwd: 'src', once: 'db', undo }),
    ).toMatchInlineSnapshot(`
      {
        "argv": [
          "x",
        ],
        "cwd": "src",
        "env": {
          "DATABASE_URL": {
            "secret": "DATABASE_URL",
          },
        },
        "kind": "exec",
        "once": "db",
        "share": undefined,
        "sudo": false,
        "timeoutMs": 300000,
        "timeoutOption": "\`timeout\` of the step",
        "title": "Migrate",
        "undo": {
          "argv": [
            "systemctl",
            "stop",
            "shop",
          ],
          "cwd": undefined,
          "env": {},
          "kind": "exec",
          "once": false,
          "share": undefined,
          "sudo": false,
          "timeoutMs": 600000,
          "timeoutOption": "\`timeout\` of the step",
          "title": "systemctl stop shop",
          "undo": undefined,
        },
      }
    `)
  })

  test('is called by its words, on one line, the odd ones quoted', () => {
    expect(exec(['python', '-c', 'import shop\nshop.check()']).title).toBe(
      String.raw`python -c "import shop\nshop.check()"`,
    )
  })

  test('with a long command line is called by its beginning', () => {
    expect(exec(['echo', 'x'.repeat(200)]).title).toHaveLength(72)
  })

  test.each(['', ' ', "it's", '$(id)', '-n', 'a\nb', 'käse'])('takes the argument %j as it is', argument => {
    expect(exec(['printf', argument]).argv).toEqual(['printf', argument])
  })

  test('refuses everything that is wrong at once', () => {
    expect(
      untyped(exec, ['x', 5, 'a\0b', { secret: 'TOKEN' }], {
        timeout: 30,
        env: { '1A': 'x', PORT: 80, DEPLOY_STAGE: 'x', TOKEN: { secert: 'TOKEN' } },
        cwd: '../up',
        once: '',
        undo: true,
        title: 'a\nb',
        tiemout: '30s',
      }),
    ).toMatchInlineSnapshot(`
      "tiemout: unknown key 'tiemout' -> did you mean 'timeout'? allowed: title, timeout, timeoutOption, env, cwd, once, undo, sudo, share
      argv[1]: expected a text, found a number
      argv[2]: an argument with a NUL byte cannot be handed to a program
      argv[3]: a secret cannot be an argument: everybody on the host can read a process list -> give it to the step as a variable: env: { NAME: secret(…) }
      title: a title is one line without control characters
      timeout: expected a duration such as '500ms', '30s', '5m' or '2h', found a number -> name the unit: '30s' is seconds, '30ms' milliseconds
      env.1A: expected the name of a variable: letters, digits and _, no digit first, found a text
      env.PORT: expected a text or secret('NAME'), found a number -> variables are texts: put it in quotes
      env.DEPLOY_STAGE: DEPLOY_STAGE is set for every step and cannot be set by hand
      env.TOKEN.secert: unknown key 'secert' -> did you mean 'secret'? allowed: secret, file, command, host
      env.TOKEN.secret: expected the name of a variable: letters, digits and _, no digit first, found nothing
      cwd: expected a relative directory without '..'
      once: expected true, false or a label, found an empty text
      undo: expected a step, found true -> a step is exec, script, writeFile, sendFile, httpProbe, bootProbe, local: { "exec": ["make"] } or exec(['make'])"
    `)
  })

  test.each([
    ['PIP_INDEX_URL', 'https://ana:hunter2@pypi.example.com/simple'],
    ['PIP_EXTRA_INDEX_URL', 'https://pypi.example.com/simple https://hunter2@pypi.example.com/'],
    ['PIP_FIND_LINKS', 'https://ana:hunter2/3@pypi.example.com'],
    ['pip_index_url', 'https://ana:hunter2@pypi.example.com/simple'],
    ['PIP_PROXY', 'ana:hunter2@proxy.example.com:3128'],
    ['https_proxy', 'http://ana:hunter2@proxy.example.com:3128'],
    ['HTTP_PROXY', 'http://ana:hunter2@proxy.example.com:3128'],
  ])('refuses a password in plain text in the variable %s, without it', (name, value) => {
    expect(untyped(exec, ['x'], { env: { [name]: value } })).toBe(
      `env.${name}: ${name} has a user or a password, which every plan would show -> write secret('NAME')`,
    )
    expect(untyped(exec, ['x'], { env: { [name]: secret('INDEX') } })).toBe('accepted')
  })

  test.each([
    ['PIP_INDEX_URL', 'https://pypi.example.com:8443/feed@view/simple'],
    ['PIP_FIND_LINKS', '/srv/a@b http://[::1]:80/x@y'],
    ['https_proxy', 'http://proxy.example.com:3128'],
    ['PIP_PROXY', 'proxy:3128'],
  ])('takes the variable %s with %j', (name, value) => {
    expect(exec(['x'], { env: { [name]: value } }).env).toEqual({ [name]: value })
  })

  test('refuses an argv without a program', () => {
    expect(untyped(exec, [])).toMatchInlineSnapshot(
      `"argv: there is no program to run -> write it as a list: ['.env/bin/python', '-m', 'shop']"`,
    )
    expect(untyped(exec, [''])).toMatchInlineSnapshot(
      `"argv: there is no program to run -> write it as a list: ['.env/bin/python', '-m', 'shop']"`,
    )
    expect(untyped(exec, 'make test')).toMatchInlineSnapshot(
      `"argv: expected a program and its arguments, as a list of texts, found a text"`,
    )
  })

  test('says all problems in the list and the first one in its message', () => {
    expect(() => exec([''], { cwd: '/tmp' })).toThrowErrorMatchingInlineSnapshot(
      `[StageError: exec: argv: there is no program to run (and 1 more)]`,
    )
  })
})

describe('local', () => {
  test('runs once for all hosts, unless it says otherwise', () => {
    expect(local(['make']).once).toBe(true)
    expect(local(['make'], { once: false }).once).toBe(false)
  })
})

describe('httpProbe', () => {
  test('is data with every default filled in', () => {
    expect(httpProbe('http://127.0.0.1:8000/health')).toMatchInlineSnapshot(`
      {
        "answerHeaders": {},
        "attemptMs": 5000,
        "contains": undefined,
        "cwd": undefined,
        "env": {},
        "headers": {},
        "intervalMs": 1000,
        "json": {},
        "kind": "http-probe",
        "matches": [],
        "once": false,
        "socket": undefined,
        "status": [
          200,
        ],
        "timeoutMs": 60000,
        "timeoutOption": "\`timeout\` of the step",
        "title": "probe http://127.0.0.1:8000/health",
        "undo": undefined,
        "url": "http://127.0.0.1:8000/health",
      }
    `)
  })

  test('takes one status or several', () => {
    expect(httpProbe('http://x/', { status: 204 }).status).toEqual([204])
    expect(httpProbe('http://x/', { status: [200, 301] }).status).toEqual([200, 301])
  })

  test('refuses everything that is wrong at once', () => {
    expect(
      untyped(httpProbe, 'ftp://x/', {
        status: [99, 'ok'],
        headers: { 'a b': 'x', Host: 'a\r\nb' },
        socket: 'run/shop.sock',
        contains: '',
        interval: '0s',
        env: {},
      }),
    ).toMatchInlineSnapshot(`
      "env: unknown key 'env' -> allowed: status, contains, matches, json, answerHeaders, headers, socket, interval, attempt, title, timeout, timeoutOption, once, undo
      url: expected a URL that begins with 'http://' or 'https://', found a text
      socket: expected an absolute path, found a text
      status[0]: expected a whole number from 100 to 599, found 99
      status[1]: expected a whole number from 100 to 599, found a text
      contains: expected a text, found an empty text
      headers["a b"]: 'a b' cannot be the name of a header
      headers.Host: a header is one line
      interval: expected a duration from 1ms to 24 days, found '0s'"
    `)
  })

  test('refuses a password in a URL, since plans and output show it', () => {
    expect(untyped(httpProbe, 'http://ana:pw@x/')).toMatchInlineSnapshot(
      `"url: a URL with a user or a password would be shown in plans and output"`,
    )
  })
})

describe('secret', () => {
  test('may be read from a file or from a command, as JSON and YAML write it', () => {
    expect(secret('TOKEN', { file: '~/token' })).toEqual({ secret: 'TOKEN', file: '~/token' })
    expect(secret('TOKEN', { command: ['pass', 'shop'] })).toEqual({
      secret: 'TOKEN',
      command: ['pass', 'shop'],
    })
    expect(untyped(secret, 'TOKEN', { file: 'a', command: ['b'] })).toBe(
      'a secret is read from a file or from a command, not from both',
    )
    expect(untyped(secret, 'TOKEN', { host: 'web1' })).toMatchInlineSnapshot(
      `"a host is asked for a secret by a command -> say which: command"`,
    )
    expect(untyped(secret, 'TOKEN', { flie: 'a', command: 'b' })).toMatchInlineSnapshot(`
      "flie: unknown key 'flie' -> did you mean 'file'? allowed: secret, file, command, host
      command: expected a program and its arguments, as a list of texts, found a text"
    `)
  })

  test('is the name of a variable of the runner', () => {
    expect(secret('DATABASE_URL')).toEqual({ secret: 'DATABASE_URL' })
    expect(untyped(secret, 'database-url')).toMatchInlineSnapshot(
      `"secret: expected the name of a variable: letters, digits and _, no digit first, found a text"`,
    )
  })
})
