import ssh2, { type Client, type ConnectConfig } from 'ssh2'
import { makeKeyPair } from '../../../src/cli/sandbox/key-pair.ts'
import { type SandboxHost, startSandboxHost } from '../../../src/cli/sandbox/ssh-host.ts'

export interface CommandEnd {
  readonly code: number | undefined
  readonly signal: string | undefined
  readonly stdout: Buffer
  readonly stderr: string
}

/** A host of its own for a test, and the private key that opens it. */
export async function startHost(directory: string, patienceMs?: number) {
  const client = makeKeyPair('client')
  const host = await startSandboxHost({
    name: 'web1',
    directory,
    hostKey: makeKeyPair('web1').privateKey,
    authorisedKey: client.publicLine,
    ...(patienceMs === undefined ? {} : { patienceMs }),
  })
  return { host, privateKey: client.privateKey }
}

export function connect(host: SandboxHost, login: Partial<ConnectConfig>): Promise<Client> {
  const client = new ssh2.Client()
  return new Promise((resolve, reject) => {
    client.on('ready', () => resolve(client)).on('error', reject)
    client.connect({ host: host.address, port: host.port, username: host.user, ...login })
  })
}

export interface RunningCommand {
  readonly end: Promise<CommandEnd>
  signal(name: string): void
}

/** Input undefined: the program's input stays open. */
export function start(client: Client, command: string, input?: string): Promise<RunningCommand> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error !== undefined) return reject(error)
      const stdout: Buffer[] = []
      const stderr: Buffer[] = []
      channel.on('data', (chunk: Buffer) => stdout.push(chunk))
      channel.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
      if (input !== undefined) channel.end(input)
      const end = new Promise<CommandEnd>(settle => {
        channel.on('close', (code: number | null | undefined, signal: string | undefined) =>
          settle({
            code: code ?? undefined,
            signal,
            stdout: Buffer.concat(stdout),
            stderr: Buffer.concat(stderr).toString(),
          }),
        )
      })
      resolve({ end, signal: name => channel.signal(name) })
    })
  })
}

export async function run(client: Client, command: string, input = ''): Promise<CommandEnd> {
  return await (await start(client, command, input)).end
}
