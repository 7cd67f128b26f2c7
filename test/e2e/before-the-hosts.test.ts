import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { wellAnswers } from '../cli/support/well-host.ts'
import { writeSdist } from '../support/make-sdist.ts'
import { HOST_PYTHON } from '../support/requirements.ts'
import { mustRun } from '../support/run-program.ts'
import { makeScratchDirectory } from '../support/scratch-directory.ts'
import { FULL } from './support/full-size.ts'

// Whatever a command waits for before it changes a host: the first signal ends it, the second one at once, and
// nothing of it stays.

const toldHost = fileURLToPath(new URL('../cli/support/told-host.py', import.meta.url))
/** What comes sooner after a signal is taken for its echo. */
const NO_ECHO_MS = 300
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const scratch = await makeScratchDirectory()
const at = (...path: readonly string[]) => join(scratch.path, ...path)
const ready = () => at('ready')

beforeAll(async () => {
  mkdirSync(at('dist'))
  mkdirSync(at('home'))
  await writeSdist(at('dist'), { name: 'shop', version: '1.4.0' })
  await mustRun(['mkfifo', at('pipe'), at('held')])
  // Its other end stays open.
  openSync(at('held'), 'r+')
  // Says that it waits, and does so in a child of its own.
  writeFileSync(at('waits.sh'), `: > ${ready()}\nsleep 600 & wait\n`)
  writeFileSync(at('stays.sh'), `trap '' INT TERM HUP\n: > ${ready()}\nwhile :; do sleep 0.2; done\n`)
  host('mute', `: > ${ready()}; exec cat > /dev/null`)
  told('silent', { silent: ['observe'] })
  told('blind', { silent: ['inspect'] })
  told('locked', {
    answers: {
      ...wellAnswers,
      lock: {
        granted: false,
        holder: { run: '0', by: 'ben', from: 'desk', pid: 1, command: 'deploy', sinceMs: 1 },
      },
    },
  })
})
afterAll(async () => scratch[Symbol.asyncDispose]())

const host = (name: string, script: string) =>
  writeFileSync(at(name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })

function told(name: string, said: { readonly silent?: readonly string[]; readonly answers?: object }): void {
  const { silent = [], answers = wellAnswers } = said
  const all = { answers, refusals: {}, output: [], noise: '', silent, ready: ready() }
  writeFileSync(at(`${name}.json`), JSON.stringify(all))
  host(name, `exec ${HOST_PYTHON} -IS ${toldHost} ${at(`${name}.json`)} "$@"`)
}

interface Wait {
  readonly name: string
  readonly args: readonly string[]
  /** Of the configuration, over what all have. */
  readonly config?: object
  /** The whole configuration instead, as code. */
  readonly code?: string
  /** The file of the host's Python. */
  readonly host?: string
  readonly sshConfig?: string
  /** Nothing says that it waits: it is given this long to begin to. */
  readonly afterMs?: number
}

const program = (name: string) => ['/bin/sh', at(name)]
/** `client: 'local'` is a host without a network. */
const local = { ssh: { client: 'local' } }

const observing = [
  ['status'],
  ['check'],
  ['history', 'production'],
  ['revisions', 'production'],
  ['production'],
  ['production', '--dry-run'],
  ['prepare', 'production'],
  ['promote', 'staging', 'production'],
  ['rollback', 'production'],
  ['rollback'],
  ['recover', 'production', '--back'],
  ['prune', 'production'],
  ['discard', 'shop-1.2.0', 'production'],
  ['lock', 'production', '--reason', 'the sale'],
  ['unlock', 'production'],
]

const ownPrograms = (file: string): readonly Wait[] => [
  {
    name: `a build (${file})`,
    args: ['production', '--build'],
    config: { artifact: { sdist: 'dist/*.tar.gz', build: program(file) } },
  },
  { name: `a version (${file})`, args: ['version'], config: { version: { command: program(file) } } },
  {
    name: `the version of a deploy (${file})`,
    args: ['production'],
    config: { version: { command: program(file) } },
  },
  {
    name: `a secret (${file})`,
    args: ['production'],
    code: `import { secret } from 'stage-deploy'
export default { ...CONFIG, env: { TOKEN: secret('TOKEN', { command: ${JSON.stringify(program(file))} }) } }`,
  },
]

const waits: readonly Wait[] = [
  ...ownPrograms('waits.sh'),
  { name: 'a host that does not speak', args: ['production'], host: 'mute' },
  // Each waits for the limit of a close, and all of them take the same way; the full size has every command.
  ...observing
    .filter((_, index) => FULL || index % 3 === 0)
    .map(args => ({ name: `what a host says of itself: ${args.join(' ')}`, args, host: 'silent' })),
  { name: 'what a host says of itself in detail', args: ['check'], host: 'blind' },
  { name: 'a run on a host that does not speak', args: ['run', 'production', '--', 'true'], host: 'mute' },
  ...['production', 'prune production', 'unlock production'].map(args => ({
    ...{
      name: `a lock: ${args}`,
      args: [...args.split(' '), '--wait-lock', '600'],
      host: 'locked',
      afterMs: 1_500,
    },
  })),
  ...[
    'status production --hosts @held',
    'run production --script held',
    'authorize production --key held',
  ].map(args => ({ name: `a pipe that says nothing: ${args}`, args: args.split(' '), afterMs: 1_500 })),
  { name: 'a script that is typed', args: ['run', 'production', '--script', '-'], afterMs: 1_500 },
  {
    name: 'what ssh is configured with',
    args: ['status'],
    config: { ssh: { configFile: 'ssh_config' } },
    sshConfig: `Match exec "/bin/sh ${at('waits.sh')}"\n  User deploy\n`,
  },
]

/** Begins to wait, and resolves when it does. */
async function begin(wait: Wait) {
  const { args, config = {}, code, host: python = 'mute', sshConfig, afterMs } = wait
  rmSync(ready(), { force: true })
  for (const name of ['ts', 'json']) rmSync(at(`stage.config.${name}`), { force: true })
  if (sshConfig !== undefined) writeFileSync(at('ssh_config'), sshConfig, { mode: 0o600 })
  const whole = {
    project: 'shop',
    ...local,
    hosts: { web: { address: 'web', root: '/var/web', python: at(python) } },
    stages: { production: { hosts: ['web'] }, staging: { hosts: ['web'] } },
    recipes: [],
    ...config,
  }
  if (code === undefined) writeFileSync(at('stage.config.json'), JSON.stringify(whole))
  else writeFileSync(at('stage.config.ts'), `const CONFIG = ${JSON.stringify(whole)}\n${code}`)
  const child = spawn(process.execPath, [inject('deployCommand'), ...args], {
    cwd: scratch.path,
    env: { PATH: process.env['PATH'], HOME: at('home'), LANG: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => said.push(piece))
  const text = () => Buffer.concat(said).toString()
  const ended = new Promise<{ code: number | null; signal: string | null }>(resolve =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  if (afterMs !== undefined) await sleep(afterMs)
  else await expect.poll(() => isThere(ready()) || child.exitCode !== null, { timeout: 60_000 }).toBe(true)
  expect(child.exitCode, text()).toBe(null)
  return { child, ended, text }
}

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined

/** What the command has started, and what that has: all have the home that it was given. */
const left = (): readonly string[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        const isOurs = readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOME=${at('home')}`)
        return isOurs ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')] : []
      } catch {
        return []
      }
    })

const nothingLeft = () => expect.poll(left, { timeout: 10_000 }).toEqual([])

/** Each wait is met by one of the signals. */
const met = (chosen: readonly Wait[]) =>
  chosen.map((wait, index) => [SIGNALS[index % SIGNALS.length] ?? 'SIGINT', wait.name, wait] as const)

describe('one signal', () => {
  test.each(met([...waits, ...ownPrograms('stays.sh').slice(0, 3)]))(
    '%s ends the wait for %s',
    async (signal, name, wait) => {
      const { child, ended, text } = await begin(wait)
      child.kill(signal)
      expect({ name, ...(await ended) }, text()).toEqual({ name, code: 130, signal: null })
      await nothingLeft()
    },
  )
})

describe('a second signal', () => {
  test.each(met([...ownPrograms('stays.sh'), ...waits]))(
    '%s ends at once the wait for %s',
    async (signal, name, wait) => {
      const { child, ended, text } = await begin(wait)
      child.kill(signal)
      await sleep(NO_ECHO_MS)
      child.kill(signal)
      expect({ name, ...(await ended) }, text()).toEqual({ name, code: 130, signal: null })
      await nothingLeft()
    },
  )

  test('ends what hangs in the system by a signal, which is 130 to a shell', async () => {
    // Opened by code of others: nothing of ours is waited for like that.
    const hang = `import { open } from 'node:fs'\nopen(${JSON.stringify(at('pipe'))}, 'r', () => undefined)\n`
    const { child, ended } = await begin({
      ...{ name: '', args: ['status'], host: 'silent', code: `${hang}export default CONFIG` },
    })
    child.kill('SIGTERM')
    await sleep(NO_ECHO_MS)
    child.kill('SIGTERM')
    expect(await ended).toEqual({ code: null, signal: 'SIGINT' })
  })
})

describe('a configuration is code of others: while it runs a signal has its default meaning', () => {
  const mark = `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(at('ready'))}, '')\n`
  test.each([
    [
      'awaits for ever',
      `${mark}setInterval(() => undefined, 1000)\nawait new Promise(() => undefined)\nexport default CONFIG`,
    ],
    ['never gives back the processor', `${mark}for (;;);\nexport default CONFIG`],
  ])('one that %s', async (_, code) => {
    const { child, ended } = await begin({ name: '', args: ['status'], code })
    child.kill('SIGINT')
    expect(await ended).toEqual({ code: null, signal: 'SIGINT' })
    await nothingLeft()
  })

  test('one that awaits what can never come is a fault, and no success', async () => {
    writeFileSync(at('stage.config.ts'), 'await new Promise(() => undefined)\nexport default {}\n')
    const child = spawn(
      process.execPath,
      [inject('deployCommand'), 'production', '--config', at('stage.config.ts')],
      {
        ...{ cwd: scratch.path, env: { PATH: process.env['PATH'], HOME: at('home') } },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    )
    const ended = once(child, 'close')
    const said = await textOf(child.stderr)
    expect([said, (await ended)[0]]).toEqual([
      'error: the configuration awaits something that never comes\n' +
        '  → look for an `await` in it, or in what it imports, that nothing ends\n',
      2,
    ])
  })
})
