import { describe, expect, test } from 'vitest'
import type { PythonOptions } from '../../recipes/python/options.ts'
import { python } from '../../recipes/python.ts'
import { aContext, aPython } from './contexts.ts'

type Own = Parameters<typeof aContext>[0]
type Changes = Parameters<typeof aContext>[1]

/** The interpreter that the environment is made with, or why none can be. */
function chosen(own: Own, changes: Changes = {}, options: PythonOptions = {}): string {
  const context = aContext(own, changes)
  const recipe = python(options)
  const [first] = recipe.steps(context).build ?? []
  const problems = recipe.check(context)
  if (problems.length > 0) return problems.join('; ')
  return first?.kind === 'exec' ? (first.argv[0] ?? '') : 'none'
}

const [py39, py311, py313] = [aPython('3.9.2'), aPython('3.11.2'), aPython('3.13.0')]

describe('auto takes the highest X.Y', () => {
  test('of one host', () => {
    expect(chosen([py39, py313, py311])).toBe('/usr/bin/python3.13')
  })

  test('by number, not by spelling', () => {
    expect(chosen([py39, aPython('3.10.0')])).toBe('/usr/bin/python3.10')
  })

  test('that every host has', () => {
    expect(
      chosen([py39, py311, py313], {
        others: [
          [py311, py39],
          [py313, py311],
        ],
      }),
    ).toBe('/usr/bin/python3.11')
  })

  test('whatever the patch level is on each', () => {
    expect(chosen([py311], { others: [[aPython('3.11.9')]] })).toBe('/usr/bin/python3.11')
  })

  test('and on a host that has it twice the newer one', () => {
    const newer = aPython('3.11.9', { path: '/opt/python3.11/bin/python3.11' })
    expect(chosen([py311, newer])).toBe('/opt/python3.11/bin/python3.11')
  })

  test('that the sdist and the option allow', () => {
    expect(chosen([py39, py311, py313], { requiresPython: '>=3.8,<3.13' })).toBe('/usr/bin/python3.11')
    expect(chosen([py39, py311, py313], {}, { requires: '<3.11' })).toBe('/usr/bin/python3.9')
  })

  test('that can build on every host, before a higher one that cannot', () => {
    const bare = aPython('3.13.0', { pipWheel: undefined })
    expect(chosen([py311, py313], { others: [[py311, bare]] })).toBe('/usr/bin/python3.11')
  })

  test('without pre-releases, free-threaded builds and other implementations', () => {
    const odd = [
      aPython('3.15.0', { final: false }),
      aPython('3.14.0', { freeThreaded: true }),
      aPython('3.14.1', { implementation: 'pypy' }),
    ]
    expect(chosen([...odd, py311])).toBe('/usr/bin/python3.11')
  })
})

describe('an interpreter can be asked for', () => {
  test('by its X.Y', () => {
    expect(chosen([py39, py311, py313], {}, { interpreter: '3.9' })).toBe('/usr/bin/python3.9')
  })

  test('by its path: whatever stands there, on every host for itself', () => {
    const path = '/opt/python3'
    const own = aPython('3.11.2', { path })
    expect(chosen([own], { others: [[aPython('3.12.1', { path })]] }, { interpreter: path })).toBe(path)
  })

  test('by its path, also where auto would not take it', () => {
    const path = '/opt/python3.15/bin/python3'
    const candidate = aPython('3.15.0', { path, final: false })
    expect(chosen([py311, candidate], {}, { interpreter: path })).toBe(path)
  })
})

test('a Requires-Python that is no specifier is ignored, as pip does', () => {
  expect(chosen([py311], { requiresPython: '3.9 or newer' })).toBe('/usr/bin/python3.11')
  expect(chosen([py39], { requiresPython: '3.9 or newer' }, { requires: '>=3.10' })).toMatchInlineSnapshot(
    `"no suitable Python: wanted is a released CPython, requires >=3.10; this host has 3.9.2 (/usr/bin/python3.9)"`,
  )
})

describe('no interpreter', () => {
  test('that fits: what was wanted, and what is there', () => {
    expect(chosen([py39], { requiresPython: '>=3.10' }, { requires: '!=3.12.*' })).toMatchInlineSnapshot(
      `"no suitable Python: wanted is a released CPython, requires !=3.12.*, Requires-Python >=3.10; this host has 3.9.2 (/usr/bin/python3.9)"`,
    )
  })

  test('that all hosts have', () => {
    expect(chosen([py311], { others: [[py39]] })).toMatchInlineSnapshot(
      `"no suitable Python: wanted is a released CPython, the same X.Y on every host; this host has 3.11.2 (/usr/bin/python3.11)"`,
    )
  })

  test('at all', () => {
    expect(chosen([], {}, { interpreter: '3.11' })).toMatchInlineSnapshot(
      `"no suitable Python: wanted is interpreter 3.11; this host has none"`,
    )
  })
})

test('an interpreter that cannot build is a problem that names the package', () => {
  expect(chosen([aPython('3.11.2', { venv: false, pipWheel: undefined })])).toMatchInlineSnapshot(
    `"/usr/bin/python3.11 has no venv module: install python3-venv (Debian), or a complete Python; /usr/bin/python3.11 has no pip to build with: install python3-pip-whl or python3-venv (Debian), or send one, with the option \`pip\`"`,
  )
})

describe('a host on which the revision stands', () => {
  const context = aContext([], { builds: false })

  test('needs no interpreter', () => {
    expect(python().check(context)).toStrictEqual([])
    expect(python().steps(context)).toStrictEqual({})
  })

  test('has no DEPLOY_PIP without one', () => {
    expect(python().env(context)).toStrictEqual({})
  })
})

describe('what a host says of its interpreters', () => {
  const { interpreters } = python().facts
  const parse = (out: unknown) => interpreters?.parse(JSON.stringify(out))

  test('is read', () => {
    expect(parse([{ ...py311, more: 'than we asked for' }])).toStrictEqual([py311])
  })

  test('may be that there is no pip', () => {
    expect(parse([{ ...py311, pipWheel: null }])).toStrictEqual([{ ...py311, pipWheel: undefined }])
  })

  test.each([
    ['no list', {}, 'the host did not list its interpreters'],
    ['no interpreter', [null], 'an interpreter did not say its version'],
    ['no version', [{ ...py311, version: '3.13t' }], 'an interpreter calls its version 3.13t'],
    ['no path', [{ ...py311, path: 7 }], 'an interpreter did not say its path'],
  ])('is an error where it makes no sense: %s', (_title, out, message) => {
    expect(() => parse(out)).toThrow(message)
  })
})
