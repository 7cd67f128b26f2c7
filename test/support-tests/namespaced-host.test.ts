import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Fleet, startFleet } from '../support/fleet.ts'
import { mustRun, runProgram } from '../support/run-program.ts'
import { WITH_NAMESPACES } from './kinds.ts'

describe.skipIf(!WITH_NAMESPACES)('a namespaced host', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet(['web1', 'web2', 'web3'], {
      kind: 'namespaces',
      overrides: { web3: { diskMiB: 1, shell: '/bin/dash' } },
    })
  })
  afterAll(async () => await fleet[Symbol.asyncDispose]())

  const onEveryHost = async (command: string) => {
    const results = fleet.hosts.map(host => mustRun(fleet.sshTo(host.name, command)))
    return await Promise.all(results)
  }

  test('has the same root and port as every other, another address and another name', async () => {
    expect(new Set(fleet.hosts.map(host => `${host.root} ${host.port}`))).toEqual(
      new Set(['/var/webcode 22']),
    )
    expect(new Set(fleet.hosts.map(host => host.address)).size).toBe(3)
    expect(await onEveryHost('hostname')).toEqual(['web1', 'web2', 'web3'])
  })

  test('is logged in to as an ordinary user, who owns the root and nothing of the system', async () => {
    const ordinary = 'id -un; touch /var/webcode/mine && echo ours; test -w /usr || echo protected'
    expect(await onEveryHost(ordinary)).toEqual(Array(3).fill('stagetest\nours\nprotected'))
  })

  test('sees nothing of the files of the machine that it runs on', async () => {
    expect(await onEveryHost('ls /home /tmp /usr/local')).toEqual(
      Array(3).fill('/home:\nstagetest\n\n/tmp:\n\n/usr/local:'),
    )
  })

  test('can build virtual environments and lists only its own processes', async () => {
    const [first = ''] = await onEveryHost(
      'python3 -m venv --without-pip /tmp/e && /tmp/e/bin/python -c "print(1)"',
    )
    expect(first).toBe('1')
    const listed = await onEveryHost('ps -e -o comm= | grep -c sshd')
    expect(listed.every(count => Number(count) <= 4)).toBe(true)
  })

  test('may lose a program without anybody else losing it', async () => {
    await fleet.host('web1').run(['mv', '/usr/bin/python3', '/usr/bin/gone'], { as: 'root' })
    const results = fleet.hosts.map(host => runProgram(fleet.sshTo(host.name, 'python3 -c ""')))
    expect((await Promise.all(results)).map(result => result.code)).toEqual([127, 0, 0])
    await fleet.host('web1').run(['mv', '/usr/bin/gone', '/usr/bin/python3'], { as: 'root' })
    expect((await runProgram(['/usr/bin/python3', '-c', ''])).code).toBe(0)
  })

  test('may have a small disk that fills up, still seen from outside', async () => {
    const host = fleet.host('web3')
    const fill = await runProgram(fleet.sshTo('web3', 'head -c 2M /dev/zero > /var/webcode/big'))
    expect(fill).toMatchObject({ code: 1, stderr: expect.stringContaining('No space left on device') })
    await host.run(['sh', '-c', 'echo small > /var/webcode/big'])
    expect(await readFile(join(host.outside, 'big'), 'utf8')).toBe('small\n')
  })

  test('may have another login shell', async () => {
    expect(await onEveryHost('echo "$0"')).toEqual(['bash', 'bash', 'dash'])
  })

  test('with its network cut, takes no connection and keeps those it has until it is mended', async () => {
    const host = fleet.host('web2')
    const session = runProgram(fleet.sshTo('web2', 'sleep 0.7; echo done'))
    await expect
      .poll(async () => (await host.processes()).map(process => process.command), { timeout: 10_000 })
      .toContain('sleep 0.7')
    await host.cutNetwork()
    expect(await runProgram(['timeout', '2', ...fleet.sshTo('web2', 'true')])).toMatchObject({
      code: 124,
      stderr: '',
    })
    expect(await runProgram(fleet.sshTo('web1', 'true'))).toMatchObject({ code: 0 })
    expect(await Promise.race([session.then(() => 'over'), sleep(0, 'open')])).toBe('open')
    await host.mendNetwork()
    expect(await session).toMatchObject({ code: 0, stdout: 'done\n' })
  })
})
