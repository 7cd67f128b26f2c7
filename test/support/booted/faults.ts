import type { TestHost } from '../test-host.ts'

/** What was done to a host, until it is taken back; at the end of the block, or earlier. */
export interface Fault extends AsyncDisposable {
  mend(): Promise<void>
}

function fault(undo: () => Promise<void>): Fault {
  let mended: Promise<void> | undefined
  const mend = () => {
    mended ??= undo()
    return mended
  }
  return { mend, [Symbol.asyncDispose]: mend }
}

/**
 * Stops the manager of the account's services, and no login starts it again. The file of its socket is still there,
 * and nobody listens.
 */
export async function stopUserManager(host: TestHost): Promise<Fault> {
  const uid = await uidOf(host)
  const [manager, directory, holder] = [
    `user@${uid}.service`,
    `user-runtime-dir@${uid}.service`,
    'stage-holder',
  ]
  const needs = [`--property=Requires=${directory}`, `--property=After=${directory}`]
  // systemd removes the directory of the sockets when nothing needs it any more.
  await root(host, ['systemd-run', '--quiet', `--unit=${holder}`, ...needs, 'sleep', 'infinity'])
  await root(host, ['systemctl', '--quiet', '--runtime', 'mask', manager])
  await root(host, ['systemctl', 'stop', manager])
  return fault(async () => {
    await root(host, ['systemctl', '--quiet', '--runtime', 'unmask', manager])
    await root(host, ['systemctl', 'start', manager])
    await root(host, ['systemctl', 'stop', holder])
  })
}

/** Lets nobody write to a directory, not even root: as on a system that is read-only below `/etc`. */
export async function makeReadOnly(host: TestHost, directory: string): Promise<Fault> {
  await root(host, ['mkdir', '-p', directory])
  await root(host, ['mount', '--bind', directory, directory])
  await root(host, ['mount', '-o', 'remount,bind,ro', directory])
  return fault(() => root(host, ['umount', directory]))
}

/** Fills the file system of a directory to the last block. Only for one with a size of its own: `diskMiB`, `tmp`. */
export async function fillDisk(host: TestHost, directory: string): Promise<Fault> {
  const ballast = `${directory}/ballast`
  // It ends with an error, and that is when the disk is full.
  await host.run(['dd', 'if=/dev/zero', `of=${ballast}`, 'bs=64k'], { as: 'root' })
  return fault(() => root(host, ['rm', '-f', ballast]))
}

/** Shuts the host down in order and boots it again, as `systemctl reboot` does. */
export async function reboot(host: TestHost): Promise<void> {
  const before = await bootOf(host)
  await root(host, ['systemctl', '--no-block', 'reboot'])
  for (let tries = 0; tries < 600; tries += 1) {
    if ((await bootOf(host)) !== before && (await isUp(host))) return
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error(`${host.name} does not come back from a reboot`)
}

/** Whose start it was: systemd's own clock, since containers of one kernel share its boot id. */
async function bootOf(host: TestHost): Promise<string> {
  return await quietly(host, ['systemctl', 'show', '--property=UserspaceTimestampMonotonic', '--value'])
}

const isUp = async (host: TestHost): Promise<boolean> =>
  /^(running|degraded)$/.test(await quietly(host, ['systemctl', 'is-system-running']))

/** What a program printed; nothing while the host is between two boots. */
async function quietly(host: TestHost, argv: readonly string[]): Promise<string> {
  try {
    return (await host.run(argv, { as: 'root' })).stdout.trim()
  } catch {
    return ''
  }
}

async function uidOf(host: TestHost): Promise<string> {
  return (await host.run(['id', '-u'])).stdout.trim()
}

async function root(host: TestHost, argv: readonly string[]): Promise<void> {
  const { code, stderr } = await host.run(argv, { as: 'root' })
  if (code !== 0) throw new Error(`${host.name}: ${argv.join(' ')}: ${stderr.trim()}`)
}
