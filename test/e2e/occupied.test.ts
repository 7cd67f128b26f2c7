import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { fleetOf } from './support/fleet-of.ts'
import { makeProject, withPython } from './support/project.ts'
import { release } from './support/releases.ts'

const fleet = await fleetOf(['web1', 'web2'])

test.each([
  ['a deploy', []],
  ['a dry run', ['--dry-run']],
])('an sdist with a .env is refused by %s before a byte of it leaves', async (_, flags) => {
  const project = await makeProject(fleet, { recipes: [withPython] })
  const sdist = await release(project, '1.0', { files: { '.env': 'SECRET=1\n' } })
  const { code, stdout, stderr, events } = await project.deploy(['staging', sdist, '--json', ...flags])
  expect(code).toBe(3)
  expect(stdout + stderr).toContain(
    'the recipe python makes .env in every revision, and the sdist has .env of its own',
  )
  expect(events.filter(({ phase }) => phase === 'upload')).toEqual([])
  for (const { name } of fleet.hosts) expect(await readdir(project.rootOf(name))).toEqual([])
})
