import { mkdtemp, realpath, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sdistWrittenBy, snapshotSdists } from '../../src/artifact/built-sdist.ts'

let base = ''
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'built-sdist-')))
  await writeFile(join(base, 'shop-2.0.tar.gz'), 'old')
})
afterEach(() => rm(base, { recursive: true }))

test('the new file is the one that was built, even with a lower version than what is there', async () => {
  expect(await builtBy(() => writeFile(join(base, 'shop-1.0.tar.gz'), 'new'))).toBe(
    join(base, 'shop-1.0.tar.gz'),
  )
})

test('a file that was written again is the one that was built', async () => {
  const rebuild = async () => {
    await writeFile(join(base, 'shop-2.0.tar.gz'), 'new')
    await utimes(join(base, 'shop-2.0.tar.gz'), 2_000_000_000, 2_000_000_000)
  }
  expect(await builtBy(rebuild)).toBe(join(base, 'shop-2.0.tar.gz'))
})

test('what the glob does not match was not built', async () => {
  const build = async () => {
    await writeFile(join(base, 'shop-1.0.tar.gz'), 'new')
    await writeFile(join(base, 'shop-1.0-py3-none-any.whl'), 'new')
  }
  expect(await builtBy(build)).toBe(join(base, 'shop-1.0.tar.gz'))
})

test('a build that wrote nothing is an error', async () => {
  await expect(builtBy(async () => {})).rejects.toMatchObject({
    code: 'artifact',
    message: `the build wrote no file matching "*.tar.gz" in ${base}`,
  })
})

test('a build that wrote two sdists is an error that names both', async () => {
  const build = async () => {
    await writeFile(join(base, 'a-1.0.tar.gz'), 'new')
    await writeFile(join(base, 'b-1.0.tar.gz'), 'new')
  }
  await expect(builtBy(build)).rejects.toMatchObject({
    message: `the build wrote 2 files matching "*.tar.gz" in ${base}: ${join(base, 'a-1.0.tar.gz')}, ${join(base, 'b-1.0.tar.gz')}`,
  })
})

async function builtBy(build: () => Promise<unknown>): Promise<string> {
  const before = await snapshotSdists('*.tar.gz', base)
  await build()
  return sdistWrittenBy('*.tar.gz', base, before)
}
