import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { mustRun } from '../support/run-program.ts'
import { makeKeyPair } from '../support/ssh-keys.ts'
import { asRoot, stopped } from './support/faults.ts'
import { fleetOf, WITH_NAMESPACES } from './support/fleet-of.ts'
import { onTerminal } from './support/on-terminal.ts'
import { makeProject } from './support/project.ts'

const PASSWORD = `pass'"word $x`
/** Lines that nothing of ours understands, or has anything to do with, and no line break at the end. */
const OTHERS = '# mine\r\n\n   \ncommand="echo \\"hi\\" there" broken\nno key at all \\xff'

// The test changes who may log in: that needs hosts with users of their own.
describe.runIf(WITH_NAMESPACES)('authorize', async () => {
  const fleet = await fleetOf(['web1', 'web2'], {
    kind: 'namespaces',
    sshdOptions: { AuthenticationMethods: 'any', PasswordAuthentication: 'yes' },
  })
  const project = await makeProject(fleet)
  const newKey = join(fleet.directory, 'new_key')
  const line = await makeKeyPair(newKey, 'ana@laptop')
  const firstLine = (await readFile(`${fleet.identityFile}.pub`, 'utf8')).trim()
  for (const host of fleet.hosts)
    await asRoot(
      host,
      `p=$(openssl passwd -6 -stdin) && sed -i "s|^\\(${host.user}\\):[^:]*|\\1:$p|" /etc/shadow`,
      PASSWORD,
    )

  const fileOf = (host: string) => join(fleet.host(host).home, '.ssh/authorized_keys')
  const keysOf = (host: string) => readFile(fileOf(host), 'utf8')
  const modesOf = async (host: string) =>
    [(await stat(join(fileOf(host), '..'))).mode & 0o777, (await stat(fileOf(host))).mode & 0o777] as const
  const put = async (text: string, hosts = fleet.hosts) => {
    for (const host of hosts)
      await host.run(
        ['/bin/sh', '-c', 'umask 077; mkdir -p .ssh; chmod 755 .ssh; cat > .ssh/authorized_keys'],
        { input: text },
      )
  }
  const authorize = (...args: readonly string[]) =>
    project.deploy(['authorize', 'staging', '--key', `${newKey}.pub`, ...args])
  const hostsOf = (stdout: string): unknown => JSON.parse(stdout).hosts
  const done = (key: string, login: string | null = null) => ({ key, login, error: null })

  beforeEach(() => put(`${firstLine}\n`))

  test('puts the key where it is missing, keeps the rest byte for byte, and proves that it opens the host', async () => {
    await put(`${firstLine}\n${OTHERS}`)
    const { code, stdout } = await authorize('--json')
    expect({ code, hosts: hostsOf(stdout) }).toEqual({
      code: 0,
      hosts: { web1: done('added', 'proven'), web2: done('added', 'proven') },
    })
    expect([await keysOf('web1'), await modesOf('web1')]).toEqual([
      `${firstLine}\n${OTHERS}\n${line}\n`,
      [0o700, 0o600],
    ])
  })

  test('never has it twice, whatever options stand before it', async () => {
    const before = `${firstLine}\nfrom="10.0.0.0/8,*",command="a \\" b" ${line} and more\n`
    await put(before)
    const { stdout } = await authorize('--json', '--hosts', 'web1')
    expect([hostsOf(stdout), await keysOf('web1')]).toMatchObject([{ web1: { key: 'present' } }, before])
  })

  test('asks for the password once, without echo, where no key opens the hosts', async () => {
    await put('')
    const { code, shown } = await onTerminal(
      fleet,
      project,
      ['authorize', 'staging', '--key', `${newKey}.pub`],
      {
        ...{ prompt: 'Password for ', answer: PASSWORD },
      },
    )
    expect({ code, shown }).toEqual({
      code: 0,
      shown: expect.stringMatching(
        /^Password for web1, web2 \(asked once for all\): \nhost {2}key {4}login with it\nweb1 {2}added {2}opens it\nweb2 {2}added {2}opens it\n$/,
      ),
    })
    expect([await keysOf('web1'), await keysOf('web2')]).toEqual([`${line}\n`, `${line}\n`])
  })

  test('with a wrong password changes nothing and says so of every host', async () => {
    await put('')
    const { code, shown } = await onTerminal(
      fleet,
      project,
      ['authorize', 'staging', '--key', `${newKey}.pub`],
      {
        ...{ prompt: 'Password for ', answer: 'wrong' },
      },
    )
    expect([code, shown]).toEqual([
      3,
      expect.stringMatching(/tried: the password[\s\S]*the password may be wrong/),
    ])
    expect(await keysOf('web1')).toBe('')
  })

  test('gives the password to no host that nobody knows, also with accept-new; the next command makes it known', async () => {
    await put('')
    const knownHostsFile = join(fleet.directory, 'nobody')
    const careless = await makeProject(fleet, { ssh: { hostKeys: 'accept-new', knownHostsFile } })
    const asked = ['authorize', 'staging', '--key', `${newKey}.pub`]
    const first = await onTerminal(fleet, careless, asked, { prompt: 'Password for ', answer: PASSWORD })
    const commands = [...first.shown.matchAll(/record the key: (ssh-keyscan .*)$/gm)].map(
      ([, command]) => command,
    )
    expect([first.code, commands.length, first.shown]).toEqual([
      3,
      2,
      expect.stringMatching(
        /ssh-ed25519 SHA256:\S+\. accept-new does not hold where a login gives away a password/,
      ),
    ])
    expect([await keysOf('web1'), await keysOf('web2')]).toEqual(['', ''])
    for (const command of commands) await mustRun(['/bin/sh', '-c', command ?? 'false'])
    const second = await onTerminal(fleet, careless, asked, { prompt: 'Password for ', answer: PASSWORD })
    expect([second.code, await keysOf('web1'), await keysOf('web2')]).toEqual([0, `${line}\n`, `${line}\n`])
  })

  test('without a terminal asks nothing: exit 3', async () => {
    await put('', [fleet.host('web2')])
    const { code, stderr } = await authorize()
    expect([code, stderr]).toEqual([3, expect.stringMatching(/web2\n[\s\S]*on a terminal, the password/)])
    expect([await keysOf('web1'), await keysOf('web2')]).toEqual([`${firstLine}\n`, ''])
  })

  test('changes nothing anywhere while a host cannot be reached', async () => {
    await using _down = await stopped(fleet.host('web2'))
    const { code } = await authorize()
    expect([code, await keysOf('web1')]).toEqual([3, `${firstLine}\n`])
  })

  test('makes the directory and the file where there are none', async () => {
    await rm(join(fleet.host('web1').home, '.ssh'), { recursive: true })
    await onTerminal(fleet, project, ['authorize', 'staging', '--hosts', 'web1', '--key', `${newKey}.pub`], {
      ...{ prompt: 'Password for ', answer: PASSWORD },
    })
    expect([await keysOf('web1'), await modesOf('web1')]).toEqual([`${line}\n`, [0o700, 0o600]])
  })

  test('says of a key that opens no host though it is there', async () => {
    await put(`${firstLine}\nfrom="192.0.2.1" ${line}\n`)
    const { code, stdout } = await authorize('--json', '--hosts', 'web1')
    expect([code, hostsOf(stdout)]).toEqual([
      8,
      {
        web1: { key: 'present', login: 'refused', error: expect.stringMatching(/does not let stagetest in/) },
      },
    ])
  })

  describe('--revoke', () => {
    test('takes away exactly that key, on every line, and a second time finds nothing', async () => {
      await put(`${line}\n${firstLine}\n${OTHERS}\nrestrict ${line}`)
      const { code, stdout } = await authorize('--revoke', '--json')
      expect([code, hostsOf(stdout)]).toEqual([0, { web1: done('removed'), web2: done('removed') }])
      expect(await keysOf('web1')).toBe(`${firstLine}\n${OTHERS}\n`)
      expect(hostsOf((await authorize('--revoke', '--json')).stdout)).toEqual({
        web1: done('absent'),
        web2: done('absent'),
      })
    })

    test('never takes away the key that opens the hosts: exit 3, and nothing has changed', async () => {
      const other = `${firstLine}\n${line}\n`
      await put(other)
      const { code, stderr } = await project.deploy([
        'authorize',
        'staging',
        '--revoke',
        '--key',
        `${fleet.identityFile}.pub`,
      ])
      expect([code, stderr]).toEqual([3, expect.stringMatching(/it is the key in question/)])
      expect(await keysOf('web1')).toBe(other)
    })

    test('never takes away the last key, though a password opens the host', async () => {
      await put(`# only one\n${line}\n`)
      const { code, shown } = await onTerminal(
        ...([fleet, project, ['authorize', 'staging', '--revoke', '--key', `${newKey}.pub`]] as const),
        { prompt: 'Password for ', answer: PASSWORD },
      )
      expect([code, shown]).toEqual([8, expect.stringMatching(/web1: it is the last key in /)])
      expect(await keysOf('web1')).toBe(`# only one\n${line}\n`)
    })
  })
})
