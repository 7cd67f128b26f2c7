import { StageError } from 'stage-deploy'
import { describe, expect, test } from 'vitest'
import { readOptions } from '../../recipes/python/options.ts'
import { python } from '../../recipes/python.ts'

/** Options as JSON or YAML can give them: of any shape. */
function faultsOf(written: Readonly<Record<string, unknown>>): string {
  try {
    readOptions(written)
    return ''
  } catch (error) {
    if (!(error instanceof StageError)) throw error
    return error.problems.map(({ where, message }) => `${where}: ${message}`).join('\n')
  }
}

test('every option has a default', () => {
  expect(readOptions({})).toMatchInlineSnapshot(`
    {
      "build": "per-platform",
      "builder": undefined,
      "check": {
        "compile": true,
        "imports": true,
      },
      "environment": ".env",
      "extras": [],
      "index": undefined,
      "interpreter": "auto",
      "limits": {
        "build": {
          "timeout": "30m",
          "timeoutOption": "python({ timeout: { build } })",
        },
        "install": {
          "timeout": "10m",
          "timeoutOption": "python({ timeout: { install } })",
        },
        "verify": {
          "timeout": "10m",
          "timeoutOption": "python({ timeout: { verify } })",
        },
      },
      "pip": undefined,
      "pipArgs": [],
      "requirements": undefined,
      "requires": undefined,
    }
  `)
})

test('what is given as undefined is not given', () => {
  const written: Readonly<Record<string, unknown>> = { requires: undefined, index: undefined }
  expect(readOptions(written)).toStrictEqual(readOptions({}))
})

test('an option that is no word is a path like any other', () => {
  const allowed =
    'there are interpreter, requires, environment, build, builder, timeout, requirements, index, extras, pipArgs, pip, check'
  expect(faultsOf({ 'a b': 1 })).toBe(`["a b"]: there is no such option: ${allowed}`)
})

test('everything that is wrong is said at once, each with its place', () => {
  expect(
    faultsOf({
      interpreter: 3.1,
      requires: 'python3',
      environment: '.',
      requirements: '../requirements.txt',
      index: '',
      extras: 'dev',
      pipArgs: ['--pre', 7],
      check: { compil: false },
      wheels: true,
    }),
  ).toMatchInlineSnapshot(`
    "interpreter: expected 'auto', an X.Y as a text ('3.10'), or an absolute path, found a number
    requires: expected a PEP 440 specifier such as '>=3.9', found a text
    environment: expected a directory inside the revision, found a text
    requirements: expected a file inside the sdist, found a text
    index: expected a URL; one with a user or a password as secret('NAME'), found an empty text
    extras: expected a list of names of extras, found a text
    pipArgs: expected a list of texts, none a secret or with a user or a password, which every process list would show: those belong to \`index: secret('INDEX')\`, or to env: { PIP_EXTRA_INDEX_URL: secret('EXTRA') } of the configuration, where PIP_FIND_LINKS and PIP_PROXY can stand too, found a list
    check: expected { compile: true or false, imports: true or false }, found an object
    wheels: there is no such option: there are interpreter, requires, environment, build, builder, timeout, requirements, index, extras, pipArgs, pip, check"
  `)
})

describe('secrets', () => {
  test('an index may be one', () => {
    expect(faultsOf({ index: { secret: 'INDEX_URL' } })).toBe('')
  })

  test('an index with a password has to be one: it would be shown in plans', () => {
    expect(faultsOf({ index: 'https://ana:hunter2@pypi.example.com/simple' })).toMatch(/^index: /)
  })

  test.each([
    'https://ana:hunter2@pypi.example.com',
    'http://hunter2@pypi.example.com/simple',
    'https://ana:hunter2/4@pypi.example.com',
    'https://ana:#hunter2@pypi.example.com',
    'git+https://ana:hunter2@git.example.com/shop.git',
    'ana:hunter2@proxy.example.com:3128',
  ])('no argument of pip has a user or a password, as %s: it would be in the process list', url => {
    for (const pipArgs of [
      ['--pre', url],
      ['--extra-index-url', url],
      [`--proxy=${url}`],
      [`shop @ ${url}`],
    ]) {
      const text = faultsOf({ pipArgs })
      expect(text).toMatch(
        /^pipArgs: .*index: secret\('INDEX'\).*env: \{ PIP_EXTRA_INDEX_URL: secret\('EXTRA'\) \}/,
      )
      expect(text).not.toMatch(/hunter2/)
    }
  })

  test('no argument of pip is a secret', () => {
    const text = faultsOf({ pipArgs: ['--index-url', { secret: 'INDEX' }] })
    expect(text).toMatch(/^pipArgs: .*index: secret\('INDEX'\)/)
  })

  test.each([
    'https://pypi.example.com:8443/feed@view/simple',
    'http://[::1]:8080/simple',
    'shop @ file:///srv/shop@1.whl',
    '/srv/a@b',
    '--config-settings=a:b',
    'ana@host',
  ])('an argument of pip without them stays: %s', argument => {
    expect(faultsOf({ pipArgs: [argument] })).toBe('')
  })

  test('a text that is refused for its password is not repeated', () => {
    const text = faultsOf({ index: 'https://ana:hunter2@x', pipArgs: ['https://ana:hunter2@x'] })
    expect(text).not.toMatch(/hunter2/)
  })
})

test.each(['.', './env', '/env', 'a//b', 'a/../b', '', 'a\nb', 'env/'])(
  'an environment is a directory inside the revision, and not %j',
  environment => {
    expect(faultsOf({ environment })).toMatch(/^environment: expected a directory inside the revision/)
  },
)

test('a mistake ends the making of the recipe, with all of it in one line', () => {
  const written: Readonly<Record<string, unknown>> = { extras: 7, requires: 9 }
  expect(() => python(written)).toThrow(
    "python: extras: expected a list of names of extras, found a number; requires: expected a PEP 440 specifier such as '>=3.9', found a number",
  )
})
