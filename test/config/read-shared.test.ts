import { describe, expect, test } from 'vitest'
import { resolveTarget } from '../../src/config/resolve-target.ts'
import { StageError } from '../../src/model/stage-error.ts'
import { problemsOf, resolved } from './written.ts'

describe('what revisions share', () => {
  test('is nothing unless it is configured', () => {
    expect(resolveTarget(resolved(), 'production').shared).toEqual({ directories: [], files: [] })
  })

  test('is a list of directories and one of files, in order whatever the order they are written in', () => {
    const shared = { directories: ['var/log', 'media'], files: ['config/local.ini'] }
    expect(resolveTarget(resolved({ shared }), 'production').shared).toEqual({
      directories: ['media', 'var/log'],
      files: ['config/local.ini'],
    })
  })

  test('stays below the revision, is spelled in one way, and is nothing of the revision itself', () => {
    const directories = [
      '/var/media',
      '../media',
      'a/../b',
      './media',
      'media/',
      'a//b',
      '',
      'a\0b',
      'a\nb',
      7,
    ]
    const files = ['.env', '.env/bin/python', '.revision.json', '.build.log']
    expect(problemsOf({ shared: { directories, files, links: [] } })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has 17 problems
        shared.links: unknown key 'links' -> allowed: directories, files
        shared.directories[0]: expected a relative path without '.', '..' and empty parts, such as 'media' or 'var/log', found a text
        shared.directories[1]: expected a relative path without '.', '..' and empty parts, such as 'media' or 'var/log', found a text
        shared.directories[2]: expected a relative path without '.', '..' and empty parts, such as 'media' or 'var/log', found a text
        shared.directories[3]: expected a relative path without '.', '..' and empty parts, such as 'media' or 'var/log', found a text
        shared.directories[4]: expected a relative path without '.', '..' and empty parts, such as 'media' or 'var/log', found a text
        shared.directories[5]: expected a relative path without '.', '..' and empty parts, such as 'media' or 'var/log', found a text
        shared.directories[6]: expected a path in {root}/shared, found an empty text
        shared.directories[7]: a text with a NUL byte cannot be handed to a program
        shared.directories[7]: a path cannot have control characters
        shared.directories[8]: a path cannot have control characters
        shared.directories[9]: expected a path in {root}/shared, found a number
        shared.files[0]: '.env' cannot be shared: every revision has one of its own -> python({ environment }) decides what it is called
        shared.files[1]: '.env/bin/python' cannot be shared: every revision has '.env' of its own -> python({ environment }) decides what it is called
        shared.files[1]: '.env/bin/python' and '.env' cannot both be shared: one is inside the other
        shared.files[2]: '.revision.json' belongs to each revision and cannot be shared
        shared.files[3]: '.build.log' belongs to each revision and cannot be shared"
    `)
  })

  test('is no path twice and none inside another', () => {
    const shared = { directories: ['media', 'var'], files: ['var/log/app.log', 'media', 'variable'] }
    expect(problemsOf({ shared })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has 2 problems
        shared.files[0]: 'var/log/app.log' and 'var' cannot both be shared: one is inside the other
        shared.files[1]: 'media' is shared twice"
    `)
  })

  test('has no file of one stage: a revision belongs to none', () => {
    const shared = { directories: ['production.env/x'], files: ['production.env', 'staging.env'] }
    expect(problemsOf({ shared })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has 3 problems
        shared.directories[0]: 'production.env' in {root}/shared has the variables of one stage, and a revision belongs to none -> units read it where it stands; share a file of another name
        shared.files[0]: 'production.env' in {root}/shared has the variables of one stage, and a revision belongs to none -> units read it where it stands; share a file of another name
        shared.files[0]: 'production.env' and 'production.env/x' cannot both be shared: one is inside the other"
    `)
  })

  test.each<readonly [string, string, readonly object[]]>([
    ['.env', '.venv', []],
    ['.env/cache', '.venv', []],
    ['a', 'a.b', []],
    ['.venv', '.venv', [{ message: "'.venv' cannot be shared: every revision has one of its own" }]],
    [
      '.venv/lib',
      '.venv',
      [{ message: "'.venv/lib' cannot be shared: every revision has '.venv' of its own" }],
    ],
    ['a', 'a/b', [{ message: "'a' cannot be shared: every revision has 'a/b' of its own" }]],
  ])('%s with the environment %s: only what the recipes make is taken', (path, environment, expected) => {
    const found = problemsIn({ shared: { files: [path] }, recipes: [{ python: { environment } }] })
    expect(found).toEqual(
      expected.map(one =>
        expect.objectContaining({ ...one, hint: expect.stringContaining('python({ environment })') }),
      ),
    )
  })

  test('.env is nothing special without a recipe that makes it', () => {
    expect(problemsIn({ shared: { files: ['.env'] }, recipes: [] })).toEqual([])
  })
})

function problemsIn(written: object) {
  try {
    resolved(written)
  } catch (error) {
    if (error instanceof StageError) return error.problems
    throw error
  }
  return []
}
