import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { mustRun, runProgram } from './run-program.ts'

/** What the tests start, and the Debian package it comes with. */
const PROGRAMS: Readonly<Record<string, string>> = {
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  ip: 'iproute2',
  tc: 'iproute2',
  ps: 'procps',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  pivot_root: 'util-linux',
  mount: 'mount',
  hostname: 'hostname',
  sudo: 'sudo',
}

/** What single tests start besides. */
const MANAGERS: Readonly<Record<string, string>> = {
  supervisord: 'supervisor',
  'systemd-analyze': 'systemd',
}

/** Hosts run Debian's own Python, whatever else this machine has earlier on its PATH. */
export const HOST_PYTHON = '/usr/bin/python3'

/** Administrators' programs are not on the PATH of ordinary users. */
const SYSTEM_DIRECTORIES = ['/usr/sbin', '/sbin', '/usr/bin', '/bin']

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function findProgram(name: string): string | undefined {
  const directories = [...SYSTEM_DIRECTORIES, ...(process.env['PATH'] ?? '').split(delimiter)]
  return directories.map(directory => join(directory, name)).find(isExecutable)
}

/**
 * Where a program of the lists above is. sshd has to be started by its absolute path (sshd(8)).
 * @throws when it is missing, naming its package
 */
export function programPath(name: string): string {
  const path = findProgram(name)
  if (path === undefined) throw new Error(missing([PROGRAMS[name] ?? MANAGERS[name] ?? name]))
  return path
}

function missing(packages: readonly string[]): string {
  const names = [...new Set(packages)].sort().join(' ')
  return `the tests need these Debian packages: ${names} (node scripts/install-test-requirements.mjs installs them)`
}

/** @throws when a program that the test hosts need is missing, naming every package to install */
export function requirePrograms(): void {
  const packages = Object.entries(PROGRAMS).flatMap(([name, owner]) =>
    findProgram(name) === undefined ? [owner] : [],
  )
  if (!isExecutable(HOST_PYTHON)) packages.push('python3', 'python3-venv')
  if (packages.length > 0) throw new Error(missing(packages))
}

/** Whether this process may give hosts their own namespaces: root alone is not enough inside a container. */
export async function mayUseNamespaces(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false
  const attempt = [
    'unshare',
    '--mount',
    '--pid',
    '--net',
    '--uts',
    '--ipc',
    '--fork',
    'mount',
    '-t',
    'tmpfs',
    'x',
    '/mnt',
  ]
  if ((await runProgram(attempt)).code !== 0) return false
  return (await mustRun(['cat', '/proc/filesystems'])).split(/\s+/).includes('overlay')
}
