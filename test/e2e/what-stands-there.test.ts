import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { writeSdist } from '../support/make-sdist.ts'
import { mustRun, runProgram } from '../support/run-program.ts'
import { makeScratchDirectory } from '../support/scratch-directory.ts'
import { FULL } from './support/full-size.ts'

// The rule: whatever stands where a file is expected, the command ends by itself, and names it. One row for each file
// that the command opens by a name that somebody chose, or that others may have put there.

const scratch = await makeScratchDirectory()
afterAll(async () => scratch[Symbol.asyncDispose]())

const deploy = (args: readonly string[], cwd: string, input = '') =>
  runProgram([process.execPath, inject('deployCommand'), ...args], {
    ...{ cwd, input, env: { PATH: process.env['PATH'] ?? '', HOME: cwd } },
  })

/** Larger than anything that is read whole, and on no disk. */
const LARGE_BYTES = 64 * 1024 ** 3

const standing: Readonly<Record<string, (path: string) => unknown>> = {
  'a pipe that nobody writes to': path => mustRun(['mkfifo', path]),
  'a directory': path => mkdirSync(path),
  'a socket': async path => {
    const server = createServer().listen(path)
    onTestFinished(() => void server.close())
    await once(server, 'listening')
  },
  'a device without end': path => symlinkSync('/dev/zero', path),
  'a link that leads nowhere': path => symlinkSync('/nowhere/at/all', path),
  'a file that is too large': path => {
    writeFileSync(path, '')
    truncateSync(path, LARGE_BYTES)
  },
  // Root may read everything but this: proc(5), the memory of a process that has none at 0.
  'a file that cannot be read': path => {
    if (process.getuid?.() === 0) return symlinkSync('/proc/self/mem', path)
    writeFileSync(path, '')
    chmodSync(path, 0o000)
  },
}

const reach = {
  ssh: { client: 'local' },
  hosts: { web: { address: 'web', root: '/var/web' } },
  stages: { production: { hosts: ['web'] } },
}

interface Input {
  /** In the directory of the project. */
  readonly file: string
  readonly args: readonly string[]
  /** Of the configuration; `false`: there is none. */
  readonly config?: object | false
  readonly code?: string
  /** Where it is not 2. */
  readonly exits?: Readonly<Record<string, number>>
  /** Where something else than the file is to be named. */
  readonly says?: Readonly<Record<string, RegExp>>
}

const none = /no configuration in /
const passedOver = { 'a link that leads nowhere': none, 'a directory': none }

const inputs: Readonly<Record<string, Input>> = {
  'a configuration that is named': {
    file: 'shop.json',
    args: ['status', '--config', 'shop.json'],
    config: false,
  },
  'a configuration in code that is named': {
    file: 'shop.ts',
    args: ['status', '--config', 'shop.ts'],
    config: false,
  },
  'a configuration that is found': {
    file: 'stage.config.yaml',
    args: ['status'],
    config: false,
    says: passedOver,
  },
  'a package.json that is found': {
    file: 'package.json',
    args: ['status'],
    config: false,
    says: passedOver,
  },
  'a list of hosts': { file: 'list', args: ['status', 'production', '--hosts', '@list'] },
  'a list of other hosts': { file: 'list', args: ['status', 'production', '--except', '@list'] },
  'a script': { file: 'script', args: ['run', 'production', '--script', 'script'] },
  'a key': { file: 'id.pub', args: ['authorize', 'production', '--key', 'id.pub'] },
  'a file with the version': {
    file: 'VERSION',
    args: ['version'],
    config: { version: { file: 'VERSION', pattern: '(.*)' } },
  },
  'an sdist': {
    file: 'shop-1.0.tar.gz',
    args: ['version'],
    config: { artifact: { sdist: 'shop-1.0.tar.gz' } },
  },
  'a secret': {
    file: 'token',
    args: ['production', 'other-1.0.tar.gz'],
    code: `import { secret } from 'stage-deploy'\nexport default { ...CONFIG, project: 'other', env: { TOKEN: secret('TOKEN', { file: 'token' }) } }`,
  },
  'the configuration of ssh': {
    file: 'ssh_config',
    args: ['status', 'production'],
    config: { ssh: { client: 'node-ssh', configFile: 'ssh_config' } },
    exits: Object.fromEntries(Object.keys(standing).map(kind => [kind, 3])),
    // ssh itself takes these for empty.
    says: { 'a file that is too large': /web/, 'a file that cannot be read': /web/ },
  },
  'a project that is to have a configuration': {
    file: 'pyproject.toml',
    args: ['init'],
    config: false,
    exits: { 'a link that leads nowhere': 0 },
    says: { 'a link that leads nowhere': /Wrote stage\.config\.ts/ },
  },
}

describe.each(Object.entries(inputs))('where %s should stand', (_, input) => {
  test('the command ends whatever stands there, and names it', { timeout: 120_000 }, async () => {
    const rows = await Promise.all(
      Object.entries(standing).map(async ([kind, stand]) => {
        const project = mkdtempSync(join(scratch.path, 'p-'))
        const config = { project: 'shop', ...reach, ...input.config }
        if (input.code !== undefined)
          writeFileSync(
            join(project, 'stage.config.ts'),
            `const CONFIG = ${JSON.stringify(config)}\n${input.code}\n`,
          )
        else if (input.config !== false)
          writeFileSync(join(project, 'stage.config.json'), JSON.stringify(config))
        await writeSdist(project, { name: 'other', version: '1.0' })
        await stand(join(project, input.file))
        const { code, stdout, stderr } = await deploy(input.args, project)
        const said = `${stdout}${stderr}`
        const named = (input.says?.[kind] ?? new RegExp(input.file.replaceAll('.', '\\.'))).test(said)
        return { kind, code, named: named || said }
      }),
    )
    expect(rows).toEqual(
      Object.keys(standing).map(kind => ({ kind, code: input.exits?.[kind] ?? 2, named: true })),
    )
  })
})

test('a package.json beside a configuration in JavaScript is not waited for', {
  timeout: 60_000,
}, async () => {
  const project = mkdtempSync(join(scratch.path, 'p-'))
  await mustRun(['mkfifo', join(project, 'package.json')])
  mkdirSync(join(project, 'below'))
  writeFileSync(join(project, 'below', 'stage.config.js'), 'export default {}\n')
  const { code, stderr } = await deploy(['status'], join(project, 'below'))
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `error: ${join(project, 'package.json')} is a named pipe, and not a file\n`,
  })
})

test('standard input without an end is not read to its end', { timeout: 60_000 }, async () => {
  const input = 'x'.repeat(1024 ** 2)
  const { code, stderr } = await deploy(['run', 'production', '--script', '-'], scratch.path, input)
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('more than 131071 bytes'),
  })
})

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

// What a shell makes of `<(command)` is a pipe, and to be read.
const named: Readonly<Record<string, readonly [args: readonly string[], content: string, said: RegExp]>> = {
  'a list of hosts': [['status', 'production', '--hosts'], 'wab\n', /there is no host 'wab'/],
  'a script': [['run', 'production', '--script'], ' \n', /the script of \S+\/63 is empty/],
  'a key': [['authorize', 'production', '--key'], 'no key\n', /\/dev\/fd\/63 /],
}

describe.each(Object.entries(named))('%s from a pipe', (name, [args, content, said]) => {
  const before = name === 'a list of hosts' ? '@' : ''

  function project(): string {
    const path = mkdtempSync(join(scratch.path, 'p-'))
    writeFileSync(join(path, 'stage.config.json'), JSON.stringify({ project: 'shop', ...reach }))
    return path
  }

  test('is read, however slowly it comes', { timeout: 60_000 }, async () => {
    const text = `exec "$@" ${before}<(sleep 1; printf %s '${content.slice(0, 1)}'; sleep 1; printf %s '${content.slice(1)}')`
    const child = spawn('bash', ['-c', text, 'bash', process.execPath, inject('deployCommand'), ...args], {
      cwd: project(),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const pieces: Buffer[] = []
    child.stderr.on('data', (piece: Buffer) => pieces.push(piece))
    const [code] = await once(child, 'close')
    const stderr = Buffer.concat(pieces).toString()
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(said) })
  })

  test.each(FULL ? signals : signals.slice(0, 1))(
    'that says nothing is no longer waited for after a %s',
    { timeout: 60_000 },
    async signal => {
      const path = join(project(), 'pipe')
      await mustRun(['mkfifo', path])
      // Holds the other end open.
      await using writer = await open(path, 'r+')
      const child = spawn(process.execPath, [inject('deployCommand'), ...args, `${before}${path}`], {
        cwd: dirname(path),
        stdio: ['ignore', 'ignore', 'ignore'],
      })
      const ended = once(child, 'exit')
      await sleep(4_000)
      expect([writer.fd > 0, child.exitCode]).toEqual([true, null])
      const atMs = performance.now()
      child.kill(signal)
      expect(await ended).toEqual([130, null])
      // And not when whatever cannot be called off is left, 10 s later.
      expect(performance.now() - atMs).toBeLessThan(5_000)
    },
  )
})
