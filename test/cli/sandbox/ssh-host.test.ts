import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from 'ssh2'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeKeyPair } from '../../../src/cli/sandbox/key-pair.ts'
import type { SandboxHost } from '../../../src/cli/sandbox/ssh-host.ts'
import { connect, run, start, startHost } from './connect.ts'

const EVENTUALLY = { timeout: 10_000 }

let directory: string
let host: SandboxHost
let client: Client
let privateKey: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ssh-host-'))
  const started = await startHost(directory, 300)
  host = started.host
  privateKey = started.privateKey
  client = await connect(host, { privateKey })
})

afterEach(async () => {
  client.end()
  await host.stop()
  await rm(directory, { recursive: true })
})

const fileText = (name: string) => readFile(join(host.home, name), 'utf8').catch(() => '')

test('a command gets its input, and both outputs and the exit code come back', async () => {
  const end = await run(client, 'cat; echo problem >&2; exit 3', 'input')
  expect({ ...end, stdout: end.stdout.toString() }).toEqual({
    code: 3,
    signal: undefined,
    stdout: 'input',
    stderr: 'problem\n',
  })
})

test('a command that is not there ends as a shell says it', async () => {
  expect((await run(client, 'no-such-command')).code).toBe(127)
})

test('a session has a clean environment and a home of its own, where it starts', async () => {
  const names = "env | grep -o '^[A-Z]*' | grep -v '^OLDPWD$' | sort | tr '\\n' ' '; echo; pwd; echo $HOME"
  const { stdout } = await run(client, names)
  expect(stdout.toString()).toBe(`HOME LANG LOGNAME PATH PWD SHELL USER \n${host.home}\n${host.home}\n`)
})

test('a program that kills itself is reported by its signal', async () => {
  expect(await run(client, 'kill -KILL $$')).toMatchObject({ code: undefined, signal: 'SIGKILL' })
})

test('a program killed by a signal that SSH has no name for is reported as a shell would', async () => {
  expect(await run(client, 'kill -BUS $$')).toMatchObject({ code: 128 + 7, signal: undefined })
})

test('a signal from the client reaches the whole process group', async () => {
  const running = await start(
    client,
    `trap "echo got it; exit 7" TERM; sh -c 'echo ready > ready; exec sleep 60' & wait`,
  )
  await expect.poll(() => fileText('ready'), EVENTUALLY).toBe('ready\n')
  running.signal('TERM')
  const end = await running.end
  expect([end.code, end.stdout.toString()]).toEqual([7, 'got it\n'])
})

test('5 MB come back whole on both outputs at once, and arrive whole as input', async () => {
  const big = 'x'.repeat(5_000_000)
  const end = await run(client, 'tee copy; head -c 5000000 /dev/zero >&2', big)
  expect([end.stdout.toString() === big, end.stderr.length]).toEqual([true, 5_000_000])
  const digest = (text: string) => createHash('sha256').update(text).digest('hex')
  expect(digest(await fileText('copy'))).toBe(digest(big))
})

test('a program that does not read its input loses nothing of its output', async () => {
  expect(await run(client, 'exec <&-; echo done', 'x'.repeat(5_000_000))).toMatchObject({ code: 0 })
})

test('commands of one connection run at the same time', async () => {
  const meet = (mine: string, other: string) =>
    run(client, `touch ${mine}; while [ ! -e ${other} ]; do sleep 0.01; done`)
  expect((await Promise.all([meet('a', 'b'), meet('b', 'a')])).map(end => end.code)).toEqual([0, 0])
})

test('another key is refused', async () => {
  const other = makeKeyPair('other').privateKey
  await expect(connect(host, { privateKey: other })).rejects.toThrow(
    'All configured authentication methods failed',
  )
})

test('another user is refused', async () => {
  await expect(connect(host, { privateKey, username: 'somebody-else' })).rejects.toThrow(
    'All configured authentication methods failed',
  )
})

test('no password is taken', async () => {
  await expect(connect(host, { password: '' })).rejects.toThrow(
    'All configured authentication methods failed',
  )
})

test('when the client is lost, a program sees the end of its input and has the time to put things right', async () => {
  await start(client, 'echo ready > ready; cat; sleep 0.2; echo mended > mended')
  await expect.poll(() => fileText('ready'), EVENTUALLY).toBe('ready\n')
  client.destroy()
  await expect.poll(() => fileText('mended'), EVENTUALLY).toBe('mended\n')
})

test('stopping ends the input of programs and lets them finish', async () => {
  const running = await start(client, 'echo ready > ready; cat; echo mended > mended; exit 5')
  await expect.poll(() => fileText('ready'), EVENTUALLY).toBe('ready\n')
  await host.stop()
  expect(await fileText('mended')).toBe('mended\n')
  expect((await running.end).code).toBe(5)
})

test('stopping kills what does not end by itself', async () => {
  await start(client, 'echo $$ > pid; trap "" TERM; sleep 60')
  await expect.poll(() => fileText('pid'), EVENTUALLY).toMatch(/\d+\n/)
  const pid = Number(await fileText('pid'))
  await host.stop()
  await expect.poll(() => isAlive(pid), EVENTUALLY).toBe(false)
})

test('a stopped host takes no connection any more', async () => {
  await host.stop()
  await expect(connect(host, { privateKey })).rejects.toThrow('ECONNREFUSED')
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
