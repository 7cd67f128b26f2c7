import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Cleanups } from './cleanups.ts'
import type { HostSetting } from './host-options.ts'
import { SUPERVISOR_PROGRAM, startSupervisor } from './host-supervisor.ts'
import { HOST_PYTHON, programPath } from './requirements.ts'
import { makeKeyPair } from './ssh-keys.ts'
import { sshdConfig } from './sshd-config.ts'
import type { Account, Housing } from './test-host.ts'

const ADDRESS = '127.0.0.1'
/** Below the ports that outgoing connections are given (ip(7), ip_local_port_range: 32768), so nobody takes it first. */
const FIRST_PORT = 20_000
const PORTS = 12_000
/** OpenSSH's own default, built in. */
const PATH = '/usr/local/bin:/usr/bin:/bin'
/** Where sshd confines its network side when it runs as root (sshd(8), FILES). */
const PRIVILEGE_SEPARATION_DIRECTORY = '/run/sshd'

/**
 * An SSH server on a port of this machine, which logs in as ourselves. It has its own root and HOME and shares
 * everything else, so it proves less than a namespaced host, and needs no root.
 */
export async function makeLoopbackHost(setting: HostSetting, cleanups: Cleanups): Promise<Housing> {
  const { name, directory, options } = setting
  if (options.shell !== undefined || options.diskMiB !== undefined) {
    throw new Error(`${name}: a login shell or a disk of its own needs kind: 'namespaces'`)
  }
  const home = join(directory, 'home')
  const root = join(directory, 'root')
  const hostKey = await layOut(setting)
  const port = await freePort()
  await writeFile(join(directory, 'sshd_config'), sshdConfigFor(setting, port))
  if (process.getuid?.() === 0) await mkdir(PRIVILEGE_SEPARATION_DIRECTORY, { recursive: true, mode: 0o755 })
  const supervisor = await startSupervisor([HOST_PYTHON, '-I', '-S', '-B', SUPERVISOR_PROGRAM])
  cleanups.defer(() => supervisor.close())
  const log = join(directory, 'sshd.log')
  return {
    place: { name, address: ADDRESS, port, user: userInfo().username, root, outside: root, home, hostKey },
    supervisor,
    sshd: [programPath('sshd'), '-D', '-E', log, '-f', join(directory, 'sshd_config')],
    serverLog: () => readFile(log, 'utf8'),
    entry: (argv, as) => ({ argv: [...become(as, home), ...argv], cwd: home }),
    network: undefined,
  }
}

/** @returns the public line of the host key */
async function layOut({ name, directory, authorisedKey }: HostSetting): Promise<string> {
  for (const part of ['home/.ssh', 'root'])
    await mkdir(join(directory, part), { recursive: true, mode: 0o700 })
  await writeFile(join(directory, 'home/.ssh/authorized_keys'), `${authorisedKey}\n`, { mode: 0o600 })
  return await makeKeyPair(join(directory, 'host_key'), name)
}

function sshdConfigFor({ directory, options }: HostSetting, port: number): string {
  return sshdConfig({
    address: ADDRESS,
    port,
    hostKeyFile: join(directory, 'host_key'),
    authorisedKeysFile: join(directory, 'home/.ssh/authorized_keys'),
    // The directory that a login starts in is still the one of the password file.
    environment: { HOME: join(directory, 'home') },
    options: options.sshdOptions ?? {},
  })
}

function become(account: Account, home: string): readonly string[] {
  const { username, shell } = userInfo()
  if (account === 'root' && process.getuid?.() !== 0)
    throw new Error('a loopback host has no other user than ourselves')
  const environment = {
    HOME: home,
    USER: username,
    LOGNAME: username,
    SHELL: shell ?? '/bin/sh',
    PATH,
    LANG: 'C.UTF-8',
  }
  return ['env', '-i', ...Object.entries(environment).map(([variable, value]) => `${variable}=${value}`)]
}

async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port from ${FIRST_PORT} on`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen(port, ADDRESS, () => server.close(() => resolve(true)))
  })
}
