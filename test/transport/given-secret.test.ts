import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { StageError } from '../../src/model/stage-error.ts'
import type { Destination } from '../../src/transport/channel.ts'
import { createTransport } from '../../src/transport/transport.ts'
import { aDestination } from '../support/a-destination.ts'
import { makeKey, startAgent } from '../support/sshd.ts'

/** A server that lets everybody in, leads on to others, and keeps what it is given. */
interface Collector extends AsyncDisposable {
  readonly port: number
  readonly knownHostsLine: string
  /** But for the question which methods there are; a password as it is. */
  given: readonly string[]
}

const METHODS = ['publickey', 'password', 'keyboard-interactive'] as const

let directory: string
/** What logs in by key. */
let identityFile: string
let agentSocket: string
let collector: Collector
/** The same, and asks for a password by the other of the two methods. */
let asking: Collector
let bastion: Collector
const endings: (() => Promise<void>)[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'given-secret-'))
  identityFile = await makeKey(directory, 'id', 'ed25519')
  const agent = await startAgent(directory, [identityFile])
  agentSocket = agent.socket
  collector = await startCollector('collector', ['publickey', 'password'])
  asking = await startCollector('asking', ['keyboard-interactive'])
  bastion = await startCollector('bastion', ['publickey'])
  for (const one of [agent, collector, asking, bastion])
    endings.push(async () => await one[Symbol.asyncDispose]())
})

afterAll(async () => {
  for (const end of endings) await end()
  await rm(directory, { recursive: true })
})

beforeEach(() => {
  for (const one of [collector, asking, bastion]) void one.given
})

async function startCollector(
  name: string,
  methods: readonly (typeof METHODS)[number][],
): Promise<Collector> {
  const key = await makeKey(directory, name, 'ed25519')
  const collected: string[] = []
  const server = new ssh2.Server({ hostKeys: [await readFile(key)] }, connection => {
    connection.on('error', () => undefined)
    connection.on('authentication', context => {
      if (!methods.some(method => method === context.method)) return context.reject([...methods])
      if (context.method === 'keyboard-interactive')
        return context.prompt([{ prompt: 'Password: ', echo: false }], answers => {
          collected.push(...answers.map(answer => `password ${answer}`))
          context.accept()
        })
      collected.push(context.method === 'password' ? `password ${context.password}` : context.method)
      context.accept()
    })
    connection.on('session', accept => {
      const session = accept()
      session.on('auth-agent', acceptAgent => {
        collected.push('the agent')
        acceptAgent?.()
      })
      session.on('exec', acceptExec => {
        const channel = acceptExec()
        channel.write('hello\n')
        channel.exit(0)
        channel.end()
      })
    })
    connection.on('tcpip', (accept, _reject, { destPort }) => {
      const channel = accept()
      const socket = connect(destPort, '127.0.0.1')
      for (const end of [channel, socket]) end.on('error', () => undefined)
      channel.pipe(socket).pipe(channel)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const { port } = address
  const [type, blob] = (await readFile(`${key}.pub`, 'utf8')).split(' ')
  return {
    port,
    knownHostsLine: `[127.0.0.1]:${port} ${type} ${blob}\n`,
    get given() {
      return [...new Set(collected.splice(0))]
    },
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}

let count = 0

/** Reaches a collector with `accept-new`. @param known what the file of known hosts holds */
async function reach(
  to: Collector,
  changes: Partial<Destination>,
  { known = '', config = '' }: { readonly known?: string; readonly config?: string } = {},
): Promise<{
  readonly end: string
  readonly message: string
  readonly hint: string
  readonly recorded: string
}> {
  count += 1
  const knownHostsFile = join(directory, `known-${count}`)
  const configFile = join(directory, `config-${count}`)
  await writeFile(knownHostsFile, known)
  await writeFile(configFile, config)
  const env = { ...process.env, SSH_AUTH_SOCK: agentSocket }
  const transport = createTransport({ askPassphrase: async () => undefined, env })
  const destination = aDestination({
    ...{ address: '127.0.0.1', port: to.port, user: 'ana', hostKeys: 'accept-new', identityFile },
    ...{ knownHostsFile, configFile, ...changes },
  })
  const recorded = async () => (await readFile(knownHostsFile, 'utf8')).slice(known.length)
  try {
    const end = await text((await transport.reach(destination, 'echo hello', {})).output)
    return { end, message: '', hint: '', recorded: await recorded() }
  } catch (error) {
    if (!(error instanceof StageError)) throw error
    return { end: error.code, message: error.message, hint: error.hint ?? '', recorded: await recorded() }
  } finally {
    await transport.close()
  }
}

const PASSWORD = { login: { kind: 'password', password: 'open sesame' } } as const
const KERBEROS = 'GSSAPIAuthentication yes\nGSSAPIDelegateCredentials yes\n'

/** Every login that gives away more than the proof of a key. */
const secrets = {
  'a password': { to: () => collector, changes: PASSWORD, names: /a password$/ },
  'a password by keyboard-interactive': { to: () => asking, changes: PASSWORD, names: /a password$/ },
  'the agent, by node-ssh': {
    to: () => collector,
    changes: { forwardAgent: true },
    names: /the use of the agent \(forwardAgent\)$/,
  },
  'the agent, by openssh': {
    to: () => collector,
    changes: { forwardAgent: true, client: 'openssh' },
    names: /the use of the agent \(forwardAgent\)$/,
  },
  'a Kerberos ticket': {
    to: () => collector,
    changes: { client: 'openssh' },
    config: KERBEROS,
    names: /a Kerberos ticket \(GSSAPIDelegateCredentials\)$/,
  },
} as const

describe.each(Object.entries(secrets))('%s', (_, { to, changes, names, ...more }) => {
  const config = 'config' in more ? more.config : ''

  test('is given to no unknown server, which is told with its fingerprint and the next command', async () => {
    const { end, message, hint, recorded } = await reach(to(), changes, { config })
    expect({ end, message, hint, recorded, given: to().given }).toEqual({
      end: 'host-key-unknown',
      message: expect.stringMatching(
        new RegExp(
          `ssh-ed25519 SHA256:\\S+\\. accept-new does not hold where a login gives away ${names.source}`,
        ),
      ),
      hint: expect.stringMatching(/record the key: ssh-keyscan -t ed25519 -p \d+ 127\.0\.0\.1 >> /),
      recorded: '',
      given: [],
    })
  })

  test('is given to one that is known', async () => {
    const { end, message } = await reach(to(), changes, { config, known: to().knownHostsLine })
    expect([end, message]).toEqual(['hello\n', ''])
  })

  test('is given through no unknown jump host either', async () => {
    const jump = `ana@127.0.0.1:${bastion.port}`
    const known = to().knownHostsLine
    const refused = await reach(to(), { ...changes, jump }, { config, known })
    expect([refused.end, refused.message, bastion.given, refused.recorded]).toEqual([
      'host-key-unknown',
      expect.stringMatching(/jump host 127\.0\.0\.1 .* gives away /),
      [],
      '',
    ])
    const { end } = await reach(to(), { ...changes, jump }, { config, known: known + bastion.knownHostsLine })
    // The jump host itself is shown a key and nothing else.
    expect([end, bastion.given]).toEqual(['hello\n', ['publickey']])
  })
})

test('what is given is what was meant', async () => {
  const known = collector.knownHostsLine + asking.knownHostsLine
  await reach(collector, PASSWORD, { known })
  expect(collector.given).toEqual(['password open sesame'])
  await reach(asking, PASSWORD, { known })
  expect(asking.given).toEqual(['password open sesame'])
  for (const client of ['node-ssh', 'openssh'] as const) {
    await reach(collector, { forwardAgent: true, client }, { known })
    expect(collector.given).toEqual(['publickey', 'the agent'])
  }
})

test.each(['node-ssh', 'openssh'] as const)(
  'a login by key gives nothing away: accept-new holds, with %s',
  async client => {
    const { end, recorded } = await reach(collector, { client })
    expect([end, recorded, collector.given]).toEqual(['hello\n', collector.knownHostsLine, ['publickey']])
  },
)

test('a setting that only ssh follows is nothing to the other client', async () => {
  expect((await reach(collector, {}, { config: KERBEROS })).end).toBe('hello\n')
})
