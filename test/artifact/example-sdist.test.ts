import { cp, readFile, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { HOST_PYTHON } from '../support/requirements.ts'
import { mustRun } from '../support/run-program.ts'
import { makeScratchDirectory } from '../support/scratch-directory.ts'

const example = fileURLToPath(new URL('../../examples/shop', import.meta.url))

test('the example builds the same bytes from the same sources, whenever and by whomever', async () => {
  await using scratch = await makeScratchDirectory()
  const project = join(scratch.path, 'shop')
  const build = async (umask: string, atS: number) => {
    await rm(project, { recursive: true, force: true })
    await cp(example, project, { recursive: true })
    await utimes(join(project, 'shop/__init__.py'), atS, atS)
    await mustRun(['/bin/sh', '-c', `umask ${umask}; cd "$0"; exec ${HOST_PYTHON} make_sdist.py`, project])
    return readFile(join(project, 'dist/shop-1.0.0.tar.gz'))
  }
  const first = await build('022', 1_000_000_000)
  expect((await build('077', 1_500_000_000)).equals(first)).toBe(true)
})
