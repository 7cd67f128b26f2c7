import { createServer, type Server as NetServer, type Socket } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import ssh2, { type Connection, type ParsedKey, type ServerChannel } from 'ssh2'
import { makeDirectory } from '../../artifact/make-directory.ts'
import { authorise } from './authorise.ts'
import { type Job, startJob } from './job.ts'

export interface SandboxHostSetting {
  readonly name: string
  /** An empty directory of its own; the host's files are in it. */
  readonly directory: string
  /** The private key that the host proves itself with. */
  readonly hostKey: string
  /** The public line of the one key that may log in. */
  readonly authorisedKey: string
  /** How long programs may take to end by themselves when the host stops. */
  readonly patienceMs?: number
}

export interface SandboxHost {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly user: string
  /** The package repository of this host. */
  readonly root: string
  readonly home: string
  /** Ends every program's input, waits, kills what is left, and closes the server. Idempotent. */
  stop(): Promise<void>
}

/** Loopback only: nobody else on the network may reach a sandbox. */
const ADDRESS = '127.0.0.1'
/** What sshd gives a session when nobody configured anything (OpenSSH's built-in default). */
const PATH = '/usr/local/bin:/usr/bin:/bin'
/** A remote end that lost its runner puts its link back first, which is quick; its undo steps may take longer. */
const PATIENCE_MS = 10_000

/**
 * Starts an SSH server that logs in as ourselves with one key, runs commands and does nothing else: no password,
 * no terminal, no file transfer, no forwarding.
 *
 * @throws when the directory cannot be written or no port is to be had
 */
export async function startSandboxHost(setting: SandboxHostSetting): Promise<SandboxHost> {
  const home = join(setting.directory, 'home')
  const root = join(setting.directory, 'webcode')
  await makeDirectory(home)
  await makeDirectory(root, 0o755)
  const user = userInfo().username
  const jobs = new Set<Job>()
  const sockets = new Set<Socket>()
  const ssh = sshServer(setting, user, home, jobs)
  // A server of our own, for its sockets: with Nagle's algorithm every command takes 40 ms longer.
  const server = createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    ssh.injectSocket(socket)
  })
  const port = await listen(server)
  const shutDown = async () => {
    server.close()
    await endJobs(jobs, setting.patienceMs ?? PATIENCE_MS)
    for (const socket of sockets) socket.destroy()
  }
  let stopped: Promise<void> | undefined
  return {
    ...{ name: setting.name, address: ADDRESS, port, user, root, home },
    stop: () => {
      stopped ??= shutDown()
      return stopped
    },
  }
}

function sshServer(setting: SandboxHostSetting, user: string, home: string, jobs: Set<Job>): ssh2.Server {
  const key = parsePublicKey(setting.authorisedKey)
  const environment = { HOME: home, USER: user, LOGNAME: user, SHELL: '/bin/sh', PATH, LANG: 'C.UTF-8' }
  const serve = (connection: Connection) => {
    connection.on('authentication', context => authorise(context, user, key))
    // A client that breaks off is no fault of the host.
    connection.on('error', () => undefined)
    connection.on('session', accept => {
      const session = accept()
      session.on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec()
        const job = startJob(command, channel, { home, environment })
        session.on('signal', (_accept, _reject, { name }) => job.signal(name))
        jobs.add(job)
        void job.ended.then(() => jobs.delete(job))
      })
      session.on('shell', acceptShell => explain(acceptShell()))
    })
  }
  return new ssh2.Server({ hostKeys: [setting.hostKey], ident: 'stage-deploy-sandbox' }, serve)
}

function explain(channel: ServerChannel): void {
  channel.stderr.write('A sandbox host has no terminal. Give ssh a command, such as: ls -la\n', () => {
    channel.exit(1)
    channel.end()
  })
}

function parsePublicKey(line: string): ParsedKey {
  const key = ssh2.utils.parseKey(line)
  if (key instanceof Error) throw key
  return key
}

function listen(server: NetServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, ADDRESS, () => {
      const address = server.address()
      if (typeof address === 'object' && address !== null) resolve(address.port)
    })
  })
}

async function endJobs(jobs: ReadonlySet<Job>, patienceMs: number): Promise<void> {
  const all = [...jobs]
  for (const job of all) job.endInput()
  const ended = Promise.all(all.map(job => job.ended))
  const waiting = new AbortController()
  await Promise.race([ended, sleep(patienceMs, undefined, { signal: waiting.signal }).catch(() => undefined)])
  waiting.abort()
  for (const job of jobs) job.kill()
}
