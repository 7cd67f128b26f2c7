import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StageError } from '../../src/model/stage-error.ts'
import type { Destination } from '../../src/transport/channel.ts'
import { createTransport, type Transport } from '../../src/transport/transport.ts'
import { runProgram } from '../support/run-program.ts'
import { type SshServer, startSshd } from '../support/sshd.ts'
import { destinationOf } from './destinations.ts'

let server: SshServer
let transport: Transport

beforeAll(async () => {
  server = await startSshd()
  transport = createTransport({ askPassphrase: async () => undefined, env: process.env })
})

afterAll(async () => {
  await transport.close()
  await server[Symbol.asyncDispose]()
})

async function hello(changes: Partial<Destination>, to = server, by = transport): Promise<string> {
  return await text((await by.reach(destinationOf(to, changes), 'echo hello', {})).output)
}

async function refusal(changes: Partial<Destination>, to = server, by = transport): Promise<StageError> {
  const error = await hello(changes, to, by).catch((reason: unknown) => reason)
  if (error instanceof StageError) return error
  throw new Error(`not refused: ${String(error)}`)
}

const settled = (words: string, to = server) =>
  words.replaceAll(String(to.port), 'PORT').replaceAll(to.user, 'USER')

/** Connections that sshd serves now: without the server itself. */
async function connectionsTo(to: SshServer): Promise<number> {
  const { stdout } = await runProgram(['ps', '-o', 'pid=', '--ppid', String(to.pid)])
  return stdout.split('\n').filter(Boolean).length
}

/** A listener on loopback that does to every connection what the test says. */
async function listener(
  onConnection: (socket: Socket) => void,
): Promise<AsyncDisposable & { readonly port: number }> {
  const listening: Server = createServer(onConnection).listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const address = listening.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      listening.close()
    },
  }
}

async function unusedPort(): Promise<number> {
  await using one = await listener(() => undefined)
  return one.port
}

describe.each(['node-ssh', 'openssh'] as const)('%s', client => {
  test('a port where nobody listens is unreachable', async () => {
    expect((await refusal({ client, port: await unusedPort() })).code).toBe('unreachable')
  })

  test('a name that does not resolve is unreachable', async () => {
    expect((await refusal({ client, address: 'no-such-host.invalid' })).code).toBe('unreachable')
  })

  test('a server that is stopped is given up when the connect timeout is over', async () => {
    await using stopped = await startSshd()
    process.kill(stopped.pid, 'SIGSTOP')
    const error = await refusal({ client, connectTimeoutMs: 1_000 }, stopped)
    expect(error.code).toBe('unreachable')
  })

  test('a server that takes few logins at once gets all of them in the end', async () => {
    await using busy = await startSshd({ settings: { MaxStartups: '2' } })
    const greetings = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        hello({ client, host: `web${index}`, connectTimeoutMs: 15_000 }, busy),
      ),
    )
    expect(greetings).toEqual(Array.from({ length: 10 }, () => 'hello\n'))
  })

  test('a server that allows one session a connection is enough', async () => {
    await using narrow = await startSshd({ settings: { MaxSessions: '1' } })
    expect(await Promise.all([hello({ client }, narrow), hello({ client }, narrow)])).toEqual([
      'hello\n',
      'hello\n',
    ])
  })

  test('a connection that falls silent is lost', async () => {
    await using silent = await startSshd()
    const channel = await transport.reach(
      destinationOf(silent, { client, keepAliveMs: 4_000 }),
      'echo ready; sleep 60',
      {},
    )
    await once(channel.output, 'data')
    const { stdout } = await runProgram(['ps', '-o', 'pid=', '--ppid', String(silent.pid)])
    const sessions = stdout.split('\n').filter(Boolean).map(Number)
    for (const pid of sessions) {
      const children = await runProgram(['ps', '-o', 'pid=', '--ppid', String(pid)])
      for (const one of [pid, ...children.stdout.split('\n').filter(Boolean).map(Number)])
        process.kill(one, 'SIGSTOP')
    }
    expect((await channel.ended).kind).toBe('lost')
    await silent.killSessions()
  })

  test('a host behind two jump hosts is reached, every key on the way checked', async () => {
    await using first = await startSshd()
    await using second = await startSshd()
    const jump = `${first.user}@127.0.0.1:${first.port},${second.user}@127.0.0.1:${second.port}`
    const lines = [first, second, server].map(one => `${one.knownHostsLine('ed25519')}\n`)
    const keys = [first, second, server].map(one => `  IdentityFile ${one.identityFile}\n`)
    const configFile = join(server.directory, `jumps-${client}`)
    await writeFile(configFile, `Host *\n${keys.join('')}`)
    const knownHostsFile = join(server.directory, `jumps-known-${client}`)
    await writeFile(knownHostsFile, lines.join(''))
    const way = { client, jump, configFile, knownHostsFile, identityFile: undefined }
    expect(await hello(way)).toBe('hello\n')
    await writeFile(knownHostsFile, lines.toSpliced(1, 1).join(''))
    const error = await refusal(way)
    expect([error.code, settled(error.message.replace(/SHA256:\S+/, 'SHA256:…'), second)]).toEqual([
      'host-key-unknown',
      'web1: jump host 127.0.0.1 (127.0.0.1 port PORT) presented a host key that is not known: ssh-ed25519 SHA256:…',
    ])
  })

  test('a jump host of ssh_config is used', async () => {
    await using bastion = await startSshd()
    const configFile = join(server.directory, `bastion-${client}`)
    await writeFile(
      configFile,
      [
        'Host web1.internal',
        '  HostName 127.0.0.1',
        '  ProxyJump bastion',
        'Host *',
        `  UserKnownHostsFile ${server.directory}/bastion-known`,
        `  User ${server.user}`,
        `  IdentityFile ${server.identityFile}`,
        `  IdentityFile ${bastion.identityFile}`,
        'Host bastion',
        '  HostName 127.0.0.1',
        `  Port ${bastion.port}`,
        '',
      ].join('\n'),
    )
    const known = [bastion, server].map(one => `${one.knownHostsLine('ed25519')}\n`).join('')
    await writeFile(join(server.directory, 'bastion-known'), known)
    const named = { client, configFile, address: 'web1.internal' }
    expect(
      await hello({ ...named, user: undefined, identityFile: undefined, knownHostsFile: undefined }),
    ).toBe('hello\n')
  })

  test.each([
    '-oProxyCommand=touch /tmp/stage-hostile',
    'web1;touch /tmp/stage-hostile',
    '$(touch /tmp/stage-hostile)',
    'web1 web2',
    'root@web1',
    '',
  ])('the host name %j is refused before any command line', async address => {
    expect((await refusal({ client, address })).code).toBe('config')
  })

  test.each(['-lroot', '$(id)', 'a b'])('the user name %j is refused', async user => {
    expect((await refusal({ client, user })).code).toBe('config')
  })

  test.each(['-oProxyCommand=id', 'a b', 'x;id'])('the jump host %j is refused', async jump => {
    expect((await refusal({ client, jump })).code).toBe('config')
  })

  test('a configuration that ssh refuses is said in its own words', async () => {
    const configFile = join(server.directory, `bad-${client}`)
    await writeFile(configFile, 'NoSuchKeyword yes\n')
    const error = await refusal({ client, configFile })
    expect([error.code, error.message.replaceAll(configFile, 'FILE')]).toEqual([
      'config',
      'web1: ssh refuses its configuration: FILE: line 1: Bad configuration option: nosuchkeyword; ' +
        'FILE: terminating, 1 bad configuration options',
    ])
  })

  test('calling off a login that hangs rejects at once, with the reason that was given', async () => {
    await using mute = await listener(() => undefined)
    const controller = new AbortController()
    const destination = destinationOf(server, { client, port: mute.port, connectTimeoutMs: 60_000 })
    const reaching = transport.reach(destination, 'true', { signal: controller.signal })
    setTimeout(() => controller.abort(new StageError('interrupted', 'Ctrl-C')), 300)
    await expect(reaching).rejects.toMatchObject({ code: 'interrupted', message: 'Ctrl-C' })
  })
})

describe('node-ssh', () => {
  test('a jump host that nobody reaches is told of each host behind it, and none by the name of another', async () => {
    const jump = `127.0.0.1:${await unusedPort()}`
    const refused = await Promise.all(
      ['web1', 'web2'].map(host =>
        transport.reach(destinationOf(server, { host, jump }), 'true', {}).catch((error: unknown) => error),
      ),
    )
    for (const error of refused) {
      if (!(error instanceof StageError)) throw error
      expect(error.reason.replaceAll(/port \d+/g, 'port PORT')).toBe(
        'jump host 127.0.0.1 (127.0.0.1 port PORT) cannot be reached: connection refused',
      )
    }
  })

  test('one connection to a jump host serves many hosts, and is closed after the last', async () => {
    await using bastion = await startSshd()
    const knownHostsFile = join(server.directory, 'shared-known')
    await writeFile(
      knownHostsFile,
      [bastion, server].map(one => `${one.knownHostsLine('ed25519')}\n`).join(''),
    )
    const configFile = join(server.directory, 'shared-config')
    await writeFile(configFile, `Host *\n  IdentityFile ${bastion.identityFile}\n`)
    const jump = `${bastion.user}@127.0.0.1:${bastion.port}`
    const channels = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        transport.reach(
          destinationOf(server, { host: `web${index}`, jump, knownHostsFile, configFile }),
          'cat',
          {},
        ),
      ),
    )
    expect(await connectionsTo(bastion)).toBe(1)
    for (const channel of channels) channel.input.end()
    for (const channel of channels) expect(await channel.ended).toEqual({ kind: 'exited', code: 0 })
    await expect.poll(() => connectionsTo(bastion), { timeout: 5_000 }).toBe(0)
  })

  test('a server behind a jump host that sheds load is asked again', async () => {
    await using bastion = await startSshd()
    await using busy = await startSshd({ settings: { MaxStartups: '1' } })
    const knownHostsFile = join(server.directory, 'busy-known')
    await writeFile(knownHostsFile, [bastion, busy].map(one => `${one.knownHostsLine('ed25519')}\n`).join(''))
    const configFile = join(server.directory, 'busy-config')
    await writeFile(configFile, `Host *\n  IdentityFile ${bastion.identityFile}\n`)
    const jump = `${bastion.user}@127.0.0.1:${bastion.port}`
    const greetings = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        hello({ host: `web${index}`, jump, knownHostsFile, configFile, connectTimeoutMs: 15_000 }, busy),
      ),
    )
    expect(greetings).toEqual(Array.from({ length: 8 }, () => 'hello\n'))
  })

  test('a jump host that dies takes its hosts with it, and the next connection makes a new one', async () => {
    await using bastion = await startSshd()
    const knownHostsFile = join(server.directory, 'dying-known')
    await writeFile(
      knownHostsFile,
      [bastion, server].map(one => `${one.knownHostsLine('ed25519')}\n`).join(''),
    )
    const configFile = join(server.directory, 'dying-config')
    await writeFile(configFile, `Host *\n  IdentityFile ${bastion.identityFile}\n`)
    const way = { jump: `${bastion.user}@127.0.0.1:${bastion.port}`, knownHostsFile, configFile }
    const channel = await transport.reach(destinationOf(server, way), 'cat', {})
    await bastion.killSessions()
    expect((await channel.ended).kind).toBe('lost')
    expect(await hello(way)).toBe('hello\n')
  })

  test('a jump host that does not forward is named with what must be allowed', async () => {
    await using bastion = await startSshd({ settings: { AllowTcpForwarding: 'no' } })
    const knownHostsFile = join(server.directory, 'closed-known')
    await writeFile(
      knownHostsFile,
      [bastion, server].map(one => `${one.knownHostsLine('ed25519')}\n`).join(''),
    )
    const configFile = join(server.directory, 'closed-config')
    await writeFile(configFile, `Host *\n  IdentityFile ${bastion.identityFile}\n`)
    const error = await refusal({
      jump: `${bastion.user}@127.0.0.1:${bastion.port}`,
      knownHostsFile,
      configFile,
    })
    expect([error.code, error.hint]).toEqual([
      'unreachable',
      'the sshd of the jump host must allow forwarding (AllowTcpForwarding), and the host must be up',
    ])
  })

  test('jump hosts that lead in a circle are a fault of the configuration', async () => {
    const configFile = join(server.directory, 'circle')
    await writeFile(configFile, 'Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n')
    const error = await refusal({ configFile, address: 'a', port: undefined })
    expect([error.code, error.message]).toEqual(['config', 'web1: its jump hosts lead in a circle at a'])
  })

  test('what a stopped server did not do is said', async () => {
    await using mute = await listener(() => undefined)
    const error = await refusal({ port: mute.port, connectTimeoutMs: 500 })
    expect(error.message.replaceAll(String(mute.port), 'PORT')).toBe(
      'web1: 127.0.0.1 port PORT took the connection, but its SSH server did not say a word within 0.5 s',
    )
  })

  test('the last word of a server that sheds load is passed on', async () => {
    await using full = await listener(socket => socket.end('Exceeded MaxStartups\r\n'))
    const error = await refusal({ port: full.port, connectTimeoutMs: 500 })
    expect([error.code, error.message.replaceAll(String(full.port), 'PORT')]).toEqual([
      'unreachable',
      'web1: 127.0.0.1 port PORT closes every connection before it says who it is: Exceeded MaxStartups',
    ])
  })

  test('a server that is no SSH server is unreachable', async () => {
    await using web = await listener(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    expect((await refusal({ port: web.port, connectTimeoutMs: 500 })).code).toBe('unreachable')
  })

  test('a server that wants newer algorithms than ssh2 has is named with the way out', async () => {
    await using modern = await startSshd({
      settings: { KexAlgorithms: 'sntrup761x25519-sha512@openssh.com' },
    })
    const error = await refusal({}, modern)
    expect([error.code, error.hint]).toEqual([
      'unreachable',
      "an SSH server that wants newer algorithms than ssh2 has is reached with client: 'openssh'",
    ])
    expect(await hello({ client: 'openssh' }, modern)).toBe('hello\n')
  })

  test('keys that are renewed in the middle of a transfer change nothing', async () => {
    await using eager = await startSshd({ settings: { RekeyLimit: '1M' } })
    const channel = await transport.reach(destinationOf(eager), 'head -c 20000000 /dev/zero', {})
    expect((await text(channel.output)).length).toBe(20_000_000)
    expect(await channel.ended).toEqual({ kind: 'exited', code: 0 })
  })

  test('without an ssh program the defaults hold, and a configuration file is refused', async () => {
    const bare = createTransport({ askPassphrase: async () => undefined, env: { PATH: '/nowhere' } })
    expect(await hello({ configFile: undefined }, server, bare)).toBe('hello\n')
    expect((await refusal({}, server, bare)).code).toBe('config')
    expect((await refusal({ client: 'openssh', configFile: undefined }, server, bare)).code).toBe('config')
    await bare.close()
  })

  test('closing the transport ends every channel and calls off what is under way', async () => {
    const closing = createTransport({ askPassphrase: async () => undefined, env: process.env })
    await using mute = await listener(() => undefined)
    const channel = await closing.reach(destinationOf(server), 'cat', {})
    const hanging = closing.reach(destinationOf(server, { port: mute.port }), 'cat', {})
    const refused = expect(hanging).rejects.toMatchObject({ code: 'interrupted' })
    await closing.close()
    await refused
    expect((await channel.ended).kind).toBe('lost')
    await expect(closing.reach(destinationOf(server), 'cat', {})).rejects.toMatchObject({
      code: 'interrupted',
    })
  })
})

test('no hostile name was ever executed', async () => {
  expect((await readdir('/tmp')).filter(name => name === 'stage-hostile')).toEqual([])
})
