import { describe, expect, test } from 'vitest'
import { python } from '../../recipes/python.ts'
import { readSdist } from '../../src/artifact/read-sdist.ts'
import type { AnyRecipe } from '../../src/model/recipe.ts'
import { occupiedProblems } from '../../src/plan/preflight-sdist.ts'
import { defineRecipe } from '../../src/recipe/define-recipe.ts'
import { pythonRules } from '../../src/version/python-rules.ts'
import { writeSdist } from '../support/make-sdist.ts'
import { makeScratchDirectory } from '../support/scratch-directory.ts'
import type { RawTarEntry } from '../support/tar-writer.ts'

/** What is refused of an sdist with these entries at its end: the code, and what the sdist has of its own. */
async function refused(
  entries: readonly RawTarEntry[],
  { recipes = [], directories = [] }: { recipes?: readonly AnyRecipe[]; directories?: readonly string[] },
) {
  await using scratch = await makeScratchDirectory()
  const sdist = await readSdist(
    await writeSdist(scratch.path, { name: 'shop', version: '1.0', entries }),
    pythonRules,
  )
  return occupiedProblems(sdist, { shared: { directories, files: [] }, recipes, stage: 'production' })
}

const file = (path: string): RawTarEntry => ({ path, content: 'SECRET=1\n' })
const named = (path: string): RawTarEntry => ({ path, type: '5' })
const top = 'shop-1.0'

describe('what the python recipe makes in every revision', () => {
  test.each<readonly [string, string | undefined, readonly RawTarEntry[], string | undefined]>([
    ['a file', undefined, [file(`${top}/.env`)], '.env'],
    ['a file of another spelling', undefined, [file(`./${top}//./.env`)], '.env'],
    ['an empty directory', undefined, [named(`${top}/.env/`)], '.env'],
    ['a file in it', undefined, [file(`${top}/.env/lib/x.pth`)], '.env/lib/x.pth'],
    ['a symbolic link', undefined, [{ path: `${top}/.env`, type: '2', linkPath: 'shop' }], '.env'],
    ['a hard link', undefined, [{ path: `${top}/.env`, type: '1', linkPath: `${top}/PKG-INFO` }], '.env'],
    ['another name', '.venv', [named(`${top}/.venv`)], '.venv'],
    ['a file on the way', 'a/b', [file(`${top}/a`)], 'a'],
    ['a link on the way', 'a/b', [{ path: `${top}/a`, type: '2', linkPath: 'shop' }], 'a'],
    ['only the directory on the way', 'a/b', [named(`${top}/a`), file(`${top}/a/c`)], undefined],
    ['.env beside another name', '.venv', [file(`${top}/.env`)], undefined],
    ['other case', undefined, [file(`${top}/.ENV`)], undefined],
    ['a longer name', undefined, [file(`${top}/.env.example`), file(`${top}/.environment/a`)], undefined],
    ['deeper in the tree', undefined, [file(`${top}/shop/.env`)], undefined],
  ])('%s', async (_, environment, entries, own) => {
    const recipes = [python(environment === undefined ? {} : { environment })]
    const found = await refused(entries, { recipes })
    const makes = environment ?? '.env'
    expect(found.map(({ severity, code, message }) => [severity, code, message])).toEqual(
      own === undefined
        ? []
        : [
            [
              'error',
              'path-occupied',
              `the recipe python makes ${makes} in every revision, and the sdist has ${own} of its own`,
            ],
          ],
    )
    for (const { hint } of found)
      expect(hint).toBe(
        "leave it out of the sdist, or give it another name with python({ environment }); a stage's variables belong to {root}/shared/production.env",
      )
  })
})

test('a recipe of one’s own reserves what it makes, and without such a recipe nothing is reserved', async () => {
  const recipes = [defineRecipe({ name: 'assets', reserves: [{ path: 'web/dist' }] })]
  expect(await refused([file(`${top}/web/dist/a.js`)], { recipes })).toMatchObject([
    { code: 'path-occupied' },
  ])
  expect(await refused([file(`${top}/.env`)], { recipes })).toEqual([])
})

test('what stands in the place of a link of what is shared', async () => {
  const entries = [file(`${top}/media/logo.png`), file(`${top}/var`), file(`${top}/config/local.ini.example`)]
  const directories = ['media', 'var/log', 'config/local.ini', 'cache']
  const found = await refused([...entries, named(`${top}/cache`)], { directories })
  expect(found.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    'shared-occupied: cache is shared by all revisions, and the sdist has cache of its own',
    'shared-occupied: media is shared by all revisions, and the sdist has media/logo.png of its own',
    'shared-occupied: var/log is shared by all revisions, and the sdist has var of its own',
  ])
})

test.each([
  [[{ path: '../x' }], 'reserves[0].path'],
  [[{ path: '/x' }], 'reserves[0].path'],
  [[{ path: '' }], 'reserves[0].path'],
  [[{ path: 'a/./b' }], 'reserves[0].path'],
  [[{ path: 'a', options: 'x' }], 'reserves[0].options'],
  [['a'], 'reserves[0]'],
  ['a', 'reserves'],
])('%j reserves nothing: it is refused when the recipe is defined', (reserves, where) => {
  const definition: object = { name: 'assets', reserves }
  expect(() => Reflect.apply(defineRecipe, undefined, [definition])).toThrow(
    expect.objectContaining({
      code: 'config',
      problems: expect.arrayContaining([expect.objectContaining({ where: expect.stringContaining(where) })]),
    }),
  )
})
