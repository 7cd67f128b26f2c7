import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { HostSetting } from '../host-options.ts'
import { makeKeyPair } from '../ssh-keys.ts'
import { ACCOUNT } from './base.ts'
import type { BootedOptions } from './booted-options.ts'

/** Where a host of Debian looks for certificate authorities, and so do the programs on it that verify. */
export const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt'

export type BootedSetting = Omit<HostSetting, 'options'> & { readonly options: BootedOptions }

/**
 * Writes what this host has of its own, for booted-host.sh to lay over its system. @returns the public line of its
 * host key
 */
export async function writeBootedFiles({
  name,
  directory,
  authorisedKey,
  options,
}: BootedSetting): Promise<string> {
  for (const part of ['files', 'home', 'root', 'system', 'changes']) await mkdir(join(directory, part))
  const { sudo, sshdOptions = {} } = options
  const texts: Readonly<Record<string, string | undefined>> = {
    'files/etc/hostname': `${name}\n`,
    'files/etc/hosts': `127.0.0.1 localhost\n127.0.1.1 ${name}\n`,
    // Read before the distribution's own lines, and the first value of a keyword counts: sshd_config(5).
    'files/etc/ssh/sshd_config.d/10-test.conf': Object.entries(sshdOptions)
      .map(([keyword, value]) => `${keyword} ${value}\n`)
      .join(''),
    'files/etc/sudoers.d/deploy': sudo === undefined ? undefined : `${ACCOUNT.name} ${sudo}\n`,
    'files/etc/resolv.conf': options.wayOut === true ? await readFile('/etc/resolv.conf', 'utf8') : undefined,
    'home/.ssh/authorized_keys': `${authorisedKey}\n`,
    'prepare.sh': prepare(options),
  }
  for (const [file, text] of Object.entries(texts)) {
    if (text === undefined) continue
    const path = join(directory, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, { mode: file.includes('sudoers') ? 0o440 : 0o644 })
  }
  // Who can reach an index from here may have to trust a network's own authority.
  if (options.wayOut === true) await copyAuthorities(join(directory, `files${AUTHORITIES}`))
  return await makeKeyPair(join(directory, 'files/etc/ssh/ssh_host_ed25519_key'), name)
}

async function copyAuthorities(to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await copyFile(process.env['PIP_CERT'] ?? AUTHORITIES, to)
}

/** Commands for the system before it boots. */
const prepare = ({ serviceUser, shell }: BootedOptions): string =>
  [
    'set -eu',
    ...(serviceUser === undefined ? [] : [`useradd --system --user-group ${serviceUser}`]),
    ...(shell === undefined ? [] : [`usermod --shell ${shell} ${ACCOUNT.name}`]),
    '',
  ].join('\n')
