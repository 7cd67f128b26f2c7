import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exec } from '../../src/index.ts'
import { closingTable, environmentIn, eventsOf, phasesOf } from './support/events.ts'
import { fleetOf, WITH_NAMESPACES } from './support/fleet-of.ts'
import {
  everywhere,
  journal,
  leftovers,
  links,
  revisionRecord,
  rootListing,
  runningOn,
} from './support/hosts.ts'
import { makeProject, withPython } from './support/project.ts'
import { release } from './support/releases.ts'

const fleet = await fleetOf(['web1', 'web2', 'web3', 'web4'])
const THREE = ['web1', 'web2', 'web3']
const showEnvironment = [exec(['env'], { title: 'show the environment' })]

// The road of a real project, once: environments are built with pip on every host.
const project = await makeProject(
  fleet,
  {
    stages: {
      staging: { hosts: THREE },
      production: { hosts: [...THREE, 'web4'], env: { COLOUR: 'green' } },
    },
    recipes: [withPython],
    verify: [exec(['.env/bin/python', '-m', 'unittest'], { title: 'its own tests' }), ...showEnvironment],
    hooks: { 'after:build': showEnvironment, 'before:switch': showEnvironment, activate: showEnvironment },
  },
  { format: 'ts', root: "the host's" },
)
const sdist = await release(project, '1.4.0')
const run = await project.deploy(['staging', '--json'])

describe('a first deploy to three hosts', () => {
  test('ends well, after all phases, with every host live on the revision', () => {
    expect({ code: run.code, phases: phasesOf(run), table: closingTable(run) }).toEqual({
      code: 0,
      phases: ['lock', 'upload', 'build', 'verify', 'seal', 'switch', 'activate', 'health', 'prune'],
      table: Object.fromEntries(
        THREE.map(host => [host, { live: 'shop-1.4.0', readBack: true, outcome: { kind: 'ok' } }]),
      ),
    })
  })

  test('leaves one revision and one relative link in each root, and touches no other host', async () => {
    expect(await links(fleet, project, 'staging')).toEqual({
      ...everywhere(fleet, 'shop-1.4.0'),
      web4: null,
    })
    const listings = await Promise.all(fleet.hosts.map(({ name }) => rootListing(project, name)))
    expect(listings).toEqual([...THREE.map(() => ['shop-1.4.0', 'staging']), []])
  })

  test('leaves nothing running, nothing half way and no lock held', async () => {
    expect(await Promise.all(THREE.map(host => runningOn(fleet, host)))).toEqual([[], [], []])
    expect(await leftovers(fleet, project)).toEqual([])
    for (const host of THREE) {
      const lock = join(project.rootOn(host), '.stage/locks/staging')
      expect(await fleet.host(host).run(['flock', '--nonblock', lock, 'true'])).toMatchObject({ code: 0 })
    }
  })

  test('installs what was shipped into the environment of the revision, and it runs through the link', async () => {
    const root = project.rootOn('web2')
    const program = 'import shop, sys; print(shop.__version__, shop.__file__, sys.prefix)'
    const { stdout } = await fleet.host('web2').run([`${root}/staging/.env/bin/python`, '-I', '-c', program])
    const version = await fleet.host('web2').run(['/usr/bin/python3', '-c', PRINT_XY])
    const environment = `${root}/shop-1.4.0/.env`
    const module = `${environment}/lib/python${version.stdout.trim()}/site-packages/shop/__init__.py`
    // The link is resolved or not as the interpreter likes: either way it is this environment.
    expect(stdout.trim().replaceAll(`${root}/staging`, `${root}/shop-1.4.0`)).toBe(
      `1.4.0 ${module} ${environment}`,
    )
  })

  test('writes the manifest: what it is, of which bytes, how it was verified, by whom', async () => {
    const sha256 = createHash('sha256')
      .update(await readFile(sdist))
      .digest('hex')
    const records = await Promise.all(THREE.map(host => revisionRecord(project, host, 'shop-1.4.0')))
    for (const record of records) {
      expect(record).toMatchObject({
        ...{
          v: 1,
          revision: 'shop-1.4.0',
          name: 'shop',
          version: '1.4.0',
          sha256,
          tool: 'stage-deploy 0.1.0',
        },
        ...{ command: 'deploy staging --json', sourceDigest: SHA256, treeDigest: SHA256, shared: [] },
        environment: {
          path: '.env',
          python: expect.stringMatching(/^3\.\d+/),
          wheels: [{ file: 'shop-1.4.0-py3-none-any.whl' }],
        },
      })
      expect(verificationIn(record)).toEqual([
        'pip check: ok',
        'byte-compile what is installed: ok',
        'import the packages, load the console scripts: ok',
        'its own tests: ok',
        'show the environment: ok',
      ])
    }
  })

  test('gives every root an id of its own, and the name of the project', async () => {
    const texts = await Promise.all(
      THREE.map(host => readFile(join(project.rootOf(host), '.stage/root.json'), 'utf8')),
    )
    const files: readonly { readonly id: string; readonly project: string }[] = texts.map(text =>
      JSON.parse(text),
    )
    expect(files.map(file => file.project)).toEqual(['shop', 'shop', 'shop'])
    expect(new Set(files.map(file => file.id)).size).toBe(3)
  })

  test('tells the same story in the journal of every host', async () => {
    const lines = await Promise.all(THREE.map(host => journal(project, host)))
    expect(lines.map(entries => entries.map(({ what }) => what))).toEqual(
      THREE.map(() => ['build', 'sealed', 'intent', 'fired', 'kept']),
    )
    expect(lines[0]?.find(({ what }) => what === 'intent')).toMatchObject({
      ...{ kind: 'deploy', stage: 'staging', from: null, to: 'shop-1.4.0', hosts: THREE, except: [] },
      ...{ command: 'deploy staging --json' },
    })
  })

  test.each(['after:build', 'verify'])('shows no stage to a step of %s', slot => {
    expect(deployVariables(environmentIn(run, 'web1', slot))).toMatchInlineSnapshot(`
      {
        "DEPLOY_HOST": "web1",
        "DEPLOY_PATH": "ROOT/shop-1.4.0",
        "DEPLOY_PIP": "/usr/share/python-wheels/pip-X-py3-none-any.whl/pip",
        "DEPLOY_PRODUCTS": "ROOT/.stage/incoming/shop-1.4.0.products",
        "DEPLOY_PROJECT": "shop",
        "DEPLOY_RECORD": "ROOT/.stage/incoming/shop-1.4.0.record.json",
        "DEPLOY_REVISION": "shop-1.4.0",
        "DEPLOY_ROOT": "ROOT",
        "DEPLOY_SDIST": "ROOT/.stage/sdists/shop-1.4.0.tar.gz",
        "DEPLOY_SHARED": "ROOT/shared",
        "DEPLOY_VERSION": "1.4.0",
      }
    `)
  })

  test.each(['before:switch', 'activate'])('shows the stage to a step of %s', slot => {
    expect(deployVariables(environmentIn(run, 'web3', slot))).toMatchInlineSnapshot(`
      {
        "DEPLOY_HOST": "web3",
        "DEPLOY_LINK": "ROOT/staging",
        "DEPLOY_PATH": "ROOT/shop-1.4.0",
        "DEPLOY_PIP": "/usr/share/python-wheels/pip-X-py3-none-any.whl/pip",
        "DEPLOY_PREVIOUS": "",
        "DEPLOY_PROJECT": "shop",
        "DEPLOY_REVISION": "shop-1.4.0",
        "DEPLOY_ROOT": "ROOT",
        "DEPLOY_SHARED": "ROOT/shared",
        "DEPLOY_STAGE": "staging",
        "DEPLOY_VERSION": "1.4.0",
      }
    `)
  })

  test('starts steps in a clean environment', () => {
    const variables = Object.keys(environmentIn(run, 'web1', 'verify')).filter(name => !/^DEPLOY_/.test(name))
    expect(variables.toSorted()).toMatchInlineSnapshot(`
      [
        "HOME",
        "LANG",
        "LOGNAME",
        "PATH",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONNOUSERSITE",
        "PYTHONSAFEPATH",
        "SHELL",
        "USER",
      ]
    `)
  })
})

describe('a sealed revision', () => {
  const asUser = (command: string) =>
    fleet.host('web1').run(['/bin/sh', '-c', command, 'sh', `${project.rootOn('web1')}/shop-1.4.0`])

  test.runIf(WITH_NAMESPACES).each([
    ['a new file in it', 'echo x > "$1/new"'],
    ['a new file in its environment', 'echo x > "$1/.env/new"'],
    ['a line added to a file', 'echo x >> "$1/shop/__init__.py"'],
    ['a file removed', 'rm -f "$1/shop/__init__.py"'],
    ['a change of its manifest', 'echo x >> "$1/.revision.json"'],
    ['a change of its build log', 'echo x >> "$1/.build.log"'],
    ['a compiled file beside the source', 'cd "$1" && .env/bin/python -m compileall -f shop'],
  ])('is refused %s by the kernel, for the very account that made it', async (_what, command) => {
    const { code, stdout, stderr } = await asUser(command)
    expect({ failed: code !== 0, denied: /Permission denied/.test(stdout + stderr) }).toEqual({
      failed: true,
      denied: true,
    })
  })

  test('has no write bit anywhere', async () => {
    expect(await asUser('find "$1" ! -type l -perm /222')).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})

describe('a promotion', () => {
  // Tests in a file run in order: the one host that has not got it is web4.
  test('relinks where the revision stands and builds it elsewhere, from the sdist of a host that has it', async () => {
    const manifest = join(project.rootOf('web1'), 'shop-1.4.0/.revision.json')
    const before = await stat(manifest, { bigint: true })
    const promotion = await project.deploy(['promote', 'staging', 'production', '--json'])
    expect(promotion).toMatchObject({ code: 0 })
    expect(await links(fleet, project, 'production')).toEqual(everywhere(fleet, 'shop-1.4.0'))
    const builders = eventsOf(promotion, 'phase-started').filter(({ phase }) => phase === 'build')
    expect(builders.map(({ hosts }) => hosts)).toEqual([['web4']])
    expect(await stat(manifest, { bigint: true })).toEqual(before)
    const [old, made] = await Promise.all(
      ['web1', 'web4'].map(host => revisionRecord(project, host, 'shop-1.4.0')),
    )
    expect(made?.['sha256']).toBe(old?.['sha256'])
    expect(environmentIn(promotion, 'web1', 'before:switch')).toMatchObject({
      ...{ DEPLOY_STAGE: 'production', COLOUR: 'green', DEPLOY_LINK: `${project.rootOn('web1')}/production` },
    })
  })

  test('builds nothing where the revision stands everywhere', async () => {
    const promotion = await project.deploy(['promote', 'production', 'staging', '--json'])
    expect(promotion).toMatchObject({ code: 0 })
    expect(phasesOf(promotion)).toEqual([])
  })
})

const PRINT_XY = 'import sys; print("%d.%d" % sys.version_info[:2])'

const SHA256 = expect.stringMatching(/^[0-9a-f]{64}$/)

/** Without what differs between the hosts of two machines: the root, and the pip of its Python. */
function deployVariables(environment: Readonly<Record<string, string>>): object {
  const root = environment['DEPLOY_ROOT'] ?? ''
  return Object.fromEntries(
    Object.entries(environment)
      .filter(([name]) => name.startsWith('DEPLOY_'))
      .map(([name, value]) => [name, value.replace(root, 'ROOT').replace(/pip-[\d.]+/, 'pip-X')]),
  )
}

function verificationIn(record: Readonly<Record<string, unknown>>): readonly string[] {
  const steps = record['verification']
  if (!Array.isArray(steps)) return []
  return steps.map(({ title, result }: Readonly<Record<string, unknown>>) => `${title}: ${result}`)
}
