import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { makeScratchDirectory } from '../support/scratch-directory.ts'
import { runDeploy } from './support/run-deploy.ts'

// The whole command from argv on, on two "hosts" that are this machine: no SSH, no network.

const scratch = await makeScratchDirectory()
afterAll(async () => scratch[Symbol.asyncDispose]())
const at = (...path: readonly string[]) => join(scratch.path, ...path)
mkdirSync(at('home'))
writeFileSync(
  at('stage.config.json'),
  JSON.stringify({
    project: 'shop',
    ssh: { client: 'local' },
    hosts: { one: { address: 'one', root: at('one') }, two: { address: 'two', root: at('two') } },
    stages: { staging: { hosts: ['one', 'two'] } },
  }),
)
const run = (args: readonly string[], input?: string) =>
  runDeploy(['run', 'staging', ...args], {
    cwd: scratch.path,
    env: { HOME: at('home') },
    ...(input === undefined ? {} : { input }),
  })
const sorted = (text: string) => text.split('\n').toSorted().join('\n').trimStart()

describe('deploy run', { timeout: 60_000 }, () => {
  test('gives the command its arguments as they are, on every host', async () => {
    const word = `'"$HOME"' $(id) \\ * -- ü`
    const { code, stdout } = await run(['--', 'printf', '%s\\n', word, '--json', '-q'])
    const lines = ['[one] --json', '[one] -q', `[one] ${word}`]
    expect({ code, out: sorted(stdout) }).toEqual({
      code: 0,
      out: sorted([...lines, ...lines.map(line => line.replace('one', 'two'))].join('\n')),
    })
  })

  test('runs in the home of the account, and in --cwd below it', async () => {
    expect((await run(['--hosts', 'one', '--', 'pwd'])).stdout).toBe(`[one] ${at('home')}\n`)
    expect((await run(['--hosts', 'one', '--cwd', '..', '--', 'pwd'])).stdout).toBe(`[one] ${scratch.path}\n`)
    expect((await run(['--hosts', 'one', '--cwd', '/', '--', 'pwd'])).stdout).toBe('[one] /\n')
  })

  test('takes a script from standard input, which it is not left', async () => {
    const script = `read line; echo "$DEPLOY_HOST $DEPLOY_STAGE $DEPLOY_LINK '$line' $1"\n`
    expect((await run(['--serial', '--script', '-', '--', 'a b'], script)).stdout).toBe(
      `[one] one staging ${at('one')}/staging '' a b\n[two] two staging ${at('two')}/staging '' a b\n`,
    )
  })

  test('takes a script from a file, and runs it with what it names after #!', async () => {
    writeFileSync(at('who.py'), '#!/usr/bin/env python3\nimport sys\nprint(sys.argv[1:])\n')
    const { stdout } = await run(['--group', '--script', 'who.py', '--', '-x'])
    expect(stdout).toBe(`==> one  ok\n['-x']\n==> two  ok\n['-x']\n`)
  })

  test('ends with 8 where it failed somewhere, and says where', async () => {
    const { code, stdout, stderr } = await run(['--script', '-'], 'test "$DEPLOY_HOST" = one || exit 3\n')
    expect({ code, stdout, stderr: stderr.replace(/\d+ m?s|\d+\.\d s/g, 'T').replace(/ +/g, ' ') }).toEqual({
      ...{ code: 8, stdout: '' },
      stderr: '\nhost took outcome\none T ok\ntwo T failed: exit 3\n\nRan well on 1 of 2 hosts, in T.\n',
    })
  })

  test('stops what takes longer than --timeout', async () => {
    const { code, stdout } = await run([
      '--json',
      '--hosts',
      'one',
      '--timeout',
      '0.2s',
      '--',
      'sleep',
      '600',
    ])
    const events = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect({ code, events }).toMatchObject({
      code: 8,
      events: [
        { type: 'host-connected', host: 'one' },
        { type: 'command-finished', host: 'one', outcome: { kind: 'failed' }, code: null },
        { type: 'run-finished', exit: 8, hosts: {} },
      ],
    })
  })

  test('makes no root and no journal', async () => {
    const { stdout } = await run(['--hosts', 'one', '--', 'ls', at()])
    expect(stdout).not.toMatch(/^\[one\] one$/m)
  })

  test.each([
    [[], 'there is nothing to run'],
    [['--'], 'there is nothing to run'],
    [['uptime'], 'the command stands after --'],
    [['uptime', '--', '-p'], 'the command stands after --'],
    [['--script', 'nowhere.sh'], 'the script cannot be read: ENOENT'],
    [['--script', '-'], 'the script of standard input is empty'],
    [['--hosts', 'three', '--', 'ls'], "there is no host 'three' in the stage 'staging'"],
  ])('%j is refused before any host is asked', async (args, message) => {
    const { code, stdout, stderr } = await run(args, '')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })

  test('a name of a list that is not in the stage is an error with those that are', async () => {
    writeFileSync(at('list.txt'), 'one\nthree\n')
    const { code, stderr } = await run(['--hosts', '@list.txt', '--', 'ls'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/no host 'three' in the stage 'staging'\n.*its hosts are: one, two/)
  })
})
