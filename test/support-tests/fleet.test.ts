import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Fleet, startFleet } from '../support/fleet.ts'
import { runProgram } from '../support/run-program.ts'
import type { TestHost } from '../support/test-host.ts'
import { KINDS } from './kinds.ts'

const EVENTUALLY = { timeout: 10_000 }

describe.each(KINDS)('a fleet of %s', kind => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet(['web1', 'web2', 'web3'], { kind })
  })
  afterAll(async () => await fleet[Symbol.asyncDispose]())

  /** 255 is ssh's own failure (ssh(1), EXIT STATUS), 124 a time-out (timeout(1)). */
  const overSsh = async (name: string, command: string, seconds = 10) =>
    await runProgram(['timeout', `${seconds}`, ...fleet.sshTo(name, command)])

  const commandsOn = async (host: TestHost) => (await host.processes()).map(process => process.command)

  /** For the tests after this one. */
  const killAllOn = async (host: TestHost) => {
    await expect
      .poll(async () => {
        await host.run(['kill', '-KILL', '--', ...(await host.pids()).map(String)], { as: 'user' })
        return await host.processes()
      }, EVENTUALLY)
      .toEqual([])
  }

  test('gives every host a root of its own, seen alike from inside and from outside', async () => {
    for (const { name, root } of fleet.hosts) await overSsh(name, `echo ${name} >> ${root}/marker`)
    const markers = fleet.hosts.map(host => readFile(join(host.outside, 'marker'), 'utf8'))
    expect(await Promise.all(markers)).toEqual(['web1\n', 'web2\n', 'web3\n'])
  })

  test('gives every host a home of its own', async () => {
    for (const { name } of fleet.hosts) await overSsh(name, `echo ${name} >> "$HOME/marker"`)
    const markers = fleet.hosts.map(host => readFile(join(host.home, 'marker'), 'utf8'))
    expect(await Promise.all(markers)).toEqual(['web1\n', 'web2\n', 'web3\n'])
  })

  test("finds the distribution's Python first, not one that the tester has installed", async () => {
    expect(await overSsh('web1', 'command -v python3')).toMatchObject({ stdout: '/usr/bin/python3\n' })
  })

  test('runs a program on a host without SSH: arguments, input, exit code and both outputs arrive', async () => {
    const argv = ['sh', '-c', 'cat; echo "$1" >&2; exit 3', 'sh', "it's $HOME"]
    expect(await fleet.host('web2').run(argv, { input: 'in' })).toEqual({
      code: 3,
      stdout: 'in',
      stderr: "it's $HOME\n",
    })
  })

  test('shows every process of a host, daemons that left their session too', async () => {
    const host = fleet.host('web1')
    await overSsh('web1', 'setsid -f sleep 1234 > /dev/null 2>&1 < /dev/null')
    await expect.poll(() => commandsOn(host), EVENTUALLY).toEqual(['sleep 1234'])
    expect(await fleet.host('web2').processes()).toEqual([])
    await killAllOn(host)
  })

  test('a stopped server refuses connections until it is started', async () => {
    await fleet.host('web1').stop()
    expect(await overSsh('web1', 'true')).toMatchObject({ code: 255 })
    expect(await overSsh('web2', 'true')).toMatchObject({ code: 0 })
    await fleet.host('web1').start()
    expect(await overSsh('web1', 'true')).toMatchObject({ code: 0 })
  })

  test('a frozen server answers nothing, and goes on where it was after the thaw', async () => {
    const host = fleet.host('web1')
    const session = overSsh('web1', 'sleep 0.5; echo done')
    await expect.poll(() => commandsOn(host), EVENTUALLY).toContain('sleep 0.5')
    await host.freeze()
    expect(await overSsh('web1', 'true', 1)).toMatchObject({ code: 124 })
    expect(await overSsh('web2', 'true')).toMatchObject({ code: 0 })
    await host.thaw()
    expect(await session).toMatchObject({ code: 0, stdout: 'done\n' })
  })

  test('freezing the server leaves what it started running; freezing the host does not', async () => {
    const host = fleet.host('web3')
    const clock = join(host.outside, 'clock')
    const size = async () => (await stat(clock).catch(() => ({ size: 0 }))).size
    const isTicking = async () => {
      const before = await size()
      await sleep(500)
      return (await size()) > before
    }
    const loop = `while sleep 0.02; do echo tick >> ${host.root}/clock; done`
    const session = overSsh('web3', `${loop} > /dev/null 2>&1`)
    await expect.poll(size, EVENTUALLY).toBeGreaterThan(0)
    await host.freeze('server')
    expect(await isTicking()).toBe(true)
    await host.freeze('host')
    expect(await isTicking()).toBe(false)
    await host.thaw()
    expect(await isTicking()).toBe(true)
    await killAllOn(host)
    await session
  })

  test('killed sessions break the connection, and what ran in them sees the end of its input', async () => {
    const host = fleet.host('web2')
    const [command = '', ...args] = fleet.sshTo('web2', `cat; echo seen > ${host.root}/end-of-input`)
    const session = spawn(command, args, { stdio: ['pipe', 'ignore', 'ignore'] })
    const ended = once(session, 'close')
    await expect.poll(() => commandsOn(host), EVENTUALLY).toContain('cat')
    await host.killSessions()
    expect((await ended)[0]).toBe(255)
    await expect
      .poll(() => readFile(join(host.outside, 'end-of-input'), 'utf8').catch(() => ''), EVENTUALLY)
      .toBe('seen\n')
    await expect.poll(() => host.processes(), EVENTUALLY).toEqual([])
  })

  test('without power nothing runs on it, frozen things neither; with power it is there again, with its files', async () => {
    const host = fleet.host('web3')
    const [command = '', ...args] = fleet.sshTo('web3', `echo kept > ${host.root}/file; exec sleep 600`)
    const session = spawn(command, args, { stdio: 'ignore' })
    const ended = once(session, 'close')
    await expect.poll(() => commandsOn(host), EVENTUALLY).toContain('sleep 600')
    await host.freeze('host')
    await host.powerOff()
    expect(await host.processes()).toEqual([])
    await host.powerOn()
    expect((await ended)[0]).toBe(255)
    expect(await overSsh('web3', `cat ${host.root}/file`)).toMatchObject({ stdout: 'kept\n' })
  })
})

test.each(KINDS)('options of sshd are for all hosts of %s, or for one', async kind => {
  await using fleet = await startFleet(['web1', 'web2'], {
    kind,
    sshdOptions: { SetEnv: 'GREETING=hello' },
    overrides: { web2: { sshdOptions: { SetEnv: 'GREETING=goodbye' } } },
  })
  const greetings = fleet.hosts.map(host => runProgram(fleet.sshTo(host.name, 'echo "$GREETING"')))
  expect((await Promise.all(greetings)).map(result => result.stdout)).toEqual(['hello\n', 'goodbye\n'])
})

test.each(KINDS)('a server of %s that does not start is an error with its own words', async kind => {
  await expect(startFleet(['web1'], { kind, sshdOptions: { NoSuchKeyword: 'yes' } })).rejects.toThrow(
    'NoSuchKeyword',
  )
})
