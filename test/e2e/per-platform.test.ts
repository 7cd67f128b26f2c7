import { createHash } from 'node:crypto'
import { copyFile, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import { findOtherPython, installOtherPython } from '../support/other-python.ts'
import { HOST_PYTHON } from '../support/requirements.ts'
import { mustRun } from '../support/run-program.ts'
import { closingTable, eventsOf } from './support/events.ts'
import { withExtension } from './support/extension-project.ts'
import { asRoot } from './support/faults.ts'
import { fleetOf, WITH_NAMESPACES } from './support/fleet-of.ts'
import { FULL } from './support/full-size.ts'
import { everywhere, leftovers, links, revisionRecord } from './support/hosts.ts'
import { makeProject, type Project } from './support/project.ts'
import { release } from './support/releases.ts'

// Hosts that have no compiler: only one that has a copy of the system of its own can be without.
const fleet = await fleetOf(WITH_NAMESPACES ? ['web1', 'web2', 'web3', 'web4'] : [])
const NAMES = ['web1', 'web2', 'web3', 'web4']
const cache = join(fleet.directory, 'runner-home/.cache/stage-deploy/products')
/** Gives a host its compiler, or takes it away. */
async function compilerOf(host: string, is: 'there' | 'away'): Promise<void> {
  const [from, to] = is === 'away' ? ['/usr/bin/cc', '/usr/bin/cc.away'] : ['/usr/bin/cc.away', '/usr/bin/cc']
  await asRoot(fleet.host(host), `if [ -e ${from} ]; then mv ${from} ${to}; fi`)
}

for (const name of WITH_NAMESPACES ? ['web2', 'web3', 'web4'] : []) await compilerOf(name, 'away')

/** Builds by host: the Python of each. Hosts that built nothing are left out. */
async function builds(): Promise<Readonly<Record<string, readonly string[]>>> {
  const read = fleet.hosts.map(async ({ name, home }) => {
    const text = await readFile(join(home, 'builds'), 'utf8').catch(() => '')
    return [name, text.split('\n').filter(line => line !== '')] as const
  })
  return Object.fromEntries((await Promise.all(read)).filter(([, lines]) => lines.length > 0))
}

/** Who built what a host has installed, as its manifest says. */
async function builders(project: Project, host: string, revision: string): Promise<unknown> {
  const { builders: said } = await revisionRecord(project, host, revision)
  return said
}

/** What the runner keeps. */
const cached = async () => (await readdir(cache).catch(() => [])).toSorted()

/** Every wheel that a host has installed, as its manifest names it. */
async function wheels(project: Project, host: string, revision: string): Promise<readonly unknown[]> {
  const { environment } = await revisionRecord(project, host, revision)
  if (typeof environment !== 'object' || environment === null || !('wheels' in environment)) return []
  return Array.isArray(environment.wheels) ? environment.wheels : []
}

const python = (options: object = {}) => ({
  python: { interpreter: systemPython, pipArgs: ['--no-index'], ...options },
})
const PRINT_XY = 'import sys; print("%d.%d" % sys.version_info[:2])'
const systemPython = await mustRun([HOST_PYTHON, '-I', '-c', PRINT_XY])

const runs = (version: string) =>
  exec(['.env/bin/python', '-c', `import shop; assert shop.answer() == 42`], { title: `is ${version} here` })

async function aProject(
  version: string,
  options: { readonly python?: object; readonly production?: object; readonly more?: object } = {},
): Promise<Project> {
  const project = await makeProject(fleet, {
    stages: {
      staging: { hosts: ['web1', 'web2', 'web3'] },
      production: { hosts: NAMES, builtBy: ['staging'], ...options.production },
    },
    ...options.more,
    recipes: [python(options.python)],
    verify: [runs(version)],
  })
  await release(project, version, withExtension(version))
  return project
}

beforeEach(async () => {
  for (const { home } of fleet.hosts) await rm(join(home, 'builds'), { force: true })
})

describe.skipIf(!WITH_NAMESPACES)('hosts of one platform, of which only the first has a compiler', () => {
  test('need one build, and one that is added later gets the same bytes without any', async () => {
    const project = await aProject('1.0')
    const first = await project.deploy(['staging', '--json'])
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' })
    expect(await builds()).toEqual({ web1: [expect.stringContaining(systemPython)] })
    const [one, ...others] = await Promise.all(
      ['web1', 'web2', 'web3'].map(host => wheels(project, host, 'shop-1.0')),
    )
    expect(one).toEqual([
      {
        file: expect.stringMatching(/^shop-1\.0-cp.*\.whl$/),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ])
    expect(others).toEqual([one, one])
    expect(await leftovers(fleet, project)).toEqual([])

    await compilerOf('web1', 'away')
    const second = await project.deploy(['production', '--json'])
    await compilerOf('web1', 'there')
    expect({ code: second.code, stderr: second.stderr }).toEqual({ code: 0, stderr: '' })
    expect(await links(fleet, project, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))
    expect(await wheels(project, 'web4', 'shop-1.0')).toEqual(one)
    expect(await builds()).toEqual({ web1: [expect.any(String)] })
    expect(eventsOf(second, 'step-started').map(({ title }) => title)).toContainEqual(
      expect.stringMatching(/: built by web1 of staging on .* UTC, kept on this machine$/),
    )
    // Whoever built is on record, and told by whoever looks.
    const of = (stage: string) => [expect.objectContaining({ share: 'wheels', host: 'web1', stage })]
    for (const host of NAMES) expect(await builders(project, host, 'shop-1.0')).toEqual(of('staging'))
    const check = await project.deploy(['check', 'production'])
    expect(check.stdout).toMatch(
      /wheels of shop-1\.0 on web1, web2, web3, web4: built by web1 of staging on 20\d\d-\d\d-\d\d \d\d:\d\d UTC/,
    )
    const { stages } = JSON.parse((await project.deploy(['check', 'production', '--json'])).stdout)
    expect(stages.production.hosts.web4.builders).toEqual([
      ...[
        { share: 'wheels', host: 'web1', stage: 'staging', run: expect.any(String), at: expect.any(String) },
      ],
    ])
  })

  test('install what another stage built only where the configuration lets that stage build', async () => {
    const none = { builtBy: undefined }
    const project = await aProject('1.5', { production: none })
    expect((await project.deploy(['staging'])).code).toBe(0)
    const plan = await project.deploy(['production', '--dry-run'])
    expect(plan.stdout).toContain('once for this host (cpython')
    expect(plan.stdout).not.toContain('kept on this machine')
    // It builds for itself, as the plan said, and has no compiler.
    expect((await project.deploy(['production'])).code).toBe(4)
    expect(Object.keys(await builds())).toEqual(['web1', 'web4'])
    // Whoever promotes names the stage.
    const promoted = await project.deploy(['promote', 'staging', 'production', '--json'])
    expect({ code: promoted.code, stderr: promoted.stderr }).toEqual({ code: 0, stderr: '' })
    expect(await builders(project, 'web4', 'shop-1.5')).toEqual([
      expect.objectContaining({ host: 'web1', stage: 'staging' }),
    ])
    expect(Object.keys(await builds())).toEqual(['web1', 'web4'])
  })

  test('and where it comes after that stage, as the plan says', async () => {
    const project = await aProject('1.6', { production: { builtBy: undefined, after: 'staging' } })
    expect((await project.deploy(['staging'])).code).toBe(0)
    const plan = await project.deploy(['production', '--dry-run'])
    expect(plan.stdout).toMatch(/: built by web1 of staging on .* UTC, kept on this machine \(python/)
    expect(plan.stdout).toMatch(/receive from this machine what was built by web1 of staging on /)
    expect((await project.deploy(['production'])).code).toBe(0)
    expect(Object.keys(await builds())).toEqual(['web1'])
  })

  test('need only one that has a compiler, whichever it is, once it is named', async () => {
    const project = await aProject('1.7', { python: { builder: 'web3' }, more: { parallel: 1 } })
    await compilerOf('web1', 'away')
    await compilerOf('web3', 'there')
    const plan = await project.deploy(['staging', '--dry-run'])
    const run = await project.deploy(['staging', '--json'])
    await compilerOf('web1', 'there')
    await compilerOf('web3', 'away')
    expect(plan.stdout).toContain('receive what web3 builds')
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' })
    expect(Object.keys(await builds())).toEqual(['web3'])
    for (const host of ['web1', 'web2', 'web3'])
      expect(await builders(project, host, 'shop-1.7')).toEqual([
        expect.objectContaining({ host: 'web3', stage: 'staging' }),
      ])
    // It is not taken from somebody else where that host is left out.
    await release(project, '1.8', withExtension('1.8'))
    const without = await project.deploy(['staging', '--except', 'web3'])
    expect({ code: without.code, said: without.stdout + without.stderr }).toEqual({
      code: 3,
      said: expect.stringMatching(
        /web3, which builds for them, is left out of this run[\s\S]*python\(\{ builder \}\)/,
      ),
    })
  })

  test('fail with the build, which is shown as that of the host that built', async () => {
    const project = await aProject('2.0')
    await compilerOf('web1', 'away')
    const run = await project.deploy(['staging', '--json'])
    await compilerOf('web1', 'there')
    expect(run.code).toBe(4)
    expect(closingTable(run)).toEqual({
      web1: { live: null, readBack: true, outcome: { kind: 'failed', reason: 'exit 1' } },
      web2: { live: null, readBack: true, outcome: { kind: 'cancelled' } },
      web3: { live: null, readBack: true, outcome: { kind: 'cancelled' } },
    })
    const told = eventsOf(run, 'problem').map(({ problem }) => problem)
    expect(told).toContainEqual(
      expect.objectContaining({
        ...{ code: 'build-failed', where: 'web1' },
        hint: expect.stringContaining('python({ builder }) names a host or a label'),
      }),
    )
    expect(await leftovers(fleet, project)).toEqual([])
    expect(await cached()).not.toContainEqual(expect.stringContaining('.new'))
    expect((await project.deploy(['staging', '--json'])).code).toBe(0)
  })

  test('are told which option gives a build more time', async () => {
    const project = await aProject('2.5', { python: { timeout: { build: '300ms' } } })
    const run = await project.deploy(['staging', '--hosts', 'web1', '--json'])
    expect(run.code).toBe(4)
    expect(closingTable(run)).toMatchObject({
      web1: {
        outcome: {
          kind: 'failed',
          reason: expect.stringMatching(/time limit, which python\(\{ timeout: \{ build \} \}\) lengthens$/),
        },
      },
    })
  })

  test.runIf(FULL)('do not believe a damaged cache: it is built again', async () => {
    const project = await aProject('3.0')
    const before = new Set(await cached())
    expect((await project.deploy(['staging', '--json'])).code).toBe(0)
    const [entry = ''] = (await cached()).filter(name => !before.has(name))
    await flipLastByte(join(cache, entry))
    const other = await aProject('3.0')
    const run = await other.deploy(['production', '--json'])
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' })
    expect(await builds()).toEqual({ web1: [expect.any(String), expect.any(String)] })
    expect(eventsOf(run, 'notice').map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/was damaged: it is built again$/),
    )
    const [one, ...others] = await Promise.all(NAMES.map(host => wheels(other, host, 'shop-3.0')))
    expect(others).toEqual([one, one, one])
    expect(one).not.toEqual(await wheels(project, 'web1', 'shop-3.0'))
  })

  test.runIf(FULL)('after a rejection are not given the same wheels again', async () => {
    const project = await aProject('4.0')
    const before = await cached()
    await project.configure({
      stages: { staging: { hosts: NAMES } },
      recipes: [python()],
      verify: [exec(['false'])],
    })
    expect((await project.deploy(['staging', '--json'])).code).toBe(4)
    expect(await cached()).toEqual(before)
  })

  test('get what a lock file names, and its hashes are held to where the wheels are made', async () => {
    const wheelsOfSystem = '/usr/share/python-wheels'
    const [locked = ''] = (await readdir(wheelsOfSystem)).filter(name => name.startsWith('wheel-'))
    const [, number = ''] = /^wheel-([^-]+)-/.exec(locked) ?? []
    const sha256 = createHash('sha256')
      .update(await readFile(join(wheelsOfSystem, locked)))
      .digest('hex')
    const lock = (hash: string) => ({ 'requirements.lock': `wheel==${number} --hash=sha256:${hash}\n` })
    const pipArgs = ['--no-index', '--find-links', wheelsOfSystem]
    const project = await aProject('4.5', { python: { requirements: 'requirements.lock', pipArgs } })
    await release(project, '4.5', withExtension('4.5', lock('0'.repeat(64))))
    const refused = await project.deploy(['staging', '--json'])
    expect(refused.code).toBe(4)
    expect(closingTable(refused)).toMatchObject({
      web1: { outcome: { kind: 'failed' } },
      web2: { outcome: { kind: 'cancelled' } },
    })
    await release(project, '4.5', withExtension('4.5', lock(sha256)))
    const run = await project.deploy(['staging', '--json'])
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' })
    for (const host of ['web1', 'web2', 'web3'])
      expect(await wheels(project, host, 'shop-4.5')).toEqual([
        { file: expect.stringMatching(/^shop-4\.5-cp/), sha256: expect.any(String) },
        { file: locked, sha256 },
      ])
  })

  test.runIf(FULL)('build each for itself where that is asked for', async () => {
    const project = await aProject('5.0', { python: { build: 'per-host' } })
    expect((await project.deploy(['staging', '--hosts', 'web1'])).code).toBe(0)
    // It has no compiler, and nobody gives it what web1 has built.
    expect((await project.deploy(['staging', '--hosts', 'web2'])).code).toBe(4)
    expect(Object.keys(await builds())).toEqual(['web1', 'web2'])
  })

  test('need no pip where there is one to send', async () => {
    const [wheel = ''] = (await readdir('/usr/share/python-wheels')).filter(name => /^pip-.*whl$/.test(name))
    const project = await aProject('5.5', { python: { pip: `vendor/${wheel}` } })
    const missing = await project.deploy(['staging', '--dry-run'])
    for (const host of ['web1', 'web3'])
      await asRoot(fleet.host(host), 'mv /usr/share/python-wheels/pip-*.whl /root')
    expect(missing.code).toBe(0)
    const refused = await project.deploy(['staging', '--dry-run'])
    expect({ code: refused.code, said: refused.stderr + refused.stdout }).toEqual({
      code: 3,
      said: expect.stringContaining(`vendor/${wheel} cannot be sent: it is not there`),
    })
    await mkdir(join(project.directory, 'vendor'))
    await copyFile(join('/usr/share/python-wheels', wheel), join(project.directory, 'vendor', wheel))
    const run = await project.deploy(['staging', '--json'])
    for (const host of ['web1', 'web3'])
      await asRoot(fleet.host(host), 'mv /root/pip-*.whl /usr/share/python-wheels')
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' })
    const sent = eventsOf(run, 'step-started').filter(({ title }) => String(title).startsWith('send pip '))
    expect(sent.map(({ host }) => host).toSorted()).toEqual(['web1', 'web3'])
    expect(await leftovers(fleet, project)).toEqual([])
  })

  test('build with the pip of their interpreter, whatever a build has left where builds could share one', async () => {
    const project = await aProject('5.7')
    const [wheel = ''] = (await readdir('/usr/share/python-wheels')).filter(name => /^pip-.*whl$/.test(name))
    const [, number = ''] = /^pip-([^-]+)-/.exec(wheel) ?? []
    const evil = "import os; open(os.path.expanduser('~/evil'), 'w'); raise SystemExit(0)"
    const place = join(project.rootOn('web1'), '.stage/tools', `pip-${number}`, 'pip')
    const write = `mkdir -p ${place} && cd ${place} && echo "${evil}" | tee __main__.py > __init__.py`
    const { code, stderr } = await fleet.host('web1').run(['/bin/sh', '-c', write])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const run = await project.deploy(['staging', '--json'])
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' })
    expect(await readdir(fleet.host('web1').home)).not.toContain('evil')
  })

  test('are told in a dry run who builds for whom', async () => {
    const project = await aProject('6.0')
    const { code, stdout } = await project.deploy(['staging', '--dry-run'])
    expect(code).toBe(0)
    const lines = stdout.split('\n').map(line => line.trim())
    expect(lines.filter(line => line.startsWith('once for ') || line.startsWith('receive what '))).toEqual([
      expect.stringMatching(/^once for web1, web2, web3 \(cpython 3\.\d+, cpython-3\d+-.*\)$/),
      'receive what web1 builds',
    ])
    expect(await builds()).toEqual({})
  })

  test('leave nothing of it open to others on the runner', async () => {
    expect((await stat(cache)).mode & 0o777).toBe(0o700)
    for (const name of await cached()) expect((await stat(join(cache, name))).mode & 0o777).toBe(0o600)
  })
})

const other = await findOtherPython(systemPython)

describe.skipIf(!WITH_NAMESPACES || other === undefined)('a fleet with two platforms', () => {
  test('builds twice, once on the first host of each', async () => {
    if (other === undefined) throw new Error('there is no other Python')
    // One path, two Pythons behind it: what is asked for is the same everywhere, what is there is not.
    const path = '/usr/local/bin/project-python'
    for (const name of ['web1', 'web2'])
      await asRoot(fleet.host(name), `mkdir -p /usr/local/bin; ln -s "$(readlink -f ${HOST_PYTHON})" ${path}`)
    await compilerOf('web3', 'there')
    for (const name of ['web3', 'web4']) {
      await installOtherPython(fleet.host(name), other)
      await asRoot(fleet.host(name), `ln -s ${other.prefix}/bin/python${other.xy} ${path}`)
    }
    const project = await aProject('7.0', { python: { interpreter: path } })
    const run = await project.deploy(['production', '--json'])
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' })
    expect(await builds()).toEqual({
      web1: [expect.stringContaining(systemPython)],
      web3: [expect.stringContaining(other.xy)],
    })
    const [one, two, three, four] = await Promise.all(NAMES.map(host => wheels(project, host, 'shop-7.0')))
    expect([one, three]).toEqual([two, four])
    expect(one).not.toEqual(three)
  })
})

async function flipLastByte(path: string): Promise<void> {
  await using file = await open(path, 'r+')
  const { size } = await file.stat()
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  await file.write(Buffer.of((buffer[0] ?? 0) ^ 1), 0, 1, size - 1)
}
