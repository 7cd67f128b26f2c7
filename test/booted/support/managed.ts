import type { TestHost } from '../../support/test-host.ts'

/** Which systemd of a host runs a service, as the recipe names them. */
export type Manager = 'systemd-user' | 'systemd'

/** Asks systemctl about a unit. @returns what it printed, whether or not it succeeded */
export async function systemctl(
  host: TestHost,
  manager: Manager,
  ...words: readonly string[]
): Promise<string> {
  const scope = manager === 'systemd-user' ? ['--user'] : []
  const as = manager === 'systemd-user' ? 'user' : 'root'
  const { stdout, stderr } = await host.run(['systemctl', ...scope, ...words], { as })
  return `${stdout}${stderr}`.trim()
}

/** Where the main process of a unit works: the directory of the revision that it was started in. */
export async function directoryOfMain(host: TestHost, manager: Manager, unit: string): Promise<string> {
  const pid = await systemctl(host, manager, 'show', '--property=MainPID', '--value', unit)
  const { stdout } = await host.run(['readlink', `/proc/${pid}/cwd`], { as: 'root' })
  return stdout.trim()
}
