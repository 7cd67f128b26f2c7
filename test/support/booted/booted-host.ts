import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Cleanups } from '../cleanups.ts'
import { type HostLink, makeHostLink } from '../host-link.ts'
import { SUPERVISOR_PROGRAM, startSupervisor } from '../host-supervisor.ts'
import { programPath } from '../requirements.ts'
import { mustRun, runProgram } from '../run-program.ts'
import type { Account, Housing } from '../test-host.ts'
import { ACCOUNT, systemLayers } from './base.ts'
import { type BootedSetting, writeBootedFiles } from './booted-files.ts'
import { superviseBooted } from './booted-supervisor.ts'
import { firstProcess } from './processes-inside.ts'

const ROOT = '/var/webcode'
const PORT = 22

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/**
 * A Debian system of its own, booted with systemd: network, processes, control groups and file systems. Needs root.
 * When the process that asked for it ends in any way, all of it goes.
 */
export async function makeBootedHost(setting: BootedSetting, cleanups: Cleanups): Promise<Housing> {
  const { name, directory } = setting
  const { suite = 'bookworm', packages = [], shell = '/bin/bash', diskMiB = 0, tmp, wayOut } = setting.options
  const lower = await systemLayers(suite, packages)
  const hostKey = await writeBootedFiles(setting)
  // close-way-out.sh knows the rules of all hosts by the beginning of this.
  const id = `stage-booted-${process.pid}-${randomBytes(4).toString('hex')}`
  const keeper = await startSupervisor([
    ...['/bin/sh', here('keep-host.sh'), id, directory, lower, ACCOUNT.name, `${ACCOUNT.uid}`],
    ...[`${diskMiB}`, SUPERVISOR_PROGRAM],
  ])
  let link: HostLink | undefined
  // The cable whole, and taken away last: whoever is connected shall see the connection end.
  cleanups.defer(async () => {
    await link?.mend().catch(() => undefined)
    await keeper.close()
    await link?.remove()
  })
  const supervisor = firstProcess(keeper.pid, 1)
  if (supervisor === undefined) throw new Error(`${name}: its supervisor is gone`)
  link = await makeHostLink(supervisor)
  if (wayOut === true) await openWayOut(id, supervisor, link)
  const entry = (argv: readonly string[], as: Account) => {
    const system = firstProcess(keeper.pid, 2)
    if (system === undefined) throw new Error(`${name} is off`)
    return { argv: [...enter(system), ...become(as, shell), ...argv], cwd: '/' }
  }
  const asRoot = async (argv: readonly string[]) => await runProgram(entry(argv, 'root').argv, { cwd: '/' })
  const isOn = () => firstProcess(keeper.pid, 2) !== undefined
  return {
    place: {
      ...{ name, address: link.address, port: PORT, user: ACCOUNT.name, root: ROOT, hostKey },
      // A file system of the host's own is seen from outside through its supervisor, which mounted it (proc(5)).
      outside: diskMiB === 0 ? join(directory, 'root') : `/proc/${supervisor}/root${directory}/root`,
      home: join(directory, 'home'),
    },
    supervisor: superviseBooted(keeper, isOn, asRoot),
    sshd: [
      ...['/bin/sh', here('boot.sh'), name, directory, ACCOUNT.name],
      ...(tmp === undefined ? [] : [`--tmpfs=/tmp:mode=1777,${tmp}`]),
    ],
    serverLog: async () => await readFile(join(directory, 'console.log'), 'utf8'),
    entry,
    network: link,
  }
}

/** keep-host.sh closes it again. */
async function openWayOut(id: string, supervisor: number, link: HostLink): Promise<void> {
  const ip = [programPath('nsenter'), '--target', `${supervisor}`, '--net', programPath('ip')]
  await mustRun([...ip, 'route', 'add', 'default', 'via', link.gateway])
  await mustRun(['/bin/sh', here('open-way-out.sh'), id, link.address, link.device])
}

function enter(system: number): readonly string[] {
  return [
    programPath('nsenter'),
    '--target',
    `${system}`,
    '--mount',
    '--uts',
    '--ipc',
    '--net',
    '--pid',
    '--',
  ]
}

/**
 * The environment of a login, and the working directory too. With lingering, the account's manager runs without one.
 */
function become(account: Account, shell: string): readonly string[] {
  const { name, uid } = ACCOUNT
  const environment = (user: string, home: string, path: string) => [
    ...['env', '-i', `--chdir=${home}`, `HOME=${home}`, `USER=${user}`, `LOGNAME=${user}`, 'LANG=C.UTF-8'],
    `PATH=${path}`,
  ]
  if (account === 'root') {
    return [...environment('root', '/root', '/usr/sbin:/usr/bin:/sbin:/bin'), 'SHELL=/bin/bash']
  }
  return [
    ...['setpriv', '--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups', '--'],
    ...environment(name, `/home/${name}`, '/usr/local/bin:/usr/bin:/bin'),
    ...[`SHELL=${shell}`, `XDG_RUNTIME_DIR=/run/user/${uid}`],
  ]
}
