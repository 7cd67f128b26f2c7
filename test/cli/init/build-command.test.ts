import { expect, test } from 'vitest'
import { buildCommand, usualBuild } from '../../../src/cli/init/build-command.ts'

const uv = ['uv', 'build', '--sdist']

test.each([
  [{}, usualBuild],
  [{ 'pyproject.toml': '[build-system]\nbuild-backend = "hatchling.build"\n' }, usualBuild],
  [{ 'pyproject.toml': '[build-system]\nbuild-backend = "uv_build"\n' }, uv],
  [{ 'uv.lock': 'version = 1\n' }, uv],
] as const)('%j is built by %j', async (files: Readonly<Record<string, string>>, command) => {
  expect(await buildCommand(async file => files[file])).toEqual(command)
})
