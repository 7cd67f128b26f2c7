import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mustRun } from '../support/run-program.ts'
import { fleetOf } from './support/fleet-of.ts'
import { everywhere, links, revisionRecord } from './support/hosts.ts'
import { privateIndex, runnerOf } from './support/private-index.ts'
import { makeProject } from './support/project.ts'
import { release } from './support/releases.ts'

const fleet = await fleetOf(['web1', 'web2'])
const PASSWORD = 'correct-horse-battery'
test('a private index is known to the host that builds, by its environment, and stands nowhere', async () => {
  const index = await privateIndex(fleet, `ana:${PASSWORD}`)
  const env = { INDEX: `http://ana:${PASSWORD}@${index.place}/simple` }
  const project = await makeProject(fleet, {
    recipes: [{ python: { index: { secret: 'INDEX' }, pipArgs: ['--trusted-host', runnerOf(fleet)] } }],
  })
  await release(project, '1.0')
  const plan = await project.deploy(['staging', '--dry-run', '--json'], { env })
  const run = await project.deploy(['staging', '--json', '-v'], { env })
  if (run.code !== 0) expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' })
  expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, 'shop-1.0'))
  expect(index.asked.filter(({ what }) => what.startsWith('setuptools-')).length).toBe(1)
  const steps: readonly { readonly env: object; readonly action: { readonly kind: string } }[] = JSON.parse(
    plan.stdout,
  ).phases.find((phase: { readonly name: string }) => phase.name === 'build').hosts.web2.inside
  expect(steps.find(({ action }) => action.kind === 'take')?.env).not.toHaveProperty('PIP_INDEX_URL')
  const record = JSON.stringify(await revisionRecord(project, 'web1', 'shop-1.0'))
  const texts = [...index.asked.map(({ list }) => list), plan.stdout, run.stdout, record]
  expect(texts.filter(text => text.includes(PASSWORD))).toEqual([])
  for (const place of [
    ...fleet.hosts.map(({ name }) => project.rootOf(name)),
    join(fleet.directory, 'runner-home'),
  ]) {
    const search = ['grep', '-r', '-l', '-F', '--', PASSWORD, place]
    expect(await mustRun(['/bin/sh', '-c', '"$@" || test $? = 1', 'sh', ...search])).toBe('')
  }
})
