import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { programPath } from './requirements.ts'
import { mustRun, runProgram } from './run-program.ts'
import { makeScratchDirectory } from './scratch-directory.ts'
import { knownHostsLine } from './ssh-keys.ts'

export type HostKeyType = 'ed25519' | 'ecdsa' | 'rsa'

export interface SshdOptions {
  /** ed25519 alone, if not said otherwise. */
  readonly hostKeyTypes?: readonly HostKeyType[]
  /** Lines of sshd_config(5); the first value of a keyword counts, and these stand first. */
  readonly settings?: Readonly<Record<string, string>>
}

/** One real OpenSSH server on a free port of 127.0.0.1; gone when disposed of, or when this process is. */
export interface SshServer extends AsyncDisposable {
  readonly address: string
  readonly port: number
  /** The ordinary user to log in as: nobody who may do more than on a real host. */
  readonly user: string
  /** The private key that is let in, and room for a test's own files beside it. */
  readonly identityFile: string
  readonly directory: string
  /** Public lines, `type key comment`. */
  readonly hostKeys: ReadonlyMap<HostKeyType, string>
  /** A file with all its host keys. */
  readonly knownHostsFile: string
  knownHostsLine(type: HostKeyType): string
  /** Of the listening server. */
  readonly pid: number
  /** Ends what serves the connections that are open, without a word to their clients. */
  killSessions(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const TEST_USER = 'stagetest'
const TEST_HOME = '/tmp/stagetest-home'

/** Starts sshd and waits until it listens. @throws when it is not installed, naming the package */
export async function startSshd(options: SshdOptions = {}): Promise<SshServer> {
  const types = options.hostKeyTypes ?? ['ed25519']
  const scratch = await makeScratchDirectory()
  const directory = scratch.path
  // sshd reads the authorised keys as the user who logs in.
  await chmod(directory, 0o755)
  const user = await testUser()
  const identityFile = await makeKey(directory, 'id', 'ed25519')
  const port = await freePort()
  for (const type of types) await makeKey(directory, `host_${type}`, type)
  const publicLine = async (type: HostKeyType) =>
    [type, (await readFile(join(directory, `host_${type}.pub`), 'utf8')).trim()] as const
  const hostKeys = new Map(await Promise.all(types.map(publicLine)))
  const line = (type: HostKeyType) => knownHostsLine(LOOPBACK, port, hostKeys.get(type) ?? '')
  const knownHostsFile = join(directory, 'known_hosts')
  await writeFile(knownHostsFile, types.map(type => `${line(type)}\n`).join(''))
  await writeFile(join(directory, 'sshd_config'), configOf(directory, port, types, options.settings ?? {}))
  const { child, pid } = await launch(join(directory, 'sshd_config'))
  return {
    ...{ address: LOOPBACK, port, user, identityFile, directory, hostKeys, knownHostsFile, pid },
    knownHostsLine: line,
    killSessions: () => killSessions(pid),
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'close')
      await scratch[Symbol.asyncDispose]()
    },
  }
}

/** As root a login as root would prove little, so there is an ordinary user; otherwise it is ourselves. */
async function testUser(): Promise<string> {
  if (process.getuid?.() !== 0) return userInfo().username
  if ((await runProgram(['id', TEST_USER])).code !== 0) {
    // `*`: no password, yet not locked, which sshd would refuse.
    const made = await runProgram([
      'useradd',
      '-r',
      '-M',
      '-p',
      '*',
      '-d',
      TEST_HOME,
      '-s',
      '/bin/sh',
      TEST_USER,
    ])
    // Another test file may have been faster.
    if (made.code !== 0) await mustRun(['id', TEST_USER])
  }
  await mkdir(TEST_HOME, { recursive: true })
  await mustRun(['chown', `${TEST_USER}:`, TEST_HOME])
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  return TEST_USER
}

/** Makes a key pair. @returns the path of the private one */
export async function makeKey(
  directory: string,
  name: string,
  type: HostKeyType,
  extra: readonly string[] = ['-N', ''],
): Promise<string> {
  const file = join(directory, name)
  const bits = type === 'rsa' ? ['-b', '2048'] : []
  await mustRun([programPath('ssh-keygen'), '-q', '-t', type, ...bits, '-C', name, ...extra, '-f', file])
  return file
}

function configOf(
  directory: string,
  port: number,
  types: readonly HostKeyType[],
  settings: Readonly<Record<string, string>>,
): string {
  const lines = [
    ...Object.entries(settings).map(([keyword, value]) => `${keyword} ${value}`),
    `ListenAddress ${LOOPBACK}:${port}`,
    ...types.map(type => `HostKey ${join(directory, `host_${type}`)}`),
    `AuthorizedKeysFile ${join(directory, 'id.pub')}`,
    // A directory below /tmp is writable by others somewhere above.
    'StrictModes no',
    'PidFile none',
    'UsePAM no',
    'UseDNS no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'MaxStartups 100',
    'PrintMotd no',
    'PrintLastLog no',
  ]
  return `${lines.join('\n')}\n`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, LOOPBACK)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

/** Tells the pid, waits for the end of its input, and takes the server with it: also when we are killed. */
const KEEPER = '"$@" < /dev/null & echo "$!"; cat > /dev/null; kill -CONT "$!"; kill "$!"; wait'

type Keeper = ChildProcessByStdio<Writable, Readable, Readable>

async function launch(configFile: string): Promise<{ readonly child: Keeper; readonly pid: number }> {
  const argv = ['-c', KEEPER, 'sh', programPath('sshd'), '-D', '-e', '-f', configFile]
  const child = spawn('/bin/sh', argv, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  const [pid] = await once(createInterface({ input: child.stdout }), 'line')
  let log = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString()
      if (/Server listening/.test(log)) resolve()
      else if (/fatal|error/i.test(log)) reject(new Error(`sshd did not start: ${log}`))
    })
    child.on('close', () => reject(new Error(`sshd did not start: ${log}`)))
  })
  return { child, pid: Number(pid) }
}

async function killSessions(server: number): Promise<void> {
  for (const child of await childrenOf(server)) {
    for (const pid of [child, ...(await childrenOf(child))]) await runProgram(['kill', '-KILL', String(pid)])
  }
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const { stdout } = await runProgram([programPath('ps'), '-o', 'pid=', '--ppid', String(pid)])
  return stdout.split('\n').filter(Boolean).map(Number)
}

/** An ssh-agent with a socket of its own, holding the keys that are given. */
export async function startAgent(
  directory: string,
  keyFiles: readonly string[],
): Promise<AsyncDisposable & { readonly socket: string }> {
  const socket = join(directory, 'agent.sock')
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] })
  await once(child.stdout, 'data')
  for (const file of keyFiles) await mustRun(['env', `SSH_AUTH_SOCK=${socket}`, 'ssh-add', '-q', file])
  return {
    socket,
    async [Symbol.asyncDispose]() {
      child.kill()
      if (child.exitCode === null) await once(child, 'close')
    },
  }
}
