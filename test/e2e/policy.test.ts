import { describe, expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import { eventsOf, problemsOf } from './support/events.ts'
import { stopped } from './support/faults.ts'
import { fleetOf } from './support/fleet-of.ts'
import { FULL } from './support/full-size.ts'
import { journal, links, rootListing } from './support/hosts.ts'
import { makeProject, type Project, type ProjectConfig } from './support/project.ts'
import { release } from './support/releases.ts'

const fleet = await fleetOf(['stage1', 'web1', 'web2'])
const finished = ['final', 'post']

/** Staging on a host of its own takes everything; production takes releases, and only what staging has had. */
const stages = {
  staging: { hosts: ['stage1'] },
  production: { hosts: ['web1', 'web2'], accepts: finished, after: 'staging' },
}

async function project(versions: readonly string[], config: ProjectConfig = { stages }): Promise<Project> {
  const made = await makeProject(fleet, config)
  for (const version of versions) await mustDeploy(made, 'staging', await release(made, version))
  return made
}

async function mustDeploy(made: Project, ...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await made.deploy(args)
  if (code !== 0) throw new Error(`deploy ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`)
}

/** How it ended, and what was wrong. */
async function refusal(made: Project, ...args: readonly string[]) {
  const run = await made.deploy([...args, '--json'])
  return { code: run.code, problems: problemsOf(run) }
}

const onlyStaging = (revision: string) => ({ stage1: revision, web1: null, web2: null })

describe('a channel that the stage does not accept', () => {
  test('is refused before any host is changed, by deploy, prepare and promote', async () => {
    const made = await project(['1.0rc1'])
    const refused = { code: 3, problems: ['production: channel'] }
    expect(await refusal(made, 'production')).toEqual(refused)
    expect(await refusal(made, 'prepare', 'production')).toEqual(refused)
    expect(await refusal(made, 'promote', 'staging', 'production')).toEqual(refused)
    expect(await rootListing(made, 'web1')).toEqual([])
    expect(await links(fleet, made, 'staging')).toEqual(onlyStaging('shop-1.0rc1'))
  })

  test('is let in by --accept with a reason, which every journal and the history keep', async () => {
    const made = await project(['1.0rc1'])
    const accept = ['--accept', 'rc', '--reason', 'the fair is tomorrow']
    const dry = await made.deploy(['production', ...accept, '--dry-run', '--json'])
    const exception = { channel: 'rc', reason: 'the fair is tomorrow' }
    expect(JSON.parse(dry.stdout)).toMatchObject({
      policy: { channel: 'rc', accepts: finished, exception, after: { stage: 'staging', hosts: ['stage1'] } },
    })
    await mustDeploy(made, 'production', ...accept)
    for (const host of ['web1', 'web2']) {
      const intents = (await journal(made, host)).filter(({ what }) => what === 'intent')
      expect(intents).toMatchObject([{ to: 'shop-1.0rc1', exception }])
    }
    const history = await made.deploy(['history', 'production', '--json'])
    expect(JSON.parse(history.stdout)).toMatchObject({ hosts: { web1: { switches: [{ exception }] } } })
  })

  test('is shown in a dry run as it would be on the record', async () => {
    const made = await project(['1.0rc1'])
    const { stdout } = await made.deploy([
      'production',
      '--accept',
      'rc',
      '--reason',
      'the fair',
      '--dry-run',
    ])
    expect(stdout.split('\n').filter(line => /^(channel|let in|after)/.test(line))).toEqual([
      'channel rc',
      'let in, as production accepts final, post only: the fair',
      'after staging: was live there on stage1',
    ])
  })
})

describe('a stage after another one', () => {
  test('takes what was live there, also when something else is live there now', async () => {
    const made = await project(['1.0', '1.1'])
    await mustDeploy(made, 'production', await release(made, '1.0'))
    await mustDeploy(made, 'promote', 'staging', 'production')
    expect(await links(fleet, made, 'production')).toEqual({
      stage1: null,
      web1: 'shop-1.1',
      web2: 'shop-1.1',
    })
  })

  test.runIf(FULL)(
    'refuses what never was, what was only prepared there, and what was put back there',
    async () => {
      const made = await project(['1.0'])
      const next = await release(made, '1.1')
      const refused = { code: 3, problems: ['production: after'] }
      expect(await refusal(made, 'production', next)).toEqual(refused)
      await mustDeploy(made, 'prepare', 'staging', next)
      expect(await refusal(made, 'production', next)).toEqual(refused)
      await made.configure({ stages, hooks: { health: [exec(['false'])] } })
      expect((await made.deploy(['staging', next])).code).toBe(5)
      await made.configure({ stages })
      expect(await refusal(made, 'production', next)).toEqual(refused)
      expect(await rootListing(made, 'web1')).toEqual([])
    },
  )

  test('refuses other bytes of the same name', async () => {
    const made = await project(['1.0'])
    const other = await release(made, '1.0', { files: { 'other.txt': 'other' } })
    expect(await refusal(made, 'production', other)).toEqual({ code: 3, problems: ['production: after'] })
  })

  test('refuses while none of its hosts can be read', async () => {
    const made = await project(['1.0'])
    await using _ = await stopped(fleet.host('stage1'))
    const run = await made.deploy(['production', '--json'])
    expect({ code: run.code, problems: problemsOf(run) }).toEqual({
      code: 3,
      problems: ['production: after-unread'],
    })
    expect(await rootListing(made, 'web1')).toEqual([])
  })

  test('prepares what is still on trial there, and asks when it is switched', async () => {
    const made = await project(['1.0'])
    const next = await release(made, '1.1')
    await mustDeploy(made, 'prepare', 'production', next)
    expect(await refusal(made, 'production', next)).toEqual({ code: 3, problems: ['production: after'] })
  })
})

describe('a lower version', () => {
  test.runIf(FULL)('is refused together with all else that is wrong', async () => {
    const made = await project(['1.0', '2.0'])
    await mustDeploy(made, 'production')
    const lower = await release(made, '1.5rc1')
    expect(await refusal(made, 'production', lower)).toEqual({
      code: 3,
      problems: ['production: channel', 'production: after', 'web1: downgrade', 'web2: downgrade'],
    })
  })

  test('comes back by a rollback, which asks for nothing, whatever is accepted by now', async () => {
    const made = await project(['1.0rc1', '1.0'])
    await mustDeploy(
      made,
      'production',
      await release(made, '1.0rc1'),
      '--accept',
      'rc',
      '--reason',
      'the fair',
    )
    await mustDeploy(made, 'production', await release(made, '1.0'))
    await mustDeploy(made, 'rollback', 'production')
    expect(await links(fleet, made, 'production')).toEqual({
      stage1: null,
      web1: 'shop-1.0rc1',
      web2: 'shop-1.0rc1',
    })
  })

  test.runIf(FULL)('that never was live is no way back', async () => {
    const made = await project(['1.0', '1.1rc1'])
    await mustDeploy(made, 'production', await release(made, '1.0'))
    const candidate = await release(made, '1.1rc1')
    await mustDeploy(made, 'prepare', 'production', candidate, '--accept', 'rc', '--reason', 'to be tried')
    expect(await refusal(made, 'rollback', 'production', '--to', 'shop-1.1rc1')).toEqual({
      code: 3,
      problems: ['production: channel'],
    })
  })
})

describe('a project with SemVer', () => {
  test('is deployed where what it says and the sdist agree, and refused where not, before a host is asked', async () => {
    const made = await makeProject(fleet, {
      versions: 'semver',
      version: { command: ['echo', '1.0.0-rc.1'] },
      stages: { staging: { hosts: ['stage1'] }, production: { hosts: ['web1', 'web2'], accepts: ['rc'] } },
    })
    const candidate = await release(made, '1.0.0rc1')
    const dry = await made.deploy(['production', candidate, '--dry-run', '--json'])
    expect(JSON.parse(dry.stdout)).toMatchObject({
      policy: { scheme: 'semver', version: '1.0.0-rc.1', channel: 'rc' },
    })
    const run = await made.deploy(['production', await release(made, '1.0.0'), '--json'])
    expect(problemsOf(run)).toEqual(['what `version.command` prints: version-disagrees'])
    expect({ code: run.code, connected: eventsOf(run, 'host-connected') }).toEqual({ code: 3, connected: [] })
  })

  test('has no post-releases', async () => {
    const made = await makeProject(fleet, { versions: 'semver' })
    await release(made, '1.0.post1')
    expect(await refusal(made, 'staging')).toEqual({ code: 3, problems: ['staging: version-scheme'] })
  })
})
