import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSdist } from '../support/make-sdist.ts'
import { HOST_PYTHON } from '../support/requirements.ts'
import { mustRun } from '../support/run-program.ts'
import { makeScratchDirectory, type ScratchDirectory } from '../support/scratch-directory.ts'
import { runDeploy } from './support/run-deploy.ts'
import { wellAnswers } from './support/well-host.ts'

// What a run needs on this machine is looked for before a host is locked: where it is not there, that is said, and
// nothing hangs.

const toldHost = fileURLToPath(new URL('support/told-host.py', import.meta.url))

let scratch: ScratchDirectory
const at = (...path: readonly string[]) => join(scratch.path, ...path)

beforeAll(async () => {
  scratch = await makeScratchDirectory()
  await writeSdist(scratch.path, { name: 'shop', version: '1.4.0' })
  writeFileSync(at('file'), '')
  await mustRun(['mkfifo', at('pipe')])
  writeFileSync(at('web.json'), JSON.stringify({ answers: wellAnswers, refusals: {}, output: [], noise: '' }))
  const python = `#!/bin/sh\nexec ${HOST_PYTHON} -IS ${toldHost} ${at('web.json')} "$@"\n`
  writeFileSync(at('web'), python, { mode: 0o755 })
  const config = {
    project: 'shop',
    artifact: { sdist: '*.tar.gz' },
    ssh: { client: 'local' },
    hosts: { web: { address: 'web', root: '/var/web', python: at('web') } },
    stages: { production: { hosts: ['web'] }, staging: { hosts: ['web'] } },
    recipes: [],
  }
  writeFileSync(at('stage.config.json'), JSON.stringify(config))
})
afterAll(async () => scratch[Symbol.asyncDispose]())

const deploy = (args: readonly string[], env: Readonly<Record<string, string>>) =>
  runDeploy(args, { cwd: scratch.path, env: { HOME: at('no-home-yet'), ...env } })

describe('a run comes to its end, and says why it has no log, where', () => {
  const cannot = /^The log \S+ cannot be written: /m
  test.each([
    ['the home is in /proc', { HOME: '/proc/1' }, [], cannot],
    ['the home is below another process', { HOME: '/proc/self/fd' }, [], cannot],
    ['the home is a file', () => ({ HOME: at('file') }), [], cannot],
    ['the state is in /proc', { XDG_STATE_HOME: '/proc/1/fd' }, [], cannot],
    ['the state is below a file', () => ({ XDG_STATE_HOME: at('file', 'state') }), [], cannot],
    ['the log is a full disk', {}, ['--log', '/dev/full'], cannot],
    ['the log is a pipe that nobody reads', {}, () => ['--log', at('pipe')], cannot],
    ['the log is a directory', {}, () => ['--log', scratch.path], cannot],
    ['the log is in /proc', {}, ['--log', '/proc/1/logs/deploy.log'], cannot],
    ['there is no home', { HOME: '' }, [], undefined],
    [
      'the state is no absolute path, and there is no home',
      { XDG_STATE_HOME: 'state', HOME: '' },
      [],
      undefined,
    ],
  ] as const)('%s', async (_, env, flags, warning) => {
    const { code, stdout, stderr } = await deploy(
      ['production', ...(typeof flags === 'function' ? flags() : flags)],
      typeof env === 'function' ? env() : env,
    )
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/^Switched production to shop-1\.4\.0 on 1 host in /m)
    if (warning === undefined) return expect(stdout).not.toContain('Log: ')
    expect(stderr).toMatch(warning)
    // Before any host is locked; only that a disk is full is found out when it is written to.
    if (!flags.toString().includes('full'))
      expect(stderr.search(warning)).toBeLessThan(stderr.search(/^lock: /m))
  })
})

test('a home that is not there yet is made, readable by its owner only', async () => {
  const { stdout } = await deploy(['production'], { HOME: at('new', 'home') })
  const directory = at('new', 'home', '.local', 'state', 'stage-deploy', 'shop')
  const [log = ''] = readdirSync(directory)
  expect(stdout).toContain(`Log: ${join(directory, log)}`)
  expect(readFileSync(join(directory, log), 'utf8')).toContain('run-finished')
})

test('the last logs of a project are kept, however many runs another one has', async () => {
  const home = at('busy')
  const state = join(home, '.local', 'state', 'stage-deploy')
  const older = ['shop', 'blog'].flatMap(project =>
    Array.from({ length: 51 }, (_, index) =>
      join(state, project, `20260101T0000000${10 + index}Z-a-production.log`),
    ),
  )
  for (const file of older) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, '')
  }
  expect((await deploy(['production'], { HOME: home })).code).toBe(0)
  expect(older.filter(file => !existsSync(file))).toEqual(older.slice(0, 1))
})

test.each([
  [
    'is open to others',
    (state: string) => chmodSync(join(state, 'stage-deploy', 'shop'), 0o770),
    'others can write to',
  ],
  [
    'is sticky and open to all',
    (state: string) => chmodSync(join(state, 'stage-deploy', 'shop'), 0o1777),
    'others can write to',
  ],
  ['is in one open to all', (state: string) => chmodSync(state, 0o777), 'everybody can write to'],
  [
    'is two below one open to all',
    (state: string) => chmodSync(dirname(state), 0o777),
    'everybody can write to',
  ],
] as const)(
  'a directory of logs that %s has none, and that is said with what to do',
  async (_, open, why) => {
    const above = mkdtempSync(at('state-'))
    const state = join(above, 'state')
    mkdirSync(join(state, 'stage-deploy', 'shop'), { recursive: true, mode: 0o700 })
    open(state)
    const { code, stdout, stderr } = await deploy(['production'], { XDG_STATE_HOME: state })
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: expect.not.stringContaining('Log: ') })
    expect(stderr).toMatch(
      /^The log \S+ cannot be written: .*; make it yours alone \(chown, chmod 700\), or name a file: --log FILE$/m,
    )
    expect(stderr).toContain(why)
    expect(readdirSync(join(state, 'stage-deploy', 'shop'))).toEqual([])
  },
)

test.each([
  ['a promotion', ['promote', 'staging', 'production']],
  ['a sandbox', ['sandbox']],
])(
  '%s without a directory for temporary files is refused, with the way to name one',
  async (_, args) => {
    const { code, stderr } = await deploy(args, { TMPDIR: at('file', 'none') })
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^error: no temporary directory can be made in \S+\/file\/none: .*\n {2}→ name a directory that can be written, and not by others: TMPDIR\n$/,
      ),
    })
  },
  60_000,
)

test('directories are made by the one function that comes to an end everywhere', () => {
  const sources = fileURLToPath(new URL('../../', import.meta.url))
  const makers = ['src', 'recipes'].flatMap(folder =>
    readdirSync(join(sources, folder), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .map(name => join(folder, name))
      .filter(name => /\bmkdir(?:Sync)?\(/.test(readFileSync(join(sources, name), 'utf8'))),
  )
  expect(makers).toEqual(['src/artifact/make-directory.ts'])
})
