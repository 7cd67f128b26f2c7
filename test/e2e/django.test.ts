import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import type { Deployment } from './support/deploy.ts'
import {
  ADDS_PLACE,
  djangoProject,
  FAILS,
  lightEnvironment,
  pythonWithDjango,
  secondMigration,
} from './support/django-project.ts'
import { outputOf, problemsOf } from './support/events.ts'
import { asRoot } from './support/faults.ts'
import { fleetOf, WITH_NAMESPACES } from './support/fleet-of.ts'
import { FULL } from './support/full-size.ts'
import { everywhere, links } from './support/hosts.ts'
import { makeProject, type Project } from './support/project.ts'
import { type ReleaseOptions, release } from './support/releases.ts'

describe.runIf(WITH_NAMESPACES)('a Django project', { timeout: 300_000 }, async () => {
  const fleet = await fleetOf(['web1', 'web2', 'web3'])
  const built = await pythonWithDjango(fleet)

  const django = (options: object = {}) => ({ django: { settings: 'shop.settings', ...options } })
  /** With an environment that takes no time. */
  const light = (options: object = {}, hooks: object = {}) => ({
    recipes: [django(options)],
    hooks: { build: lightEnvironment, ...hooks },
  })
  const ships = async (made: Project, version: string, what: ReleaseOptions, more: readonly string[] = []) =>
    await made.deploy(['production', await release(made, version, what), '--json', ...more])
  const shared = (made: Project, host: string, name: string) => join(made.rootOf(host), 'shared', name)
  const variables = async (made: Project, host: string) =>
    await readFile(shared(made, host, 'production.env'), 'utf8').catch(() => '')
  const keyOn = async (made: Project, host: string) =>
    /^SECRET_KEY=(.*)$/m.exec(await variables(made, host))?.[1]
  const keys = async (made: Project) =>
    await Promise.all(['web1', 'web2', 'web3'].map(async host => await keyOn(made, host)))
  const hasDatabase = async (made: Project, host: string) =>
    await stat(shared(made, host, 'db.sqlite3')).then(
      () => true,
      () => false,
    )
  const columns = async (made: Project) => {
    const ask =
      'import sqlite3, sys; print([row[1] for row in sqlite3.connect(sys.argv[1]).execute("PRAGMA table_info(shop_order)")])'
    const { stdout } = await fleet
      .host('web1')
      .run(['/usr/bin/python3', '-c', ask, `${made.rootOn('web1')}/shared/db.sqlite3`])
    return stdout.trim()
  }
  const ended = (run: Deployment) => ({ code: run.code, problems: problemsOf(run) })
  const done = { code: 0, problems: [] }

  test('gets static files in its revision, a key for all hosts, and its migrations once', async () => {
    const made = await makeProject(fleet, { recipes: [django(), built] })
    await asRoot(
      fleet.host('web2'),
      `cd ${made.rootOn('web2')} && mkdir shared && echo 'DEBUG_LEVEL="a b"' > shared/production.env && chmod 600 shared/production.env && chown -R ${fleet.host('web2').user}: shared`,
    )
    const run = await ships(made, '1.0', djangoProject())
    expect(ended(run)).toEqual(done)
    expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))
    const [key = '', ...others] = await keys(made)
    expect({ key, others }).toEqual({ key: expect.stringMatching(/^[\w-]{64}$/), others: [key, key] })
    expect(await variables(made, 'web2')).toBe(`DEBUG_LEVEL="a b"\nSECRET_KEY=${key}\n`)
    for (const { name } of fleet.hosts) {
      expect((await stat(shared(made, name, 'production.env'))).mode & 0o777).toBe(0o600)
      const css = join(made.rootOf(name), 'shop-1.0/staticfiles/shop/site.css')
      expect(await readFile(css, 'utf8')).toBe('body { color: black }\n')
      expect(await hasDatabase(made, name)).toBe(name === 'web1')
    }
    expect(outputOf(run, 'web1', 'before:switch')).toContain(
      '  Applying shop.0001_initial...signed with [SECRET_KEY]',
    )
    for (const text of [run.stdout, run.stderr]) expect(text.includes(key)).toBe(false)
    for (const { name } of fleet.hosts) {
      const found = await fleet.host(name).run(['grep', '-rlF', key, made.rootOn(name)], { as: 'root' })
      expect(found.stdout.trim()).toBe(`${made.rootOn(name)}/shared/production.env`)
    }
    expect(await made.deploy(['check', 'production'])).toMatchObject({ code: 0 })
    await rm(shared(made, 'web3', 'production.env'))
    const { code, stdout } = await made.deploy(['check', 'production'])
    expect({ code, stdout }).toEqual({
      code: 8,
      stdout: expect.stringMatching(/web3\s+SECRET_KEY of production \(django\)\s+kept\s+missing/),
    })
  })

  test('shows its steps in the plan, with the name of the recipe', async () => {
    const made = await makeProject(fleet, light())
    const path = await release(made, '1.0', djangoProject())
    const { code, stdout } = await made.deploy(['production', path, '--dry-run'])
    expect(code).toBe(0)
    expect(stdout.split('\n').filter(line => line.includes('(django,'))).toMatchInlineSnapshot(`
      [
        "    collectstatic into staticfiles (django, after:build, 10 min)",
        "    check --deploy --fail-level ERROR (django, 10 min)",
        "    keep one SECRET_KEY in shared/production.env (django, before:switch, 10 min)",
        "    show migrations that are not applied (django, before:switch, 10 min)",
        "    migrate --noinput (django, before:switch, 60 min)",
        "    keep one SECRET_KEY in shared/production.env (django, before:switch, 10 min)",
      ]
    `)
  })

  test.runIf(FULL)('keeps its key, and shows a new migration before it is applied', async () => {
    const made = await makeProject(fleet, light())
    expect(ended(await ships(made, '1.0', djangoProject()))).toEqual(done)
    const before = await keys(made)
    const run = await ships(made, '2.0', djangoProject('', secondMigration(ADDS_PLACE)))
    expect(ended(run)).toEqual(done)
    const said = outputOf(run, 'web1', 'before:switch').map(line => line.trim())
    expect(said.indexOf('shop.0002_second')).toBeLessThan(
      said.indexOf('Applying shop.0002_second...signed with [SECRET_KEY]'),
    )
    expect(said.indexOf('shop.0002_second')).toBeGreaterThan(-1)
    expect(await columns(made)).toBe("['id', 'place']")
    expect(await keys(made)).toEqual(before)
    // Back to a revision that does not know the migration: it stays.
    expect((await made.deploy(['rollback', 'production', '--json'])).code).toBe(0)
    expect(await columns(made)).toBe("['id', 'place']")
    expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))
  })

  test('is rejected by what check --deploy finds, from the level on that is configured', async () => {
    const made = await makeProject(fleet, light({ failLevel: 'WARNING' }))
    const run = await ships(made, '1.0', djangoProject())
    expect(run.code).toBe(4)
    // The first host that fails stops the others: one of them has said it.
    const said = fleet.hosts.flatMap(({ name }) => outputOf(run, name, 'verify'))
    expect(said.join('\n')).toContain('security.W020')
    expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, null))
    expect(await keys(made)).toEqual([undefined, undefined, undefined])
  })

  test('whose migration fails is switched to nowhere', async () => {
    const made = await makeProject(fleet, light())
    expect(ended(await ships(made, '1.0', djangoProject()))).toEqual(done)
    const run = await ships(made, '2.0', djangoProject('', secondMigration(FAILS)))
    expect(run.code).toBe(4)
    expect(outputOf(run, 'web1', 'before:switch').join('\n')).toContain('no such table: nowhere')
    expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))
  })

  test.runIf(FULL)('is not switched to while migrations wait, where others apply them', async () => {
    const made = await makeProject(fleet, light({ migrate: 'check' }))
    const run = await ships(made, '1.0', djangoProject())
    expect(run.code).toBe(4)
    const said = outputOf(run, 'web1', 'before:switch').map(line => line.trim())
    expect(said).toContain('shop.0001_initial')
    expect(said.at(-1)).toMatch(/^migrations are not applied: /)
    await made.configure(light())
    expect(ended(await ships(made, '1.0', djangoProject()))).toEqual(done)
    await made.configure(light({ migrate: 'check' }))
    expect(ended(await ships(made, '1.1', djangoProject()))).toEqual(done)
  })

  test('that is put back keeps its migrations, unless it says what undoes them', async () => {
    const made = await makeProject(fleet, light())
    expect(ended(await ships(made, '1.0', djangoProject()))).toEqual(done)
    const back = { health: [exec(['test', '1', '=', '2'])] }
    const undo = ['migrate', 'shop', '0001']
    await made.configure(light({ undo }, back))
    const second = djangoProject('', secondMigration(ADDS_PLACE))
    expect((await ships(made, '2.0', second)).code).toBe(5)
    expect(await columns(made)).toBe("['id']")
    await made.configure(light({}, back))
    expect((await ships(made, '2.1', second)).code).toBe(5)
    expect(await columns(made)).toBe("['id', 'place']")
    // What another run applied is not for this one to undo.
    await made.configure(light({ undo }, back))
    const run = await ships(made, '2.2', second)
    expect(run.code).toBe(5)
    expect(run.stdout).toContain('this run applied no migrations, so nothing is undone')
    expect(await columns(made)).toBe("['id', 'place']")
    expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))
  })

  test('gives a host without a key that of the others, and refuses two keys', async () => {
    const made = await makeProject(fleet, light())
    const some = await ships(made, '1.0', djangoProject(), ['--hosts', 'web1'])
    expect(ended(some)).toEqual({ code: 3, problems: ['web1: recipe-django'] })
    expect(ended(await ships(made, '1.0', djangoProject()))).toEqual(done)
    const [key, ...others] = await keys(made)
    expect(others).toEqual([key, key])
    const lose = `rm ${made.rootOn('web1')}/shared/production.env`
    await asRoot(fleet.host('web1'), lose)
    const run = await ships(made, '1.1', djangoProject())
    expect(ended(run)).toEqual(done)
    expect(await keys(made)).toEqual([key, key, key])
    expect(run.stdout.includes(key ?? '')).toBe(false)
    await asRoot(
      fleet.host('web3'),
      `echo SECRET_KEY=other-key > ${made.rootOn('web3')}/shared/production.env`,
    )
    const refused = await ships(made, '1.2', djangoProject())
    expect(ended(refused)).toEqual({ code: 3, problems: ['web3: recipe-django'] })
    expect((await made.deploy(['rollback', 'production', '--json'])).code).toBe(0)
  })

  test.runIf(FULL)('that looks for hashed names elsewhere when it runs is told what to write', async () => {
    const made = await makeProject(fleet, light())
    const manifest = 'STATICFILES_STORAGE = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"'
    const run = await ships(made, '1.0', djangoProject(`${manifest}\nSTATIC_ROOT = "/srv/static"`))
    expect(run.code).toBe(4)
    const line = "STATIC_ROOT = Path(sys.prefix, '../staticfiles').resolve()"
    // Who fails first stops the others: not each of them comes to say it.
    const said = ['web1', 'web2', 'web3'].flatMap(name =>
      outputOf(run, name, 'after:build').map(text => text.trim()),
    )
    expect(said).toContain(line)
    expect(ended(await ships(made, '1.1', djangoProject(`${manifest}\n${line}`)))).toEqual(done)
    const listed = join(made.rootOf('web2'), 'shop-1.1/staticfiles/staticfiles.json')
    expect(await readFile(listed, 'utf8')).toContain('shop/site.css')
  })
})
