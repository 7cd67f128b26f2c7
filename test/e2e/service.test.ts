import { describe, expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import { outputOf, problemsOf } from './support/events.ts'
import { asRoot } from './support/faults.ts'
import { fleetOf, WITH_NAMESPACES } from './support/fleet-of.ts'
import { FULL } from './support/full-size.ts'
import { everywhere, links } from './support/hosts.ts'
import { makeProject, type Project, withPython } from './support/project.ts'
import { release } from './support/releases.ts'
import {
  answerOf,
  application,
  definitionOn,
  must,
  putDefinition,
  superviseByRoot,
  superviseOn,
} from './support/supervised.ts'

describe.runIf(WITH_NAMESPACES)('a service', { timeout: 300_000 }, async () => {
  const fleet = await fleetOf(['web1', 'web2'])
  const supervisor = await superviseOn(fleet)
  const web1 = fleet.host('web1')

  /** A service with a name and a port of each test's own, out of the environment that the python recipe builds. */
  const serving = (name: string, port: number, changes: object = {}) => ({
    service: {
      ...{ name, manager: 'supervisor', supervisor, listen: { production: port, staging: port + 1 } },
      ...{ command: ['.env/bin/python', '-m', 'shop.serve', '{port}'], steady: '1s', within: '10s' },
      ...changes,
    },
  })
  /** The same without an environment of its own, for a deploy that takes seconds: the tree in the revision is what runs. */
  const light = (name: string, port: number, changes: object = {}) =>
    serving(name, port, {
      ...{ command: ['/usr/bin/python3', '-m', 'shop.serve', '{port}'], env: { PYTHONPATH: '.' } },
      ...changes,
    })
  const answers = async (port: number) => {
    const asked = fleet.hosts.map(async host => [host.name, await answerOf(host, port)] as const)
    return Object.fromEntries(await Promise.all(asked))
  }
  const ships = async (made: Project, version: string, before = '') =>
    await made.deploy(['production', await release(made, version, application(version, before)), '--json'])
  const from = (version: string) => expect.objectContaining({ version, revision: `shop-${version}` })

  test('runs out of the live revision and stays in it, follows a switch, and a rollback', async () => {
    const made = await makeProject(fleet, { recipes: [withPython, serving('flow', 8000)] })
    const first = await ships(made, '1.0')
    expect({ code: first.code, problems: problemsOf(first) }).toEqual({ code: 0, problems: [] })
    const { version, from: module } = Object(await answerOf(web1, 8000))
    expect({ version, module }).toEqual({
      version: '1.0',
      module: expect.stringContaining(`${made.rootOn('web1')}/shop-1.0/.env/lib/`),
    })
    const second = await ships(made, '2.0')
    expect({ code: second.code, activated: outputOf(second, 'web2', 'activate')[1] }).toEqual({
      code: 0,
      activated: expect.stringContaining('flow-production.conf: unchanged'),
    })
    expect(outputOf(second, 'web1', 'health')).toEqual([
      expect.stringMatching(/^flow-production: process \d+ lives in shop-2\.0$/),
    ])
    expect(await answers(8000)).toEqual(everywhere(fleet, from('2.0')))
    expect((await made.deploy(['rollback', 'production', '--json'])).code).toBe(0)
    expect(await answers(8000)).toEqual(everywhere(fleet, from('1.0')))
  })

  test('that was stopped by hand is found by a check, with what starts it again', async () => {
    const made = await makeProject(fleet, { recipes: [light('looked', 8300)] })
    expect((await ships(made, '1.0')).code).toBe(0)
    const check = async () => await made.deploy(['check', 'production'])
    expect(await check()).toMatchObject({ code: 0 })
    const control = ['supervisorctl', '-c', `/home/${web1.user}/supervisord.conf`]
    await must(web1, [...control, 'stop', 'looked-production'])
    const { code, stdout } = await check()
    expect(code).toBe(8)
    expect(stdout).toMatch(
      /web1\s+service looked-production: process \(service-looked\)\s+runs in shop-1\.0\s+no process: it is STOPPED/,
    )
    expect(stdout).toContain([...control, 'restart', 'looked-production'].join(' '))
    await must(web1, [...control, 'restart', 'looked-production'])
    expect(await check()).toMatchObject({ code: 0 })
  })

  test('of a project that its sdist spells otherwise is as a check expects it, also after a rollback', async () => {
    const made = await makeProject(fleet, { project: 'radicale', recipes: [light('spelt', 8310)] })
    const shipsIt = async (version: string) =>
      await made.deploy([
        'production',
        await release(made, version, { ...application(version), name: 'Radicale' }),
      ])
    for (const version of ['3.1', '3.2']) expect(await shipsIt(version)).toMatchObject({ code: 0 })
    expect(await definitionOn(web1, 'spelt-production')).toContain('DEPLOY_PROJECT=Radicale ')
    expect(await made.deploy(['check', 'production'])).toMatchObject({ code: 0 })
    expect(await made.deploy(['rollback', 'production'])).toMatchObject({ code: 0 })
    expect(await made.deploy(['check', 'production'])).toMatchObject({ code: 0 })
  })

  test('stays in its revision though the link leads elsewhere, with what it imports later too', async () => {
    const made = await makeProject(fleet, { recipes: [light('stays', 8010)] })
    expect((await ships(made, '1.0')).code).toBe(0)
    await made.configure({ recipes: [] })
    expect((await ships(made, '2.0')).code).toBe(0)
    expect(await answers(8010)).toEqual(everywhere(fleet, from('1.0')))
  })

  test('that does not come up fails the run, and the old one runs again everywhere', async () => {
    const made = await makeProject(fleet, { recipes: [light('broken', 8020)] })
    expect((await ships(made, '1.0')).code).toBe(0)
    const run = await ships(made, '2.0', 'raise SystemExit("no such database")')
    expect(run.code).toBe(5)
    expect(run.stdout).toContain('| no such database')
    expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))
    expect(await answers(8020)).toEqual(everywhere(fleet, from('1.0')))
  })

  test.runIf(FULL)('gets its old definition back with the old revision', async () => {
    const made = await makeProject(fleet, { recipes: [light('text', 8030)] })
    expect((await ships(made, '1.0')).code).toBe(0)
    const before = await definitionOn(web1, 'text-production')
    const changed = { env: { PYTHONPATH: '.', GREETING: 'a ;b "c" 50% $HOME' } }
    await made.configure({
      recipes: [light('text', 8030, changed)],
      hooks: { 'after:health': [exec(['false'])] },
    })
    expect((await ships(made, '2.0')).code).toBe(5)
    expect(await definitionOn(web1, 'text-production')).toBe(before)
    expect(await answers(8030)).toEqual(everywhere(fleet, from('1.0')))
    await made.configure({ recipes: [light('text', 8030, changed)] })
    expect((await ships(made, '3.0')).code).toBe(0)
    expect(await answerOf(web1, 8030)).toMatchObject({ version: '3.0', greeting: 'a ;b "c" 50% $HOME' })
  })

  test.runIf(FULL)(
    'runs out of the old revision again when the runner is killed before the switch is kept',
    async () => {
      const long = { steady: '60s', within: '60s' }
      const made = await makeProject(fleet, { recipes: [light('killed', 8090)], heartbeat: '3s' })
      expect((await ships(made, '1.0')).code).toBe(0)
      await made.configure({ recipes: [light('killed', 8090, long)], heartbeat: '3s' })
      const run = made.start(['production', await release(made, '2.0', application('2.0')), '--json'])
      await run.printed(/"step-started"[^\n]*"health\/1"/)
      run.signal('SIGKILL')
      await run.ended
      const versions = async () => await answers(8090).catch(() => ({}))
      await expect.poll(versions, { timeout: 60_000 }).toEqual(everywhere(fleet, from('1.0')))
      expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))
    },
  )

  test.runIf(FULL)(
    "under root's supervisord runs as the account, and what takes root is done by sudo",
    async () => {
      await superviseByRoot(web1)
      const listen = { production: 8100, other: 8101 }
      const stages = { production: { hosts: ['web1'] }, other: { hosts: ['web2'] } }
      const recipes = [light('rooted', 8100, { supervisor: {}, listen })]
      const made = await makeProject(fleet, { recipes, stages })
      expect((await ships(made, '1.0')).code).toBe(0)
      const run = await ships(made, '2.0')
      const [said = ''] = outputOf(run, 'web1', 'health')
      expect({ code: run.code, said }).toEqual({
        code: 0,
        said: expect.stringMatching(/^rooted-production: process \d+ lives in shop-2\.0$/),
      })
      const [, pid = ''] = /process (\d+)/.exec(said) ?? []
      expect((await must(web1, ['ps', '-o', 'user=', '-p', pid])).trim()).toBe(web1.user)
      expect(await answerOf(web1, 8100)).toMatchObject({ version: '2.0' })
    },
  )

  test.runIf(FULL)('is gone again when its first switch is put back', async () => {
    const made = await makeProject(fleet, { recipes: [light('first', 8040)] })
    expect((await ships(made, '1.0', 'raise SystemExit(1)')).code).toBe(5)
    expect(await definitionOn(web1, 'first-production')).toBe(undefined)
    expect(
      await must(web1, ['supervisorctl', '-c', `/home/${web1.user}/supervisord.conf`, 'avail']),
    ).not.toMatch(/first/)
  })

  test('whose process stays in the old revision is found out', async () => {
    const ignoring = 'import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)'
    const made = await makeProject(fleet, { recipes: [light('old', 8050, { reload: 'HUP', within: '2s' })] })
    expect((await ships(made, '1.0', ignoring)).code).toBe(0)
    const run = await ships(made, '2.0', ignoring)
    expect(run.code).toBe(5)
    expect(run.stdout).toMatch(/old-production does not run in shop-2\.0: process \d+ lives in shop-1\.0/)
    expect(await answers(8050)).toEqual(everywhere(fleet, from('1.0')))
  })

  test('reads the variables of its stage', async () => {
    const made = await makeProject(fleet, { recipes: [light('variables', 8060)] })
    for (const host of fleet.hosts) {
      const shared = `${made.rootOn(host.name)}/shared`
      await must(host, ['mkdir', shared])
      const lines = ['# said to whoever asks', 'OTHER=1', String.raw`GREETING=" a \"b\" \$c\\"`]
      await must(host, ['tee', `${shared}/production.env`], lines.join('\n'))
      await must(host, ['chmod', '600', `${shared}/production.env`])
    }
    expect((await ships(made, '1.0')).code).toBe(0)
    expect(await answerOf(web1, 8060)).toMatchObject({ greeting: String.raw` a "b" $c\ `.trimEnd() })
  })

  test('is refused where it could not read the variables of its stage', async () => {
    const made = await makeProject(fleet, { recipes: [light('unread', 8110)] })
    const file = `${made.rootOn('web2')}/shared/production.env`
    await asRoot(
      fleet.host('web2'),
      `mkdir -p ${made.rootOn('web2')}/shared && (umask 077; echo A=1 > ${file})`,
    )
    const run = await ships(made, '1.0')
    expect({ code: run.code, problems: problemsOf(run) }).toEqual({
      code: 3,
      problems: ['web2: recipe-service-unread'],
    })
  })

  test('is not written over what somebody else calls the same', async () => {
    const made = await makeProject(fleet, { recipes: [light('taken', 8070)] })
    await putDefinition(web1, 'taken-production', '[program:taken]\ncommand=/bin/sleep 1\nautostart=false\n')
    const run = await ships(made, '1.0')
    expect({ code: run.code, problems: problemsOf(run) }).toEqual({
      code: 3,
      problems: ['web1: recipe-service-taken'],
    })
  })

  test('of two stages on one host has two ports, or the configuration is refused', async () => {
    const made = await makeProject(fleet, { recipes: [light('same', 8080, { listen: 8080 })] })
    const run = await made.deploy(['production', await release(made, '1.0')])
    expect({ code: run.code, said: run.stderr.match(/on web\d, port 8080 is wanted twice/g) }).toEqual({
      code: 2,
      said: ['on web1, port 8080 is wanted twice', 'on web2, port 8080 is wanted twice'],
    })
  })
})
