import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exec, script, sh } from '../../src/index.ts'
import { eventsOf, outputOf, phasesOf, problemsOf } from './support/events.ts'
import { fleetOf } from './support/fleet-of.ts'
import { everywhere, journal, links, rootListing } from './support/hosts.ts'
import { makeProject, type Project, type ProjectConfig } from './support/project.ts'
import { release } from './support/releases.ts'

const fleet = await fleetOf(['web1', 'web2', 'web3'])
const live = (revision: string) => everywhere(fleet, revision)

/** A project whose `staging` was deployed to these versions, one after the other. */
async function deployed(versions: readonly string[], config: ProjectConfig = {}): Promise<Project> {
  const project = await makeProject(fleet, config)
  for (const version of versions) {
    const { code, stderr } = await project.deploy(['staging', await release(project, version)])
    if (code !== 0) throw new Error(`the deploy of ${version} ended with ${code}: ${stderr}`)
  }
  return project
}

describe('a deploy', () => {
  test('of a second version switches all hosts to it and keeps the first one', async () => {
    const project = await deployed(['1.0', '1.1'])
    expect(await links(fleet, project, 'staging')).toEqual(live('shop-1.1'))
    expect(await rootListing(project, 'web3')).toEqual(['shop-1.0', 'shop-1.1', 'staging'])
  })

  test('takes the highest version of those in dist', async () => {
    const project = await makeProject(fleet)
    for (const version of ['1.9', '1.10', '1.10rc1', '1.2']) await release(project, version)
    expect(await project.deploy(['staging'])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual(live('shop-1.10'))
  })

  test('with --build takes the one sdist that the build wrote', async () => {
    const build = ['/bin/sh', '-c', 'cp elsewhere/dist/*.tar.gz dist/']
    const project = await makeProject(fleet, { artifact: { sdist: 'dist/*.tar.gz', build } })
    await release(project, '9.0')
    await release({ directory: join(project.directory, 'elsewhere') }, '1.3')
    expect(await project.deploy(['staging', '--build'])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual(live('shop-1.3'))
  })

  test('of what is live already does nothing and says so', async () => {
    const project = await deployed(['1.0'])
    const before = await journal(project, 'web1')
    const again = await project.deploy(['staging'])
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/shop-1\.0/) })
    expect(await journal(project, 'web1')).toEqual(before)
  })

  test('of a lower version is refused, and goes through with --allow-downgrade', async () => {
    const project = await deployed(['2.0'])
    const lower = await release(project, '1.0')
    const refused = await project.deploy(['staging', lower, '--json'])
    expect({ code: refused.code, problems: problemsOf(refused) }).toEqual({
      code: 3,
      problems: ['web1: downgrade', 'web2: downgrade', 'web3: downgrade'],
    })
    expect(await project.deploy(['staging', lower, '--allow-downgrade'])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual(live('shop-1.0'))
  })

  test('with --hosts switches these alone; status does not call that a split', async () => {
    const project = await deployed(['1.0'])
    const next = await release(project, '1.1')
    expect(await project.deploy(['staging', next, '--hosts', 'web1,web3'])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual({ ...live('shop-1.1'), web2: 'shop-1.0' })
    const { code, stdout } = await project.deploy(['status', 'staging', '--json'])
    expect({ code, status: JSON.parse(stdout) }).toMatchObject({
      code: 0,
      status: { stages: { staging: { uniform: false, split: null } } },
    })
    const intents = (await journal(project, 'web3')).filter(({ what }) => what === 'intent')
    expect(intents.at(-1)).toMatchObject({ hosts: ['web1', 'web3'], except: ['web2'] })
  })

  test('with --except leaves these out', async () => {
    const project = await deployed(['1.0'])
    const next = await release(project, '1.1')
    expect(await project.deploy(['staging', next, '--except', 'web1'])).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'staging')).toEqual({ ...live('shop-1.1'), web1: 'shop-1.0' })
  })

  test('runs a step with `once` on the first host by name only', async () => {
    const migrate = exec(['echo', 'migrating'], { once: true })
    const project = await makeProject(fleet, { hooks: { 'before:switch': [migrate] } })
    await release(project, '1.0')
    const run = await project.deploy(['staging', '--json'])
    const printed = fleet.hosts.map(({ name }) => outputOf(run, name, 'before:switch'))
    expect(printed).toEqual([['migrating'], [], []])
  })
})

describe('prepare', () => {
  test('does everything but the switch, and the deploy after it only switches', async () => {
    const project = await makeProject(fleet)
    await release(project, '1.0')
    const prepared = await project.deploy(['prepare', 'staging', '--json'])
    expect({ code: prepared.code, phases: phasesOf(prepared) }).toEqual({
      code: 0,
      phases: ['lock', 'upload', 'build', 'verify', 'seal'],
    })
    expect(await links(fleet, project, 'staging')).toEqual(everywhere(fleet, null))
    const deploy = await project.deploy(['staging', '--json'])
    expect({ code: deploy.code, phases: phasesOf(deploy) }).toEqual({
      code: 0,
      phases: ['lock', 'switch', 'activate', 'health', 'prune'],
    })
    expect(await links(fleet, project, 'staging')).toEqual(live('shop-1.0'))
  })
})

describe('a promotion', () => {
  test('of a stage whose hosts differ is refused', async () => {
    const project = await deployed(['1.0'])
    await project.deploy(['staging', await release(project, '1.1'), '--hosts', 'web1'])
    const refused = await project.deploy(['promote', 'staging', 'production', '--json'])
    expect({ code: refused.code, problems: problemsOf(refused) }).toEqual({
      code: 3,
      problems: ['web1: not-uniform', 'web2: not-uniform', 'web3: not-uniform'],
    })
    expect(await links(fleet, project, 'production')).toEqual(everywhere(fleet, null))
  })

  test('is shown in the journal as what it was', async () => {
    const project = await deployed(['1.0'])
    await project.deploy(['promote', 'staging', 'production'])
    expect((await journal(project, 'web1')).findLast(({ what }) => what === 'intent')).toMatchObject({
      kind: 'promote',
      stage: 'production',
      to: 'shop-1.0',
    })
  })
})

describe('what a run tells', () => {
  test('is one event per line with --json, ends with run-finished, and names every switch', async () => {
    const project = await makeProject(fleet)
    await release(project, '1.0')
    const { stdout, stderr, events, ...run } = await project.deploy(['staging', '--json'])
    expect(stdout.trimEnd().split('\n')).toHaveLength(events.length)
    expect(events.every(({ v }) => v === 1)).toBe(true)
    expect(events.at(-1)).toMatchObject({ type: 'run-finished', exit: 0 })
    const switched = eventsOf({ ...run, stdout, stderr, events }, 'switched')
    expect(switched.map(({ host, from, to }) => `${host} ${from} ${to}`).toSorted()).toEqual([
      'web1 null shop-1.0',
      'web2 null shop-1.0',
      'web3 null shop-1.0',
    ])
  })

  test('is a table of the hosts as they were read back, on standard output', async () => {
    const project = await deployed(['1.0'])
    const { stdout } = await project.deploy(['staging', await release(project, '1.1')])
    expect(stdout.split('\n\n')[0]).toMatchInlineSnapshot(`
      "host  was       is now    outcome
      web1  shop-1.0  shop-1.1  ok
      web2  shop-1.0  shop-1.1  ok
      web3  shop-1.0  shop-1.1  ok"
    `)
  })

  test('is in the log in full, whose path is printed', async () => {
    const project = await makeProject(fleet, { verify: [script(sh`echo "checked on $DEPLOY_HOST"`)] })
    await release(project, '1.0')
    const log = `${project.directory}/run.log`
    const { stdout } = await project.deploy(['staging', '--log', log])
    expect(stdout).toMatch(log)
    const lines = (await readFile(log, 'utf8')).split('\n')
    expect(lines.filter(line => /checked on web\d$/.test(line))).toHaveLength(3)
  })
})
