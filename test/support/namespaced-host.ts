import { chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Cleanups } from './cleanups.ts'
import { type HostLink, makeHostLink } from './host-link.ts'
import type { HostSetting } from './host-options.ts'
import { SUPERVISOR_PROGRAM, startSupervisor } from './host-supervisor.ts'
import { programPath } from './requirements.ts'
import { mustRun } from './run-program.ts'
import { makeKeyPair } from './ssh-keys.ts'
import { sshdConfig } from './sshd-config.ts'
import type { Account, Housing } from './test-host.ts'

const USER = 'stagetest'
/** Known to the host alone; outside it only owns some files for a while. */
const UID = 20_022
const ROOT = '/var/webcode'
const PORT = 22

/**
 * A host of its own: network, host name, processes and file system, with this machine's programs in a layer that
 * it may change. Needs root. When its supervisor ends, so does everything in it.
 */
export async function makeNamespacedHost(setting: HostSetting, cleanups: Cleanups): Promise<Housing> {
  const { name, directory } = setting
  const { shell = '/bin/bash', diskMiB = 0 } = setting.options
  const hostKey = await layOut(setting, shell)
  const script = fileURLToPath(new URL('namespaced-host.sh', import.meta.url))
  const supervisor = await startSupervisor([
    ...[programPath('unshare'), '--mount', '--pid', '--net', '--uts', '--ipc', '--fork', '--kill-child'],
    ...['/bin/sh', script, name, USER, `${UID}`, directory, `${diskMiB}`, SUPERVISOR_PROGRAM],
  ])
  let link: HostLink | undefined
  // The cable whole, and taken away last: whoever is connected shall see the connection end.
  cleanups.defer(async () => {
    await link?.mend().catch(() => undefined)
    await supervisor.close()
    await link?.remove()
  })
  const init = await onlyChildOf(supervisor.pid)
  link = await makeHostLink(init)
  await writeSshdConfig(setting, link.address)
  return {
    place: {
      ...{ name, address: link.address, port: PORT, user: USER, root: ROOT, hostKey },
      // A file system mounted on the host is seen from outside through one of its processes (proc(5)).
      outside: diskMiB === 0 ? join(directory, 'root') : `/proc/${init}/root${ROOT}`,
      home: join(directory, 'home'),
    },
    supervisor,
    sshd: [programPath('sshd'), '-D', '-E', '/var/log/sshd.log'],
    serverLog: () => readFile(join(directory, 'log', 'sshd.log'), 'utf8'),
    entry: (argv, as) => ({ argv: [...enter(init), ...become(as, shell), ...argv], cwd: '/' }),
    network: link,
  }
}

/** Writes the files that make this machine's system another host. @returns the public line of the host key */
async function layOut({ name, directory, authorisedKey }: HostSetting, shell: string): Promise<string> {
  for (const part of ['etc', 'ssh', 'log', 'home/.ssh', 'root', 'system']) {
    await mkdir(join(directory, part), { recursive: true, mode: 0o755 })
  }
  const nologin = '/usr/sbin/nologin'
  const etc: Readonly<Record<string, readonly string[]>> = {
    passwd: [
      'root:x:0:0:root:/root:/bin/bash',
      `sshd:x:101:65534::/run/sshd:${nologin}`,
      `nobody:x:65534:65534:nobody:/nonexistent:${nologin}`,
      `${USER}:x:${UID}:${UID}::/home/${USER}:${shell}`,
    ],
    group: ['root:x:0:', 'tty:x:5:', `${USER}:x:${UID}:`, 'nogroup:x:65534:'],
    // A star is no password at all, and still not a locked account (shadow(5), sshd(8)).
    shadow: ['root', USER].map(user => `${user}:*:20000:0:99999:7:::`),
    hosts: ['127.0.0.1 localhost', `127.0.1.1 ${name}`],
    hostname: [name],
  }
  for (const [file, lines] of Object.entries(etc)) {
    await writeFile(join(directory, 'etc', file), lines.map(line => `${line}\n`).join(''))
  }
  await writeFile(join(directory, 'home/.ssh/authorized_keys'), `${authorisedKey}\n`, { mode: 0o600 })
  for (const theirs of ['root', 'home', 'home/.ssh', 'home/.ssh/authorized_keys']) {
    await chown(join(directory, theirs), UID, UID)
  }
  return await makeKeyPair(join(directory, 'ssh/ssh_host_ed25519_key'), name)
}

async function writeSshdConfig({ directory, options }: HostSetting, address: string): Promise<void> {
  const text = sshdConfig({
    address,
    port: PORT,
    hostKeyFile: '/etc/ssh/ssh_host_ed25519_key',
    authorisedKeysFile: undefined,
    environment: {},
    options: options.sshdOptions ?? {},
  })
  await writeFile(join(directory, 'ssh/sshd_config'), text)
}

/** unshare(1) forks once: its child is process 1 of the host. */
async function onlyChildOf(pid: number): Promise<number> {
  return Number(await mustRun([programPath('ps'), '-o', 'pid=', '--ppid', `${pid}`]))
}

function enter(init: number): readonly string[] {
  return [programPath('nsenter'), '--target', `${init}`, '--mount', '--uts', '--ipc', '--net', '--pid', '--']
}

/** The environment of a login, and the working directory too. */
function become(account: Account, shell: string): readonly string[] {
  const [name, home] = account === 'root' ? ['root', '/root'] : [USER, `/home/${USER}`]
  const path = `${account === 'root' ? '/usr/sbin:' : ''}/usr/local/bin:/usr/bin:/bin`
  return [
    ...(account === 'root'
      ? []
      : ['setpriv', '--reuid', `${UID}`, '--regid', `${UID}`, '--clear-groups', '--']),
    ...['env', '-i', `--chdir=${home}`, `HOME=${home}`, `USER=${name}`, `LOGNAME=${name}`, `SHELL=${shell}`],
    ...[`PATH=${path}`, 'LANG=C.UTF-8'],
  ]
}
