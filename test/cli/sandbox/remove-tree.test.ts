import { chmod, mkdir, mkdtemp, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { removeTree } from '../../../src/cli/sandbox/remove-tree.ts'

test('a sealed tree goes, and what its links lead to stays as it was', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'remove-tree-'))
  const outside = join(directory, 'outside')
  await mkdir(join(directory, 'tree/sealed'), { recursive: true })
  await mkdir(outside, { mode: 0o555 })
  await writeFile(join(directory, 'tree/sealed/file'), 'text', { mode: 0o444 })
  await symlink(outside, join(directory, 'tree/sealed/link'))
  await chmod(join(directory, 'tree/sealed'), 0o555)
  await removeTree(join(directory, 'tree'))
  expect(await readdir(directory)).toEqual(['outside'])
  expect((await stat(outside)).mode & 0o777).toBe(0o555)
  await removeTree(directory)
})
