import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import type { Deployment } from './support/deploy.ts'
import { problemsOf } from './support/events.ts'
import { fleetOf } from './support/fleet-of.ts'
import { atGate, STANDING, shutGate } from './support/gate.ts'
import { everywhere, journal, links } from './support/hosts.ts'
import { makeProject, type Project, type ProjectConfig } from './support/project.ts'
import { release } from './support/releases.ts'

const NAMES = ['web1', 'web2', 'web3']
const fleet = await fleetOf(NAMES)

const alpha = (config: ProjectConfig = {}): ProjectConfig => ({ project: 'alpha', ...config })

/** The same hosts and roots for `beta`, in a configuration beside the one for `alpha`. */
async function beta(made: Project): Promise<readonly string[]> {
  const own = JSON.parse(await readFile(join(made.directory, 'stage.config.json'), 'utf8'))
  const path = join(made.directory, 'beta.json')
  await writeFile(path, JSON.stringify({ ...own, project: 'beta', verify: [], hooks: {} }))
  return ['--config', path]
}

const ofAlpha = (made: Project) => release(made, '1.0', { name: 'alpha' })
const ofBeta = (made: Project) => release(made, '1.0', { name: 'beta' })

async function owners(made: Project): Promise<Readonly<Record<string, unknown>>> {
  const read = NAMES.map(async host => {
    const text = await readFile(join(made.rootOf(host), '.stage/root.json'), 'utf8')
    return [host, JSON.parse(text).project] as const
  })
  return Object.fromEntries(await Promise.all(read))
}

const refused = (run: Deployment) => ({ code: run.code, problems: problemsOf(run) })

describe('a root', () => {
  test.each([
    ['in its verification', true, { verify: [exec(['false'])] }],
    ['in its build', false, { hooks: { build: [exec(['false'])] } }],
    ['before its upload', false, { hooks: { 'before:upload': [exec(['false'])] } }],
  ] as const)(
    'whose first deploy failed %s is taken by the next project, and each keeps its records',
    async (_where, isRejected, config) => {
      const made = await makeProject(fleet, alpha(config))
      const first = await made.deploy(['staging', await ofAlpha(made)])
      expect(first.code).toBe(4)
      expect(await owners(made)).toEqual(everywhere(fleet, 'alpha'))
      const other = await beta(made)
      const next = await made.deploy(['staging', await ofBeta(made), ...other, '--json'])
      expect(refused(next)).toEqual({ code: 0, problems: NAMES.map(name => `${name}: root-claimed`) })
      expect(await owners(made)).toEqual(everywhere(fleet, 'beta'))
      expect(await links(fleet, made, 'staging')).toEqual(everywhere(fleet, 'beta-1.0'))
      const claims = (await journal(made, 'web1')).filter(({ what }) => what === 'claimed')
      expect(claims).toMatchObject([{ project: 'beta', was: 'alpha' }])
      expect(await made.deploy(['check', 'staging', ...other])).toMatchObject({ code: 0 })
      await made.configure(alpha())
      const again = await made.deploy(['staging', await ofAlpha(made), '--json'])
      expect(again.code).toBe(3)
      expect(problemsOf(again)).toEqual(expect.arrayContaining(NAMES.map(name => `${name}: other-project`)))
      // What was rejected stays so for its own project.
      expect(problemsOf(again).includes('web1: rejected')).toBe(isRejected)
      expect(again.stdout).toContain('belongs to the project beta, this is alpha: beta-1.0 stands in it')
    },
  )

  test('in which one revision stands, though it was never live, is refused', async () => {
    const made = await makeProject(fleet, alpha())
    expect(await made.deploy(['prepare', 'staging', await ofAlpha(made)])).toMatchObject({ code: 0 })
    const run = await made.deploy(['staging', await ofBeta(made), ...(await beta(made)), '--json'])
    expect(refused(run)).toEqual({ code: 3, problems: NAMES.map(name => `${name}: other-project`) })
    expect(run.stdout).toContain('alpha-1.0 stands in it')
  })

  test('in which a first deploy is at work is refused to the others, who are told whose it is', async () => {
    const made = await makeProject(fleet, alpha({ hooks: { build: [atGate] } }))
    const open = await shutGate(made, 'web1')
    const run = made.start(['staging', await ofAlpha(made), '--json'])
    await run.printed(STANDING)
    const second = await made.deploy(['production', await ofBeta(made), ...(await beta(made)), '--json'])
    expect({ code: second.code, said: second.stdout }).toEqual({
      code: 7,
      said: expect.stringMatching(new RegExp(`is locked by \\S+ from \\S+ \\(process ${run.pid}\\)`)),
    })
    await open()
    expect(await run.ended).toMatchObject({ code: 0 })
    expect(await owners(made)).toEqual(everywhere(fleet, 'alpha'))
  })

  test('that two projects claim in the same instant goes to one of them, on all hosts', async () => {
    for (const stage of ['staging', 'production', 'staging', 'production', 'staging', 'production']) {
      const made = await makeProject(fleet, alpha())
      const other = await beta(made)
      const [one, two] = [await ofAlpha(made), await ofBeta(made)]
      const runs = { alpha: made.start(['staging', one]), beta: made.start([stage, two, ...other]) }
      const [first, second] = [await runs.alpha.ended, await runs.beta.ended]
      const [winner, loser] = first.code === 0 ? (['alpha', second] as const) : (['beta', first] as const)
      expect(
        [first.code, second.code].filter(code => code === 0),
        `${first.stderr}${first.stdout}${second.stderr}${second.stdout}`,
      ).toEqual([0])
      expect([3, 7]).toContain(loser.code)
      expect(await owners(made)).toEqual(everywhere(fleet, winner))
      const linked = winner === 'alpha' ? 'staging' : stage
      expect(await links(fleet, made, linked)).toEqual(everywhere(fleet, `${winner}-1.0`))
    }
  })
})
