import { readFile } from 'node:fs/promises'
import { programPath } from './requirements.ts'
import { mustRun } from './run-program.ts'

/** OpenSSH's port, which known_hosts(5) does not write down (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
const DEFAULT_PORT = 22

/**
 * Makes an ed25519 key pair without a passphrase: `file` (mode 0600) and `file.pub`.
 *
 * @returns the public line, `ssh-ed25519 AAAA… comment`
 */
export async function makeKeyPair(file: string, comment: string): Promise<string> {
  await mustRun([programPath('ssh-keygen'), '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file])
  return (await readFile(`${file}.pub`, 'utf8')).trim()
}

/** One line for a known_hosts file: `address key`, or `[address]:port key` on another port than 22. */
export function knownHostsLine(address: string, port: number, hostKey: string): string {
  const [type = '', key = ''] = hostKey.split(' ')
  return `${port === DEFAULT_PORT ? address : `[${address}]:${port}`} ${type} ${key}`
}
