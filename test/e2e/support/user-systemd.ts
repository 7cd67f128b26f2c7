import { existsSync } from 'node:fs'
import { programPath } from '../../support/requirements.ts'
import { runProgram } from '../../support/run-program.ts'
import type { TestHost } from '../../support/test-host.ts'
import { asRoot } from './faults.ts'

/** Not on any PATH: systemd(1). */
const SYSTEMD = '/lib/systemd/systemd'

/**
 * Whether this machine lets a service manager of a user run in a host of ours: it needs a control group of its own, and not
 * every container may make one. @throws when systemd is not installed, naming its package
 */
export async function mayRunSystemd(): Promise<boolean> {
  programPath('systemd-analyze')
  if (!existsSync(SYSTEMD)) throw new Error(`${SYSTEMD} is missing: install the Debian package systemd`)
  const attempt = 'mount -t cgroup2 none /mnt && mkdir "/mnt/stage-probe-$$" && rmdir "/mnt/stage-probe-$$"'
  return (await runProgram(['unshare', '--mount', '/bin/sh', '-c', attempt])).code === 0
}

/** A group for everything that the manager starts, named so that two fleets do not share one. */
const groupOf = (host: TestHost): string => `/sys/fs/cgroup/stage-test-${host.address}`

/** Makes a host one that was booted with systemd, as far as anybody asks, and starts the manager of the account's units. */
export async function startUserSystemd(host: TestHost): Promise<void> {
  const group = groupOf(host)
  const start = [
    ...['setpriv', '--reuid', '"$uid"', '--regid', '"$uid"', '--clear-groups'],
    ...[
      'env',
      '-i',
      'PATH=/usr/bin:/bin',
      `HOME=/home/${host.user}`,
      `USER=${host.user}`,
      'XDG_RUNTIME_DIR="$runtime"',
    ],
    ...[SYSTEMD, '--user'],
  ].join(' ')
  const lines = [
    'set -eu',
    `uid=$(id -u ${host.user})`,
    'runtime=/run/user/$uid',
    'mkdir -p /sys/fs/cgroup /run/systemd/system "$runtime" /var/lib/systemd/linger',
    'chown "$uid" "$runtime"; chmod 700 "$runtime"',
    'mount -t cgroup2 none /sys/fs/cgroup',
    `mkdir -p ${group}; chown -R "$uid" ${group}`,
    `setsid sh -c 'echo $$ > ${group}/cgroup.procs; exec "$@"' - ${start} > /run/user-systemd.log 2>&1 < /dev/null &`,
    'for _ in $(seq 300); do test -S "$runtime/systemd/private" && exit 0; sleep 0.1; done',
    'echo "the manager does not come up: $(cat /run/user-systemd.log)" >&2; exit 1',
  ]
  await asRoot(host, lines.join('\n'))
}

/** `loginctl enable-linger` as far as a file says it. */
export const enableLinger = (host: TestHost): Promise<void> =>
  asRoot(host, `touch /var/lib/systemd/linger/${host.user}`)

/** Ends the manager with all that it runs and removes its groups, which would outlive the host. */
export async function stopUserSystemd(host: TestHost): Promise<void> {
  const group = groupOf(host)
  const lines = [
    // Of every group below: a service that is stopped may be started again by its manager.
    `for _ in $(seq 100); do`,
    `  pids=$(find ${group} -name cgroup.procs -exec cat {} +)`,
    '  test -z "$pids" && break',
    '  kill -9 $pids || true; sleep 0.1',
    'done',
    `find ${group} -depth -type d -exec rmdir {} +`,
  ]
  await asRoot(host, lines.join('\n'))
}
