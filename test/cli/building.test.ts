import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeScratchDirectory } from '../support/scratch-directory.ts'
import { runDeploy } from './support/run-deploy.ts'

const scratch = await makeScratchDirectory()
afterAll(async () => scratch[Symbol.asyncDispose]())

async function built(script: string) {
  const config = {
    project: 'shop',
    artifact: { sdist: '*.tar.gz', build: ['/bin/sh', '-c', script] },
    hosts: { web1: '192.0.2.1' },
    stages: { test: { hosts: ['web1'] } },
  }
  writeFileSync(join(scratch.path, 'stage.config.json'), JSON.stringify(config))
  return await runDeploy(['test', '--build'], { cwd: scratch.path })
}

test('a Python without `build` is told from a build that failed, with what installs it', async () => {
  const { code, stderr } = await built('echo "/usr/bin/python3: No module named build" >&2; exit 1')
  expect(code).toBe(2)
  expect(stderr).toContain('the build failed: exit 1')
  expect(stderr).toContain('→ this Python has no `build`: /usr/bin/python3 -m pip install build; or write')
})

test('a build that fails for another reason says where it runs', async () => {
  const { stderr } = await built('echo "no module named build in sight" >&2; exit 3')
  expect(stderr).toContain('the build failed: exit 3')
  expect(stderr).toContain(`→ it runs in ${scratch.path}`)
})
