import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProgram } from '../support/run-program.ts'
import { makeScratchDirectory, type ScratchDirectory } from '../support/scratch-directory.ts'

const main = fileURLToPath(new URL('support/run-main.mjs', import.meta.url))

let scratch: ScratchDirectory
beforeAll(async () => {
  scratch = await makeScratchDirectory()
  mkdirSync(join(scratch.path, 'root'))
  const config = {
    project: 'shop',
    ssh: { client: 'local' },
    hosts: { one: { address: 'one', root: join(scratch.path, 'root'), python: '/usr/bin/python3' } },
    stages: { staging: { hosts: ['one'] } },
    recipes: [],
  }
  writeFileSync(join(scratch.path, 'stage.config.json'), JSON.stringify(config))
})
afterAll(async () => scratch[Symbol.asyncDispose]())

/** Runs `deploy` with its standard output going where `shell` says. */
const deploy = (shell: string, ...args: readonly string[]) =>
  runProgram(
    ['/bin/bash', '--norc', '-c', `set -o pipefail; "$@" ${shell}`, 'bash', process.execPath, main, ...args],
    {
      cwd: scratch.path,
      env: { PATH: '/usr/bin:/bin', XDG_STATE_HOME: join(scratch.path, 'state') },
    },
  )

const lost =
  /^error: standard output could not be written \(.*ENOSPC.*\): what was to be told there is lost\n {2}→ /m

describe('on a full disk', () => {
  test.each([
    ['status'],
    ['status', '--json'],
    ['history', 'staging'],
    ['revisions', 'staging', '--json'],
    ['prune', 'staging', '--dry-run'],
    ['version', 'bump', 'minor', '1.2.3'],
    ['version', 'compare', '1.0', '1.1', '--json'],
    ['--help'],
    ['--version'],
  ])('what only tells has not done its work: %s %s', async (...args) => {
    const { code, stderr } = await deploy('> /dev/full', ...args)
    expect(code).toBe(74)
    expect(stderr).toMatch(lost)
  })

  test('what changed hosts ended as it did, and says so', async () => {
    const { code, stderr } = await deploy('> /dev/full', 'prune', 'staging', '--json')
    expect(code).toBe(0)
    expect(stderr).toMatch(lost)
    expect(stderr).toMatch(/ exit 0 stands: /)
  })

  test('a fault that was found is worth more than that it cannot be told', async () => {
    const { code, stderr } = await deploy('> /dev/full', 'rollback', 'staging')
    expect(code).toBe(3)
    expect(stderr).toMatch(lost)
    expect(stderr).toMatch(/staging was never switched/)
  })
})

test('a reader that goes away has what it wanted', async () => {
  const { code, stderr } = await deploy('| true', 'status', '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})
