import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StageError } from '../../src/model/stage-error.ts'
import type { Destination } from '../../src/transport/channel.ts'
import { createTransport, type Transport } from '../../src/transport/transport.ts'
import { mustRun } from '../support/run-program.ts'
import { makeKey, type SshServer, startSshd } from '../support/sshd.ts'
import { destinationOf } from './destinations.ts'

let server: SshServer
let transport: Transport
let fingerprint: string

beforeAll(async () => {
  server = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] })
  transport = createTransport({ askPassphrase: async () => undefined, env: process.env })
  const printed = await mustRun(['ssh-keygen', '-lf', join(server.directory, 'host_ed25519.pub')])
  fingerprint = printed.split(' ')[1] ?? ''
})

afterAll(async () => {
  await transport.close()
  await server[Symbol.asyncDispose]()
})

/** A file of known hosts with these lines, in a directory of its own. */
async function knownHosts(name: string, ...lines: readonly string[]): Promise<string> {
  const directory = join(server.directory, name)
  await mkdir(directory)
  const file = join(directory, 'known_hosts')
  await writeFile(file, lines.map(line => `${line}\n`).join(''))
  return file
}

async function sayHello(changes: Partial<Destination>): Promise<string> {
  const channel = await transport.reach(destinationOf(server, changes), 'echo hello', {})
  return await text(channel.output)
}

async function refusal(changes: Partial<Destination>): Promise<StageError> {
  const error = await sayHello(changes).catch((reason: unknown) => reason)
  if (error instanceof StageError) return error
  throw new Error(`not refused: ${String(error)}`)
}

/** Without what is different in every run of these tests. */
const settled = (words: string | undefined) =>
  words
    ?.replaceAll(server.directory, 'DIR')
    .replaceAll(String(server.port), 'PORT')
    .replaceAll(fingerprint, 'SHA256:OURS')
    .replace(/SHA256:[\w+/]+/g, found => (found === 'SHA256:OURS' ? found : 'SHA256:OTHER'))

describe.each(['node-ssh', 'openssh'] as const)('%s', client => {
  test('a key that nobody recorded is refused with its fingerprint, and the next command makes it known', async () => {
    const knownHostsFile = await knownHosts(`unknown-${client}`)
    const error = await refusal({ client, knownHostsFile })
    expect([error.code, settled(error.message), settled(error.hint)?.replace(client, 'CLIENT')]).toEqual([
      'host-key-unknown',
      'web1: 127.0.0.1 port PORT presented a host key that is not known: ssh-ed25519 SHA256:OURS',
      "compare the fingerprint with the one that the host's own console prints for " +
        '`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`; if it is the same, record the key: ' +
        'ssh-keyscan -t ed25519 -p PORT 127.0.0.1 >> DIR/unknown-CLIENT/known_hosts',
    ])
    await mustRun(['/bin/sh', '-c', error.hint?.split('record the key: ')[1] ?? ''])
    expect(await sayHello({ client, knownHostsFile })).toBe('hello\n')
  })

  test('another key than the known one is refused, and the next command forgets the old one', async () => {
    await makeKey(server.directory, `other-${client}`, 'ed25519')
    const other = (await readFile(join(server.directory, `other-${client}.pub`), 'utf8'))
      .split(' ')
      .slice(0, 2)
      .join(' ')
    const knownHostsFile = await knownHosts(`changed-${client}`, `[127.0.0.1]:${server.port} ${other}`)
    const error = await refusal({ client, knownHostsFile, hostKeys: 'accept-new' })
    expect([error.code, settled(error.message), settled(error.hint)?.replaceAll(client, 'CLIENT')]).toEqual([
      'host-key-changed',
      'web1: 127.0.0.1 port PORT presented another host key than the known one: ssh-ed25519 SHA256:OURS',
      'line 1 of DIR/changed-CLIENT/known_hosts has ssh-ed25519 SHA256:OTHER: either the host was installed anew, ' +
        'or somebody stands in between. Ask who runs it; if the new key is right, forget the old one: ' +
        "ssh-keygen -R '[127.0.0.1]:PORT' -f DIR/changed-CLIENT/known_hosts",
    ])
    await mustRun(['/bin/sh', '-c', error.hint?.split('forget the old one: ')[1] ?? ''])
    expect((await refusal({ client, knownHostsFile })).code).toBe('host-key-unknown')
  })

  test('a revoked key is refused although it is known as well', async () => {
    const line = server.knownHostsLine('ed25519')
    const knownHostsFile = await knownHosts(
      `revoked-${client}`,
      line,
      `@revoked * ${line.split(' ').slice(1).join(' ')}`,
    )
    expect((await refusal({ client, knownHostsFile })).code).toBe('host-key-revoked')
  })

  test('a hashed name is recognised', async () => {
    const knownHostsFile = await knownHosts(`hashed-${client}`, server.knownHostsLine('ed25519'))
    await mustRun(['ssh-keygen', '-q', '-H', '-f', knownHostsFile])
    expect(await sayHello({ client, knownHostsFile })).toBe('hello\n')
  })

  test('a host known by its RSA key only is asked for that key, though it has others', async () => {
    const knownHostsFile = await knownHosts(`rsa-${client}`, server.knownHostsLine('rsa'))
    expect(await sayHello({ client, knownHostsFile })).toBe('hello\n')
  })

  test('accept-new records a new key, once, and is strict from then on', async () => {
    const knownHostsFile = await knownHosts(`new-${client}`, '# a comment')
    expect(await sayHello({ client, knownHostsFile, hostKeys: 'accept-new' })).toBe('hello\n')
    expect(await sayHello({ client, knownHostsFile, hostKeys: 'accept-new' })).toBe('hello\n')
    expect(await readFile(knownHostsFile, 'utf8')).toBe(`# a comment\n${server.knownHostsLine('ed25519')}\n`)
    expect(await sayHello({ client, knownHostsFile, hostKeys: 'strict' })).toBe('hello\n')
  })

  test('the alias of ssh_config is what the key is known by', async () => {
    const key = server.knownHostsLine('ed25519').split(' ').slice(1).join(' ')
    const knownHostsFile = await knownHosts(`alias-${client}`, `shop-web ${key}`)
    const configFile = join(server.directory, `alias-${client}`, 'config')
    await writeFile(configFile, 'Host *\n  HostKeyAlias shop-web\n')
    expect(await sayHello({ client, knownHostsFile, configFile })).toBe('hello\n')
  })

  test('ssh_config cannot turn checking off', async () => {
    const knownHostsFile = await knownHosts(`off-${client}`)
    const configFile = join(server.directory, `off-${client}`, 'config')
    await writeFile(
      configFile,
      'Host *\n  StrictHostKeyChecking no\n  NoHostAuthenticationForLocalhost yes\n',
    )
    expect((await refusal({ client, knownHostsFile, configFile })).code).toBe('host-key-unknown')
  })
})

describe('node-ssh', () => {
  test('a host known by an authority only is refused with the advice to use ssh itself', async () => {
    const key = server.knownHostsLine('ed25519').split(' ').slice(1).join(' ')
    const knownHostsFile = await knownHosts('authority', `@cert-authority * ${key}`)
    const error = await refusal({ knownHostsFile, hostKeys: 'accept-new' })
    expect([error.code, error.hint]).toEqual([
      'host-key-unknown',
      "host certificates need the system's ssh: set client: 'openssh' for this host, or record its plain key as well",
    ])
  })

  test('a host known by keys of other types only has changed, and accept-new does not take the new one', async () => {
    const other = await startSshd({ hostKeyTypes: ['rsa'] })
    await using _other = other
    const [, ...key] = server.knownHostsLine('ed25519').split(' ')
    const knownHostsFile = await knownHosts('types', `[127.0.0.1]:${other.port} ${key.join(' ')}`)
    const reaching = transport.reach(
      destinationOf(other, { knownHostsFile, hostKeys: 'accept-new' }),
      'true',
      {},
    )
    await expect(reaching).rejects.toMatchObject({ code: 'host-key-changed' })
  })

  test('accept-new does not write into a line that has no end', async () => {
    const knownHostsFile = await knownHosts('unfinished')
    await writeFile(knownHostsFile, '# no newline at the end')
    await sayHello({ knownHostsFile, hostKeys: 'accept-new' })
    expect(await readFile(knownHostsFile, 'utf8')).toBe(
      `# no newline at the end\n${server.knownHostsLine('ed25519')}\n`,
    )
  })

  test('accept-new makes a directory that only its owner may enter, and several hosts do not mix their lines', async () => {
    const knownHostsFile = join(server.directory, 'made', '.ssh', 'known_hosts')
    const aliases = ['a', 'b', 'c', 'd', 'e', 'f']
    await Promise.all(
      aliases.map(async alias => {
        const configFile = join(server.directory, `config-${alias}`)
        await writeFile(configFile, `Host *\n  HostKeyAlias ${alias}\n`)
        await sayHello({ knownHostsFile, configFile, hostKeys: 'accept-new' })
      }),
    )
    const key = server.knownHostsLine('ed25519').split(' ').slice(1).join(' ')
    const lines = (await readFile(knownHostsFile, 'utf8')).trimEnd().split('\n').toSorted()
    expect(lines).toEqual(aliases.map(alias => `${alias} ${key}`))
    expect((await stat(join(server.directory, 'made', '.ssh'))).mode & 0o777).toBe(0o700)
  })

  test('a key that cannot be recorded is not accepted', async () => {
    const knownHostsFile = join(server.directory, 'id', 'known_hosts')
    await chmod(server.identityFile, 0o600)
    expect((await refusal({ knownHostsFile, hostKeys: 'accept-new' })).code).toBe('host-key-unknown')
  })
})

describe('openssh', () => {
  test('trusts a host certificate by its authority alone: nothing is recorded, and another authority is refused', async () => {
    const directory = join(server.directory, 'certified')
    await mkdir(directory)
    const authorities = await Promise.all(['right', 'wrong'].map(name => makeKey(directory, name, 'ed25519')))
    const hostKey = await makeKey(directory, 'host', 'ecdsa')
    const [right = '', wrong = ''] = authorities
    await mustRun(['ssh-keygen', '-q', '-s', right, '-I', 'web1', '-h', '-n', '127.0.0.1', `${hostKey}.pub`])
    await using certified = await startSshd({
      hostKeyTypes: [],
      settings: { HostKey: hostKey, HostCertificate: `${hostKey}-cert.pub` },
    })
    const known = async (name: string, authority: string) => {
      const [type, key] = (await readFile(`${authority}.pub`, 'utf8')).split(' ')
      return await knownHosts(name, `@cert-authority * ${type} ${key}`)
    }
    const reach = async (knownHostsFile: string, hostKeys: Destination['hostKeys']) => {
      const destination = destinationOf(certified, { client: 'openssh', knownHostsFile, hostKeys })
      return await text((await transport.reach(destination, 'echo hello', {})).output)
    }
    const trusting = await known('right-authority', right)
    const before = await readFile(trusting, 'utf8')
    expect([await reach(trusting, 'strict'), await reach(trusting, 'accept-new')]).toEqual([
      'hello\n',
      'hello\n',
    ])
    expect(await readFile(trusting, 'utf8')).toBe(before)
    const other = await known('wrong-authority', wrong)
    for (const hostKeys of ['strict', 'accept-new'] as const)
      await expect(reach(other, hostKeys)).rejects.toMatchObject({ code: 'host-key-unknown' })
    // A login that fails after it is no fault of the key.
    const stranger = await makeKey(directory, 'stranger', 'ed25519')
    const denied = { client: 'openssh', knownHostsFile: trusting, identityFile: stranger } as const
    await expect(transport.reach(destinationOf(certified, denied), 'true', {})).rejects.toMatchObject({
      code: 'authentication',
    })
    // Without any authority the plain key below the certificate is a key like any other.
    const nobody = await knownHosts('no-authority')
    expect([await reach(nobody, 'accept-new'), await reach(nobody, 'strict')]).toEqual(['hello\n', 'hello\n'])
    expect(await readFile(nobody, 'utf8')).toMatch(/^\[127\.0\.0\.1\]:\d+ ecdsa-sha2-nistp256 \S+\n$/)
  })
})
