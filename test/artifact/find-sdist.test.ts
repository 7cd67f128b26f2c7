import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findSdist } from '../../src/artifact/find-sdist.ts'
import { pythonRules } from '../../src/version/python-rules.ts'

let base = ''
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'find-sdist-')))
})
afterEach(() => rm(base, { recursive: true }))

test('the highest version wins, by PEP 440 and not by the alphabet', async () => {
  await files(
    'dist/shop-1.9.tar.gz',
    'dist/shop-1.10.tar.gz',
    'dist/shop-1.10rc1.tar.gz',
    'dist/shop-1.2.tar.gz',
  )
  expect(await find('dist/*.tar.gz')).toBe('dist/shop-1.10.tar.gz')
})

test('files of other projects, wheels and files without a version are passed over', async () => {
  await files(
    'shop-1.0.tar.gz',
    'shop-plugin-2.0.tar.gz',
    'other-3.0.tar.gz',
    'shop-9.0-py3-none-any.whl',
    'shop.tar.gz',
  )
  expect(await find('*')).toBe('shop-1.0.tar.gz')
})

test('the name of the project says how a file name with two dashes is read', async () => {
  await files('shop-2-1.tar.gz', 'shop-2-3.tar.gz', 'shop-2.1.tar.gz')
  expect(await find('*.tar.gz', 'shop-2')).toBe('shop-2-3.tar.gz')
  expect(await find('*.tar.gz', 'shop')).toBe('shop-2.1.tar.gz')
})

test.each([
  ['dist/shop-1.?.tar.gz', 'dist/shop-1.2.tar.gz'],
  ['dist/shop-[0-1].*.tar.gz', 'dist/shop-1.2.tar.gz'],
  ['**/*.tar.gz', 'out/deep/shop-3.0.tar.gz'],
  ['{dist,out}/*.tar.gz', 'dist/shop-2.0.tar.gz'],
  ['out/../dist/*.tar.gz', 'dist/shop-2.0.tar.gz'],
])('%s finds %s', async (pattern, expected) => {
  await files('dist/shop-1.2.tar.gz', 'dist/shop-2.0.tar.gz', 'out/deep/shop-3.0.tar.gz')
  expect(await find(pattern)).toBe(expected)
})

test('a path that is a file is taken as it is, whatever it is called', async () => {
  await files('dist [old]/renamed.tgz')
  expect(await find('dist [old]/renamed.tgz')).toBe('dist [old]/renamed.tgz')
  expect(await find(join(base, 'dist [old]/renamed.tgz'))).toBe('dist [old]/renamed.tgz')
})

test('two files with the highest version are an error that names both', async () => {
  await files('shop-1.0.tar.gz', 'shop-1.0.0.tar.gz')
  expect(await failure('*.tar.gz')).toMatchInlineSnapshot(`
    "two sdists have the version 1.0.0: BASE/shop-1.0.0.tar.gz and BASE/shop-1.0.tar.gz
    remove one of them, or name the one to deploy"
  `)
})

test('nothing found is an error with the pattern, the directory and what to do', async () => {
  expect(await failure('dist/*.tar.gz')).toMatchInlineSnapshot(`
    "no sdist of shop matches "dist/*.tar.gz" in BASE
    build one with \`python3 -m build --sdist\`, or name the file"
  `)
})

test('the error says what was found instead', async () => {
  await files('dist/other-1.0.tar.gz')
  expect(await failure('dist/*.tar.gz')).toMatchInlineSnapshot(`
    "no sdist of shop matches "dist/*.tar.gz" in BASE; what is there is called otherwise: other-1.0.tar.gz
    build one with \`python3 -m build --sdist\`, or name the file"
  `)
})

async function files(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(base, path)), { recursive: true })
    await writeFile(join(base, path), '')
  }
}

async function find(pattern: string, project = 'shop'): Promise<string> {
  const path = await findSdist(pattern, base, { project, rules: pythonRules })
  return path.replace(`${base}/`, '')
}

async function failure(pattern: string): Promise<string> {
  const error = await find(pattern).catch((e: unknown) => e)
  const { message, hint } = Object(error)
  return `${message}\n${hint}`.replaceAll(base, 'BASE')
}
