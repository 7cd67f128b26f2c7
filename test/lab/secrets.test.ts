import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exec, script, secret, sh } from '../../src/index.ts'
import { outputOf } from '../e2e/support/events.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { revisionRecord } from '../e2e/support/hosts.ts'
import { makeProject } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { mustRun } from '../support/run-program.ts'

const fleet = await fleetOf(['web1', 'web2', 'web3'])
const VALUE = 'correct horse $battery "staple"'
const env = { DATABASE_URL: VALUE }
const uses = { env: { DATABASE_URL: secret('DATABASE_URL') } }

/** Files below a directory of a host, or of this machine, in which the value stands. */
const filesWithIt = async (directory: string): Promise<string> => {
  const search = ['grep', '--recursive', '--files-with-matches', '--fixed-strings', '--', VALUE, directory]
  return await mustRun(['/bin/sh', '-c', '"$@" || test $? = 1', 'sh', ...search])
}

describe.each(['node-ssh', 'openssh'] as const)('F26 a secret, with the client %s,', client => {
  const config = {
    ssh: { client },
    verify: [script(sh`echo "it is $DATABASE_URL"; expr length "$DATABASE_URL"`, uses)],
    hooks: {
      'before:switch': [script(sh`echo waiting; sleep 2; echo "it was $DATABASE_URL" >&2`, uses)],
    },
  }

  test('reaches its steps and nothing else: no process list, plan, log, event, journal, record or file', async () => {
    const project = await makeProject(fleet, config)
    await release(project, '1.0')
    const plans = await Promise.all([
      project.deploy(['staging', '--dry-run', '-v'], { env }),
      project.deploy(['staging', '--dry-run', '--json'], { env }),
    ])
    const log = join(project.directory, 'run.log')
    const running = project.start(['staging', '--json', '-v', '--log', log], { env })
    await running.printed(/waiting/)
    const lists = [
      await mustRun(['ps', '-eww', '-o', 'args']),
      ...(await Promise.all(
        fleet.hosts.map(async host => (await host.processes()).map(one => one.command).join('\n')),
      )),
    ]
    const run = await running.ended
    expect(run.code).toBe(0)
    expect(outputOf(run, 'web2', 'verify')).toEqual(['it is [DATABASE_URL]', `${VALUE.length}`])
    expect(outputOf(run, 'web2', 'before:switch')).toEqual(['waiting', 'it was [DATABASE_URL]'])
    const said = [...plans, run].flatMap(({ stdout, stderr }) => [stdout, stderr])
    const texts = [...lists, ...said, await readFile(log, 'utf8')]
    expect(texts.map(text => text.includes(VALUE) || text.includes(JSON.stringify(VALUE)))).toEqual(
      texts.map(() => false),
    )
    for (const { name } of fleet.hosts) expect(await filesWithIt(project.rootOf(name))).toBe('')
    expect(JSON.stringify(await revisionRecord(project, 'web1', 'shop-1.0'))).not.toMatch('horse')
    expect(await filesWithIt(join(fleet.directory, 'runner-home'))).toBe('')
  })
})

test('F26 a secret is not in the error of the step that failed with it', async () => {
  const fails = exec(['/bin/sh', '-c', 'echo "cannot log in to $DATABASE_URL" >&2; exit 1'], uses)
  const project = await makeProject(fleet, { verify: [fails] })
  await release(project, '1.0')
  const { code, stdout, stderr } = await project.deploy(['staging'], { env })
  expect({ code, stdout }).toEqual({
    code: 4,
    stdout: expect.stringMatching(/cannot log in to \[DATABASE_URL\]/),
  })
  expect(`${stdout}${stderr}`).not.toMatch('horse')
  for (const { name } of fleet.hosts) expect(await filesWithIt(project.rootOf(name))).toBe('')
})

test('F26 a secret that is not set is said before any host is asked', async () => {
  const project = await makeProject(fleet, { verify: [exec(['true'], uses)] })
  await release(project, '1.0')
  const { code, stderr } = await project.deploy(['staging'])
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/DATABASE_URL/) })
  expect(stderr).not.toMatch('connected')
})
