import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSdist } from '../support/make-sdist.ts'
import { makeScratchDirectory, type ScratchDirectory } from '../support/scratch-directory.ts'
import { runDeploy } from './support/run-deploy.ts'

// The whole command from argv to the link, on two "hosts" that are directories of this machine: no SSH, no network.

let scratch: ScratchDirectory
const at = (...path: readonly string[]) => join(scratch.path, ...path)
/** Debian's Python is the one that Debian's setuptools wheel builds with: no other must be on the path. */
const deploy = (...args: readonly string[]) =>
  runDeploy(args, { cwd: at('project'), env: { XDG_STATE_HOME: at('state'), PATH: '/usr/bin:/bin' } })

/** Events of a run, with what differs from run to run left out. */
const eventsOf = (stdout: string): readonly Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))

beforeAll(async () => {
  scratch = await makeScratchDirectory()
  mkdirSync(at('project', 'dist'), { recursive: true })
  const host = (name: string) => ({ address: name, root: at(name), python: '/usr/bin/python3' })
  const config = {
    project: 'shop',
    ssh: { client: 'local' },
    hosts: { one: host('one'), two: host('two') },
    stages: { staging: { hosts: ['one'] }, production: { hosts: ['one', 'two'] } },
    recipes: [{ python: { pipArgs: ['--no-index', '--find-links', '/usr/share/python-wheels'] } }],
    verify: [{ exec: ['.env/bin/python', '-m', 'unittest', 'discover'] }],
    hooks: { activate: [{ script: 'echo "now $DEPLOY_VERSION on $DEPLOY_HOST"' }] },
  }
  writeFileSync(at('project', 'stage.config.json'), JSON.stringify(config))
  await writeSdist(at('project', 'dist'), { name: 'shop', version: '1.0' })
})
afterAll(async () => scratch[Symbol.asyncDispose]())

describe('one release', { timeout: 60_000 }, () => {
  test('a dry run prints the plan and makes nothing', async () => {
    const { code, stdout } = await deploy('production', '--dry-run', '--json')
    expect(code).toBe(0)
    const [plan, ...more] = eventsOf(stdout)
    expect(more).toEqual([])
    expect(plan).toMatchObject({
      v: 1,
      intent: 'deploy',
      stage: 'production',
      revision: { name: 'shop-1.0' },
    })
    expect([existsSync(at('one')), existsSync(at('state'))]).toEqual([false, false])
  })

  test('it is built, verified and live on both', async () => {
    const { code, stdout, stderr } = await deploy('production')
    expect({ code, last: stdout.split('\n').at(-3) }).toEqual({
      code: 0,
      last: expect.stringMatching(/^Switched production to shop-1\.0 on 2 hosts in /),
    })
    expect(stderr).toMatch(
      /^\[one\] activate ok, \d\S* m?s {2}echo "now \$DEPLOY_VERSION on \$DEPLOY_HOST"$/m,
    )
    for (const host of ['one', 'two']) {
      expect(readlinkSync(at(host, 'production'))).toBe('shop-1.0')
      expect(lstatSync(at(host, 'shop-1.0', '.revision.json')).isFile()).toBe(true)
    }
  })

  test('once more there is nothing to do', async () => {
    const { code, stdout } = await deploy('production')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^shop-1\.0 is live on all 2 hosts of production: nothing to do\.\n/)
  })
})

describe('a second release', { timeout: 60_000 }, () => {
  beforeAll(() => writeSdist(at('project', 'dist'), { name: 'shop', version: '1.1' }))

  test('of the sdists that are there the highest version is deployed, and every event is a line', async () => {
    const { code, stdout, stderr } = await deploy('production', '--json', '--quiet')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const events = eventsOf(stdout)
    expect(events.at(-1)).toMatchObject({
      type: 'run-finished',
      exit: 0,
      hosts: { one: { live: 'shop-1.1' } },
    })
    expect(events.filter(({ type }) => type === 'switched')).toMatchObject([
      { from: 'shop-1.0', to: 'shop-1.1' },
      { from: 'shop-1.0', to: 'shop-1.1' },
    ])
  })

  test('a promotion of the stage that was never switched is refused', async () => {
    const { code, stdout } = await deploy('promote', 'staging', 'production')
    expect(code).toBe(3)
    expect(stdout).toMatch(/\n {2}✖ .*\n/)
  })

  test('there is nothing to discard in a revision that no host knows', async () => {
    const { code, stderr } = await deploy('discard', 'shop-9', 'production')
    expect({ code, said: stderr.split('\n').filter(line => !line.includes('connected')) }).toEqual({
      code: 3,
      said: [
        'production',
        '  ✖ no host knows the revision shop-9',
        '    → the rejected revisions are: none',
        '',
      ],
    })
  })

  test('without a terminal a rollback does not guess the stage', async () => {
    const { code, stdout, stderr } = await deploy('rollback')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^error: The last switch was production to shop-1\.1, at .*\n {2}→ say --yes\n$/)
  })

  test('with --yes it is rolled back, though a secret of the verification is not at hand', async () => {
    const file = at('project', 'stage.config.json')
    const config = JSON.parse(readFileSync(file, 'utf8'))
    const verify = [{ exec: ['true'], env: { TOKEN: { secret: 'CI_TOKEN' } } }]
    writeFileSync(file, JSON.stringify({ ...config, verify }))
    expect(await deploy('production', '--allow-downgrade')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the secret CI_TOKEN is not set'),
    })
    expect((await deploy('rollback', '--yes', '-q')).code).toBe(0)
    writeFileSync(file, JSON.stringify(config))
    expect(readlinkSync(at('one', 'production'))).toBe('shop-1.0')
  })

  test('status, revisions and history say so, as tables and as one object each', async () => {
    const { stdout: table } = await deploy('status', 'production')
    expect(`\n${table}`).toMatchInlineSnapshot(`
      "
      production  uniform
        host  live      verdict   previous  lock
        one   shop-1.0  verified  none      free
        two   shop-1.0  verified  none      free
      "
    `)
    for (const command of ['status', 'revisions', 'history']) {
      const { code, stdout } = await deploy(command, 'production', '--json')
      expect({ code, lines: eventsOf(stdout).length }).toEqual({ code: 0, lines: 1 })
    }
  })
})
