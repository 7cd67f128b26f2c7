import { describe, expect, test } from 'vitest'
import { resolveTarget } from '../../src/config/resolve-target.ts'
import { channels } from '../../src/model/version-policy.ts'
import { problemsOf, resolved } from './written.ts'

const hosts = { web1: 'web1', web2: 'web2' }
const stage = (changes: object = {}) => ({ hosts: ['web1', 'web2'], ...changes })

describe('what a stage accepts', () => {
  test('is every channel, unless it says which', () => {
    const { stages } = resolved({
      hosts,
      stages: { staging: stage(), production: stage({ accepts: ['post', 'final'] }) },
    })
    expect([...stages.values()].map(({ accepts }) => accepts)).toEqual([channels, ['final', 'post']])
  })

  test('is at least one channel that exists', () => {
    const stages = {
      staging: stage({ accepts: ['stable'] }),
      production: stage({ accepts: [] }),
      other: stage({ accepts: 'rc' }),
    }
    expect(problemsOf({ hosts, stages })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has 3 problems
        stages.staging.accepts[0]: expected 'final' or 'post' or 'rc' or 'beta' or 'alpha' or 'dev' or 'local', found a text
        stages.production.accepts: a stage accepts at least one channel -> they are: final, post, rc, beta, alpha, dev, local
        stages.other.accepts: expected a list of channels, found a text"
    `)
  })
})

describe('the stage that comes before', () => {
  test('goes into the target with all its hosts, whichever are selected', () => {
    const stages = { staging: { hosts: ['web1'] }, production: { hosts: ['web2'], after: 'staging' } }
    const { policy } = resolveTarget(resolved({ hosts, stages }), 'production', { hosts: ['web2'] })
    expect(policy.after).toMatchObject({ stage: 'staging', hosts: [{ name: 'web1' }] })
  })

  test('is another one, that exists', () => {
    const stages = {
      staging: stage({ after: 'staging' }),
      production: stage({ after: 'stagin' }),
      demo: stage({ after: 5 }),
    }
    expect(problemsOf({ hosts, stages })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has 3 problems
        stages.demo.after: expected the name of a stage, found a number
        stages.staging.after: the stage 'staging' cannot come after itself
        stages.production.after: there is no stage 'stagin' -> did you mean 'staging'? the others are: staging, demo"
    `)
  })

  test('does not come after it again', () => {
    const stages = {
      test: stage({ after: 'production' }),
      staging: stage({ after: 'test' }),
      production: stage({ after: 'staging' }),
      demo: stage({ after: 'production' }),
    }
    expect(problemsOf({ hosts, stages })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        stages.test.after: no stage of these is first: test after production after staging after test"
    `)
  })
})

describe('where the version is written down', () => {
  test.each([
    ['sdist', { kind: 'sdist' }],
    [
      { file: 'src/shop/__init__.py', pattern: "^__version__ = '(.+)'$" },
      { kind: 'file', path: '/shop/src/shop/__init__.py', pattern: /^__version__ = '(.+)'$/m },
    ],
    [
      { file: '/etc/version', pattern: /v(?<version>.*)/ },
      { kind: 'file', path: '/etc/version', pattern: /v(?<version>.*)/ },
    ],
    [{ git: 'describe' }, { kind: 'git', tagPrefix: 'v' }],
    [
      { git: 'describe', tagPrefix: '' },
      { kind: 'git', tagPrefix: '' },
    ],
    [{ command: ['hatch', 'version'] }, { kind: 'command', argv: ['hatch', 'version'] }],
  ])('can be %j', (version, source) => {
    expect(resolved({ version }).version).toEqual(source)
  })

  test('is nothing else', () => {
    const versions = [
      'git',
      {},
      { fle: 'x', pattern: '(x)' },
      { file: 'x' },
      { file: 'x', pattern: 'x' },
      { file: 'x', pattern: '(' },
      { git: 'log' },
      { git: 'describe', tagPrefix: 'v*' },
      { git: 'describe', command: ['x'] },
      { command: 'hatch version' },
      { commnd: ['x'] },
    ]
    const said = versions.map(version => problemsOf({ version }).split('\n').slice(1).join('\n'))
    expect(said.join('\n')).toMatchInlineSnapshot(`
      "  version: expected 'sdist', { file, pattern }, { git: 'describe' } or { command }, found a text
        version: expected 'sdist', { file, pattern }, { git: 'describe' } or { command }, found an object
        version.fle: unknown key 'fle' -> did you mean 'file'? allowed: file, pattern
        version.file: expected a path, found nothing
        version.pattern: expected a pattern, found nothing
        version.pattern: the pattern has no group -> put the version in parentheses
        version.pattern: this is no regular expression: Unterminated group
        version.git: expected 'describe', found a text
        version.tagPrefix: a tag begins with letters, digits and . _ / @ + - only
        version.command: unknown key 'command' -> allowed: git, tagPrefix
        version.command: expected a program and its arguments, as a list of texts, found a text
        version.commnd: unknown key 'commnd' -> did you mean 'command'? allowed: file, pattern, git, tagPrefix, command"
    `)
  })

  test('is of one of two schemes, which is never guessed', () => {
    expect(resolved().versions).toBe('pep440')
    expect(resolved({ versions: 'semver' }).versions).toBe('semver')
    expect(problemsOf({ versions: 'auto' })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        versions: expected 'pep440' or 'semver', found a text"
    `)
  })
})
