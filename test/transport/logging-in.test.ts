import { chmod, copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StageError } from '../../src/model/stage-error.ts'
import type { Destination } from '../../src/transport/channel.ts'
import { createTransport, type TransportDeps } from '../../src/transport/transport.ts'
import { mustRun } from '../support/run-program.ts'
import { makeKey, type SshServer, startAgent, startSshd } from '../support/sshd.ts'
import { destinationOf } from './destinations.ts'

let server: SshServer
/** What the server lets in, encrypted with the passphrase `open sesame`. */
let encrypted: string
/** A key that no server knows. */
let stranger: string

beforeAll(async () => {
  server = await startSshd()
  encrypted = join(server.directory, 'encrypted')
  await copyFile(server.identityFile, encrypted)
  await mustRun(['ssh-keygen', '-q', '-p', '-P', '', '-N', 'open sesame', '-f', encrypted])
  stranger = await makeKey(server.directory, 'stranger', 'rsa')
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

const HOME = { PATH: process.env['PATH'], HOME: process.env['HOME'] }

async function hello(
  deps: Partial<TransportDeps>,
  changes: Partial<Destination>,
  to = server,
): Promise<string> {
  const transport = createTransport({ askPassphrase: async () => undefined, env: HOME, ...deps })
  try {
    return await text((await transport.reach(destinationOf(to, changes), 'echo hello', {})).output)
  } finally {
    await transport.close()
  }
}

async function refusal(
  deps: Partial<TransportDeps>,
  changes: Partial<Destination>,
  to = server,
): Promise<StageError> {
  const error = await hello(deps, changes, to).catch((reason: unknown) => reason)
  if (error instanceof StageError) return error
  throw new Error(`not refused: ${String(error)}`)
}

const settled = (words: string, to = server) =>
  words
    .replaceAll(server.directory, 'DIR')
    .replaceAll(to.directory, 'DIR')
    .replaceAll(String(to.port), 'PORT')
    .replaceAll(to.user, 'USER')
    .replace(/SHA256:[\w+/]+/g, 'SHA256:…')

/** An ssh_config that names these keys, and nothing of this machine. */
async function configNaming(name: string, ...lines: readonly string[]): Promise<string> {
  const file = join(server.directory, `config-${name}`)
  await writeFile(file, `Host *\n${lines.map(line => `  ${line}\n`).join('')}`)
  return file
}

describe('key files', () => {
  test('an encrypted key is asked for once, however many hosts need it at once', async () => {
    const asked: string[] = []
    const transport = createTransport({
      askPassphrase: async file => {
        asked.push(file)
        return 'open sesame'
      },
      env: HOME,
    })
    const destination = destinationOf(server, { identityFile: encrypted })
    const greetings = await Promise.all(
      ['web1', 'web2', 'web3'].map(async host =>
        text((await transport.reach({ ...destination, host }, 'echo hello', {})).output),
      ),
    )
    await transport.close()
    expect([greetings, asked]).toEqual([['hello\n', 'hello\n', 'hello\n'], [encrypted]])
  })

  test('a mistyped passphrase may be corrected', async () => {
    const answers = ['wrong', 'open sesame']
    expect(await hello({ askPassphrase: async () => answers.shift() }, { identityFile: encrypted })).toBe(
      'hello\n',
    )
  })

  test('where nobody can be asked, the error says what to do with the encrypted key', async () => {
    const configFile = await configNaming('none', 'IdentityFile none')
    const error = await refusal({}, { identityFile: encrypted, configFile })
    expect([error.code, settled(error.message)]).toEqual([
      'authentication',
      'web1: 127.0.0.1 port PORT does not let USER in; no key was tried; left out: ' +
        'DIR/encrypted: it is encrypted, and nobody gave its passphrase (ssh-add it first)',
    ])
  })

  test('a key in a format that ssh2 cannot read is named with the command that converts it', async () => {
    const pkcs8 = join(server.directory, 'pkcs8')
    await mustRun(['openssl', 'genpkey', '-algorithm', 'RSA', '-out', pkcs8])
    await chmod(pkcs8, 0o600)
    const configFile = await configNaming('none', 'IdentityFile none')
    const error = await refusal({}, { identityFile: pkcs8, configFile })
    expect(settled(error.message)).toMatchInlineSnapshot(
      `"web1: 127.0.0.1 port PORT does not let USER in; no key was tried; left out: DIR/pkcs8: PKCS#8 is not supported: ssh-keygen -p -f DIR/pkcs8"`,
    )
    await mustRun(['/bin/sh', '-c', `${/ssh-keygen -p -f \S+/.exec(error.message)?.[0]} -N '' -q`])
    expect(settled((await refusal({}, { identityFile: pkcs8, configFile })).message)).toMatchInlineSnapshot(
      `"web1: 127.0.0.1 port PORT does not let USER in; tried: DIR/pkcs8"`,
    )
  })

  test('a key that others may read is not used, as ssh does not', async () => {
    const open = join(server.directory, 'open')
    await copyFile(server.identityFile, open)
    await chmod(open, 0o644)
    const configFile = await configNaming('none', 'IdentityFile none')
    expect(settled((await refusal({}, { identityFile: open, configFile })).message)).toMatchInlineSnapshot(
      `"web1: 127.0.0.1 port PORT does not let USER in; no key was tried; left out: DIR/open: others may read it: chmod 600 DIR/open"`,
    )
  })

  test('a key that does not exist is a fault of the configuration', async () => {
    const error = await refusal({}, { identityFile: join(server.directory, 'nowhere') })
    expect([error.code, settled(error.message)]).toEqual([
      'config',
      'web1: the key DIR/nowhere does not exist',
    ])
  })

  test('the keys that were tried are named', async () => {
    const configFile = await configNaming('none', 'IdentityFile none')
    expect(
      settled((await refusal({}, { identityFile: stranger, configFile })).message),
    ).toMatchInlineSnapshot(`"web1: 127.0.0.1 port PORT does not let USER in; tried: DIR/stranger"`)
  })

  test('keys of ssh_config are tried, with ~ and tokens expanded', async () => {
    await copyFile(server.identityFile, join(server.directory, `id_${server.user}`))
    const configFile = await configNaming('tokens', `IdentityFile ${server.directory}/id_%r`)
    expect(await hello({}, { identityFile: undefined, configFile })).toBe('hello\n')
  })
})

describe('the agent', () => {
  test('opens the door by SSH_AUTH_SOCK, and by IdentityAgent', async () => {
    await using agent = await startAgent(server.directory, [stranger, server.identityFile])
    const none = await configNaming('none', 'IdentityFile none')
    const named = await configNaming('agent', 'IdentityFile none', `IdentityAgent ${agent.socket}`)
    const env = { ...HOME, SSH_AUTH_SOCK: agent.socket }
    expect(await hello({ env }, { identityFile: undefined, configFile: none })).toBe('hello\n')
    expect(await hello({}, { identityFile: undefined, configFile: named })).toBe('hello\n')
  })

  test('is asked only for named keys where ssh_config says IdentitiesOnly; a public key file names one', async () => {
    await using agent = await startAgent(server.directory, [stranger, server.identityFile])
    const env = { ...HOME, SSH_AUTH_SOCK: agent.socket }
    const right = await configNaming('right', 'IdentitiesOnly yes', `IdentityFile ${server.identityFile}.pub`)
    expect(await hello({ env }, { identityFile: undefined, configFile: right })).toBe('hello\n')
    const wrong = await configNaming('wrong', 'IdentitiesOnly yes', `IdentityFile ${stranger}.pub`)
    const error = await refusal({ env }, { identityFile: undefined, configFile: wrong })
    expect(settled(error.message)).toMatchInlineSnapshot(
      `"web1: 127.0.0.1 port PORT does not let USER in; tried: stranger of the agent (SHA256:…)"`,
    )
  })

  test('holds more keys than the server has patience for: the named key goes first', async () => {
    const strangers = await Promise.all(
      Array.from({ length: 7 }, (_, index) => makeKey(server.directory, `many-${index}`, 'ed25519')),
    )
    await using agent = await startAgent(server.directory, strangers)
    const env = { ...HOME, SSH_AUTH_SOCK: agent.socket }
    expect(await hello({ env }, {})).toBe('hello\n')
    const configFile = await configNaming('none', 'IdentityFile none')
    const error = await refusal({ env }, { identityFile: undefined, configFile })
    expect([error.code, error.hint]).toEqual([
      'authentication',
      'the server may have had enough of wrong keys: name the right one (identityFile, or IdentitiesOnly in ssh_config)',
    ])
  })

  test('spares the passphrase of an encrypted key that it holds', async () => {
    await using agent = await startAgent(server.directory, [server.identityFile])
    await writeFile(`${encrypted}.pub`, await readFile(`${server.identityFile}.pub`))
    const env = { ...HOME, SSH_AUTH_SOCK: agent.socket }
    const askPassphrase = async () => {
      throw new Error('asked')
    }
    expect(await hello({ env, askPassphrase }, { identityFile: encrypted })).toBe('hello\n')
  })

  test('that is gone does not keep a key file from being used, and is named when nothing else is there', async () => {
    const env = { ...HOME, SSH_AUTH_SOCK: join(server.directory, 'gone.sock') }
    expect(await hello({ env }, {})).toBe('hello\n')
    const configFile = await configNaming('none', 'IdentityFile none')
    const error = await refusal({ env }, { identityFile: undefined, configFile })
    expect(settled(error.message)).toMatchInlineSnapshot(
      `"web1: 127.0.0.1 port PORT does not let USER in; no key was tried; left out: the agent at DIR/gone.sock: connect ENOENT DIR/gone.sock"`,
    )
  })

  test('is forwarded only if the destination says so', async () => {
    await using agent = await startAgent(server.directory, [server.identityFile])
    const transport = createTransport({
      askPassphrase: async () => undefined,
      env: { ...HOME, SSH_AUTH_SOCK: agent.socket },
    })
    const socketThere = async (changes: Partial<Destination>) =>
      await text((await transport.reach(destinationOf(server, changes), 'ssh-add -l | wc -l', {})).output)
    expect(await socketThere({ forwardAgent: true })).toBe('1\n')
    expect(await socketThere({ forwardAgent: false })).toBe('0\n')
    expect(await socketThere({ client: 'openssh', forwardAgent: true })).toBe('1\n')
    expect(await socketThere({ client: 'openssh', forwardAgent: false })).toBe('0\n')
    await transport.close()
  })
})

describe('servers that want something else', () => {
  test('a server that takes passwords only is named as such', async () => {
    await using passwords = await startSshd({
      settings: { PubkeyAuthentication: 'no', PasswordAuthentication: 'yes' },
    })
    const error = await refusal({}, {}, passwords)
    expect([error.code, settled(error.message, passwords), error.hint]).toMatchInlineSnapshot(`
      [
        "authentication",
        "web1: 127.0.0.1 port PORT does not let USER in; tried: DIR/id; the server asks for password",
        "passwords and codes are not asked for: let the server accept a key, or set client: 'openssh'",
      ]
    `)
    expect((await refusal({}, { client: 'openssh' }, passwords)).code).toBe('authentication')
  })

  test('a server that wants a code after the key is named as such', async () => {
    await using twofold = await startSshd({
      settings: { AuthenticationMethods: 'publickey,password', PasswordAuthentication: 'yes' },
    })
    const error = await refusal({}, {}, twofold)
    expect([error.code, settled(error.message, twofold)]).toMatchInlineSnapshot(`
      [
        "authentication",
        "web1: 127.0.0.1 port PORT does not let USER in; tried: DIR/id; the server asks for password",
      ]
    `)
  })

  test('settings of ssh_config that only ssh can follow are not passed over', async () => {
    const configFile = await configNaming('proxy', 'ProxyCommand nc %h %p', 'RevokedHostKeys /etc/revoked')
    const error = await refusal({}, { configFile })
    expect([error.code, error.message]).toEqual([
      'config',
      'web1: ssh_config sets ProxyCommand nc %h %p, RevokedHostKeys /etc/revoked',
    ])
  })
})
