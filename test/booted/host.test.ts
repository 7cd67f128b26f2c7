import { describe, expect, test } from 'vitest'
import { asRoot } from '../e2e/support/faults.ts'
import { must } from '../e2e/support/supervised.ts'
import { SUDO_ALL } from '../support/booted/booted-options.ts'
import { fillDisk, makeReadOnly, reboot, stopUserManager } from '../support/booted/faults.ts'
import { runProgram } from '../support/run-program.ts'
import { bootedFleetOf } from './support/booted-fleet-of.ts'

const suites = { old: ['bookworm', 'Python 3.11'], new: ['trixie', 'Python 3.13'] } as const
const fleet = await bootedFleetOf(['old', 'new'], {
  overrides: {
    old: { suite: 'bookworm', tmp: 'size=16m,noexec', diskMiB: 32 },
    new: { suite: 'trixie', sudo: SUDO_ALL, serviceUser: 'shop' },
  },
})
const names = ['old', 'new'] as const

/** What a command says over SSH, as the account that deploys. */
async function overSsh(name: string, command: string) {
  const { code, stdout } = await runProgram(fleet.sshTo(name, command))
  return { code, said: stdout.trim() }
}

describe.each(names)('the host %s', name => {
  const host = fleet.host(name)

  test('runs systemd, and a manager of the account that needs no session', async () => {
    expect(await must(host, ['cat', '/proc/1/comm'])).toBe('systemd\n')
    expect(await overSsh(name, 'systemctl is-system-running')).toEqual({ code: 0, said: 'running' })
    expect(await overSsh(name, 'systemctl --user is-system-running')).toEqual({ code: 0, said: 'running' })
    expect(await overSsh(name, `. /etc/os-release; echo $VERSION_CODENAME; hostname`)).toEqual({
      code: 0,
      said: `${suites[name][0]}\n${name}`,
    })
  })

  test('makes environments of its own Python', async () => {
    const { code, said } = await overSsh(name, 'python3 -m venv env && env/bin/python --version')
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining(suites[name][1]) })
  })

  test('reaches this machine and nothing beyond', async () => {
    const { code } = await overSsh(name, 'getent hosts example.org || ip route get 192.0.2.1')
    expect(code).not.toBe(0)
  })

  test('keeps sessions when its SSH server stops, and loses them when they are killed', async () => {
    const session = runProgram(fleet.sshTo(name, 'echo there; sleep 4321'))
    const sleeps = async () => (await host.processes()).some(({ command }) => command === 'sleep 4321')
    await expect.poll(sleeps, { timeout: 10_000 }).toBe(true)
    await host.stop()
    expect((await overSsh(name, 'true')).code).toBe(255)
    expect(await sleeps()).toBe(true)
    await host.start()
    expect((await overSsh(name, 'true')).code).toBe(0)
    await host.killSessions()
    expect((await session).code).toBe(255)
    expect((await overSsh(name, 'true')).code).toBe(0)
  })

  test('loses its power and is rebooted: what is on its disk stays, what ran is gone', async () => {
    await must(host, ['sh', '-c', 'echo kept > /var/webcode/file; echo gone > $XDG_RUNTIME_DIR/file'])
    const left = 'cat /var/webcode/file; cat $XDG_RUNTIME_DIR/file 2> /dev/null; true'
    await host.powerOff()
    await expect(host.run(['true'])).rejects.toThrow(`${name} is off`)
    await host.powerOn()
    expect(await overSsh(name, left)).toEqual({ code: 0, said: 'kept' })
    await must(host, ['sh', '-c', 'echo gone > $XDG_RUNTIME_DIR/file'])
    await reboot(host)
    expect(await overSsh(name, left)).toEqual({ code: 0, said: 'kept' })
    expect(await overSsh(name, 'systemctl --user is-system-running --wait')).toMatchObject({
      said: 'running',
    })
  })

  test('whose manager of the account was stopped has the file of its socket, and no answer', async () => {
    {
      await using _stopped = await stopUserManager(host)
      const { code, said } = await overSsh(
        name,
        'ls $XDG_RUNTIME_DIR/systemd/private; systemctl --user is-system-running',
      )
      expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining('systemd/private') })
    }
    expect(await overSsh(name, 'systemctl --user is-system-running --wait')).toMatchObject({
      said: 'running',
    })
  })

  test('can have a directory that root cannot write to either', async () => {
    const directory = '/etc/systemd/system'
    const write = async () => (await host.run(['touch', `${directory}/probe`], { as: 'root' })).code
    {
      await using _readOnly = await makeReadOnly(host, directory)
      expect(await write()).toBe(1)
    }
    expect(await write()).toBe(0)
  })
})

test('a host has the /tmp and the disk that it was asked for', async () => {
  await asRoot(fleet.host('old'), 'printf "#!/bin/sh\\n" > /tmp/program; chmod 755 /tmp/program')
  expect((await overSsh('old', '/tmp/program')).code).toBe(126)
  await using full = await fillDisk(fleet.host('old'), '/var/webcode')
  expect((await overSsh('old', 'echo text > /var/webcode/more')).code).not.toBe(0)
  await full.mend()
  expect((await overSsh('old', 'echo text > /var/webcode/more')).code).toBe(0)
})

test('a host has a sudo rule and another account only where it was asked for', async () => {
  expect((await overSsh('old', 'sudo -n true')).code).toBe(1)
  expect(await overSsh('new', 'sudo -n id -un')).toEqual({ code: 0, said: 'root' })
  expect([(await overSsh('old', 'id shop')).code, (await overSsh('new', 'id shop')).code]).toEqual([1, 0])
})
