import { existsSync } from 'node:fs'
import { assembleFleet, type Fleet } from '../fleet.ts'
import { mayUseNamespaces } from '../requirements.ts'
import { makeBootedHost } from './booted-host.ts'
import type { BootedOptions } from './booted-options.ts'

export interface BootedFleetOptions extends BootedOptions {
  /** What single hosts have otherwise, by name. */
  readonly overrides?: Readonly<Record<string, BootedOptions>>
}

/** Where Debian has what these hosts need besides what all test hosts need. */
const PROGRAMS: Readonly<Record<string, string>> = {
  debootstrap: '/usr/sbin/debootstrap',
  'systemd-container': '/usr/bin/systemd-nspawn',
  iptables: '/usr/sbin/iptables',
  iproute2: '/usr/sbin/ip',
}

/**
 * Starts one host for each name that is a whole Debian system, booted with systemd; like `startFleet` otherwise. The
 * first time on a machine it makes the system, from this machine's own Debian mirror.
 *
 * @throws when this process may not do so, or programs are missing, naming their packages
 */
export async function startBootedFleet(
  names: readonly string[],
  options: BootedFleetOptions = {},
): Promise<Fleet> {
  await requireBooting()
  const { overrides = {}, ...common } = options
  return await assembleFleet('booted', names, async (setting, cleanups) => {
    const ofHost: BootedOptions = { ...common, ...overrides[setting.name] }
    return await makeBootedHost({ ...setting, options: ofHost }, cleanups)
  })
}

async function requireBooting(): Promise<void> {
  const missing = Object.entries(PROGRAMS).flatMap(([owner, path]) => (existsSync(path) ? [] : [owner]))
  if (missing.length > 0) {
    const how = 'node scripts/install-test-requirements.mjs booted installs them'
    throw new Error(`hosts that boot need these Debian packages: ${missing.join(' ')} (${how})`)
  }
  if (!(await mayUseNamespaces())) throw new Error('hosts that boot need root, and namespaces with overlays')
}
