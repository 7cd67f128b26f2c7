import { describe, expect, test } from 'vitest'
import type { Deployment } from './support/deploy.ts'
import { outputOf, phasesOf, problemsOf } from './support/events.ts'
import { fleetOf, WITH_NAMESPACES } from './support/fleet-of.ts'
import { FULL } from './support/full-size.ts'
import { everywhere, links, rootListing } from './support/hosts.ts'
import { makeProject, type Project, withPython } from './support/project.ts'
import { release } from './support/releases.ts'
import { stagetoolsProject } from './support/stagetools-project.ts'
import { answerOf, must, superviseOn } from './support/supervised.ts'

/** The python recipe's own import runs under `.env`, which is no name of a system. */
const python = { python: { ...withPython.python, check: { imports: false } } }
const classes = { staging: 'q', production: 'p' }
/** One host alone says what is wrong: of several, the others are stopped when the first one fails. */
const alone = { staging: { hosts: ['web1'] }, production: { hosts: ['web1'] }, other: { hosts: ['web2'] } }
const aloneClasses = { ...classes, other: 'd' }
const named = (options: object = {}) => ({ stagetools: { stages: classes, ...options } })
const namedAlone = (options: object = {}) => ({ stagetools: { stages: aloneClasses, ...options } })

describe.runIf(WITH_NAMESPACES)('a project built on stagetools', { timeout: 300_000 }, async () => {
  const fleet = await fleetOf(['web1', 'web2'])
  const supervisor = await superviseOn(fleet)
  const web1 = fleet.host('web1')

  const ships = async (
    made: Project,
    stage: string,
    version: string,
    changes?: Parameters<typeof stagetoolsProject>[1],
  ) => await made.deploy([stage, await release(made, version, stagetoolsProject(version, changes)), '--json'])
  const stepsIn = (run: Deployment, slot: string) =>
    run.events.filter(({ type, step }) => type === 'step-started' && String(step).startsWith(`${slot}/`))
      .length

  test('is promoted by a relink and is the system of production then, and of the old revision after a rollback', async () => {
    const command = (letter: string) => [`shop_${letter}/bin/python`, '-m', 'shop.serve', '{port}']
    const service = {
      ...{ name: 'shop', manager: 'supervisor', supervisor, steady: '1s', within: '10s' },
      ...{ command: { staging: command('q'), production: command('p') } },
      listen: { staging: 8201, production: 8200 },
    }
    const made = await makeProject(fleet, { recipes: [python, named(), { service }] })
    const root = made.rootOn('web1')
    const first = await ships(made, 'staging', '1.0')
    expect({ code: first.code, problems: problemsOf(first) }).toEqual({ code: 0, problems: [] })
    expect(await answerOf(web1, 8201)).toEqual({
      ...{ version: '1.0', name: 'shop_q', stage: 1, debug: false },
      base: `${root}/shop-1.0/shop_q`,
    })
    expect(
      (await must(web1, ['readlink', `${root}/shop-1.0/shop_p`, `${root}/shop-1.0/shop_q`])).split('\n'),
    ).toEqual([...['.env', '.env', '']])

    const promoted = await made.deploy(['promote', 'staging', 'production', '--json'])
    expect({
      code: promoted.code,
      built: stepsIn(promoted, 'build'),
      verified: stepsIn(promoted, 'verify'),
    }).toEqual({
      ...{ code: 0, built: 0, verified: 0 },
    })
    expect(phasesOf(promoted)).not.toContain('build')
    expect(outputOf(promoted, 'web2', 'health')[0]).toMatch(
      /^shop_p: the application says so itself, in \d+ attributes: class p, .*\/production\/shop_p$/,
    )
    expect(await answerOf(web1, 8200)).toEqual({
      ...{ version: '1.0', name: 'shop_p', stage: 0, debug: false },
      base: `${root}/shop-1.0/shop_p`,
    })
    expect(await answerOf(web1, 8201)).toMatchObject({ name: 'shop_q' })

    expect((await ships(made, 'production', '2.0')).code).toBe(0)
    expect(await answerOf(web1, 8200)).toMatchObject({ version: '2.0', name: 'shop_p' })
    expect((await made.deploy(['rollback', 'production', '--json'])).code).toBe(0)
    expect(await answerOf(web1, 8200)).toMatchObject({ version: '1.0', name: 'shop_p' })
    expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))
  })

  test.runIf(FULL)(
    'that is another system than the expected one is rejected, with a table of what differs',
    async () => {
      const made = await makeProject(fleet, {
        recipes: [python, namedAlone({ system: 'aaa_env_setup:SYSTEM' })],
        stages: alone,
      })
      const run = await ships(made, 'staging', '1.0', {
        'aaa_env_setup.py': text => text.replace('from_name()', "from_name(core_repo='backend')"),
      })
      expect(run.code).toBe(4)
      expect(outputOf(run, 'web1', 'verify').slice(-7)).toEqual([
        expect.stringMatching(/^attribute +expected +the application says$/),
        expect.stringMatching(/^core_repo +shop +backend$/),
        expect.stringMatching(/^core_app +shop +backend$/),
        expect.stringMatching(/^core_repo_dir +\S+\/shop-1\.0\/shop_q\/src\/shop +\S+\/src\/backend$/),
        expect.stringMatching(/^manage_py_path /),
        expect.stringMatching(/^database_sqlite_path +\S+\/shop\.sqlite +\S+\/backend\.sqlite$/),
        expect.stringMatching(
          /^shop_q: the application is not the system that is expected, in 5 of \d+ attributes/,
        ),
      ])
      expect(await rootListing(made, 'web1')).not.toContain('staging')
    },
  )

  test.runIf(FULL)(
    'that differs in what the configuration expects of one stage is not switched to, and can be when that is corrected',
    async () => {
      const expecting = (database_name: string) =>
        namedAlone({ stages: { ...aloneClasses, production: { class: 'p', expect: { database_name } } } })
      const made = await makeProject(fleet, { recipes: [python, expecting('{system}')], stages: alone })
      expect((await ships(made, 'staging', '1.0')).code).toBe(0)
      expect((await made.deploy(['promote', 'staging', 'production', '--json'])).code).toBe(0)
      await made.configure({ recipes: [python, expecting('live')], stages: alone })
      expect((await ships(made, 'staging', '2.0')).code).toBe(0)
      const run = await made.deploy(['promote', 'staging', 'production', '--json'])
      expect({ code: run.code, said: outputOf(run, 'web1', 'before:switch')[1] }).toEqual({
        code: 4,
        said: expect.stringMatching(/^database_name +live +shop_p$/),
      })
      expect(await links(fleet, made, 'production')).toMatchObject({ web1: 'shop-1.0' })
      await made.configure({ recipes: [python, expecting('{system}')], stages: alone })
      expect((await made.deploy(['promote', 'staging', 'production', '--json'])).code).toBe(0)
      expect(await links(fleet, made, 'production')).toMatchObject({ web1: 'shop-2.0' })
    },
  )

  test.runIf(FULL)('goes back where the application is another system after the switch', async () => {
    const made = await makeProject(fleet, { recipes: [python, namedAlone()], stages: alone })
    expect((await ships(made, 'production', '1.0')).code).toBe(0)
    // Before the switch that is where it stands; after it the application is asked through the link of the stage.
    const wanted = { base_dir: '{root}/shop-2.0/shop_p' }
    await made.configure({
      recipes: [
        python,
        namedAlone({ stages: { ...aloneClasses, production: { class: 'p', expect: wanted } } }),
      ],
      stages: alone,
    })
    const run = await ships(made, 'production', '2.0')
    expect({ code: run.code, said: outputOf(run, 'web1', 'health')[1] }).toEqual({
      code: 5,
      said: expect.stringMatching(/^base_dir +\S+\/shop-2\.0\/shop_p +\S+\/production\/shop_p$/),
    })
    expect(await links(fleet, made, 'production')).toMatchObject({ web1: 'shop-1.0' })
  })

  test('is refused where the account or the host is not the expected one, before anything is built', async () => {
    const stages = { staging: 'q', production: { class: 'p', user: '{system}', host: '{host}.example.com' } }
    const made = await makeProject(fleet, { recipes: [python, named({ stages })] })
    const run = await ships(made, 'production', '1.0')
    expect({ code: run.code, problems: problemsOf(run) }).toEqual({
      code: 3,
      problems: ['web1', 'web1', 'web2', 'web2'].map(host => `${host}: recipe-stagetools`),
    })
    expect(run.stdout).toContain(`shop_p: the account is expected to be 'shop_p', and is '${web1.user}'`)
  })

  test('that was built before its stage was named is not switched to', async () => {
    const made = await makeProject(fleet, { recipes: [python, namedAlone()], stages: alone })
    expect((await ships(made, 'staging', '1.0')).code).toBe(0)
    const stages = { ...aloneClasses, production: { class: 'p', name: 'prod' } }
    await made.configure({ recipes: [python, named({ stages })], stages: alone })
    const run = await made.deploy(['promote', 'staging', 'production', '--json'])
    expect({ code: run.code, said: outputOf(run, 'web1', 'before:switch') }).toEqual({
      code: 4,
      said: [expect.stringMatching(/^shop_prod: this revision was built without that name/)],
    })
  })

  test('with a stage whose class is not said is refused before any host is asked', async () => {
    const made = await makeProject(fleet, { recipes: [python, named({ stages: { staging: 'q' } })] })
    const run = await ships(made, 'staging', '1.0')
    expect({ code: run.code, said: run.stderr }).toEqual({
      code: 2,
      said: expect.stringContaining("the class of the stage 'production' is missing"),
    })
  })

  test('whose sdist has an entry of the name is rejected, and said why', async () => {
    const made = await makeProject(fleet, { recipes: [python, namedAlone()], stages: alone })
    const options = stagetoolsProject('1.0')
    const path = await release(made, '1.0', { files: { ...options.files, shop_p: 'taken\n' } })
    const run = await made.deploy(['staging', path, '--json'])
    expect({ code: run.code, said: outputOf(run, 'web1', 'after:build') }).toEqual({
      code: 4,
      said: [expect.stringMatching(/^the sdist itself has shop_p, and a stage needs the name/)],
    })
  })
})
