import { inQuotes, literally, option } from './openssh-values.ts'

/** What older or other builds of ssh do not know (KnownHostsCommand: 8.5; GSSAPIKeyExchange: a patch). */
export const CHECK_KEYWORDS = ['KnownHostsCommand', 'GSSAPIKeyExchange']

/**
 * The arguments with which ssh trusts exactly the keys that these files hold, and writes to none of them. They stand
 * on the command line, so nothing in ssh_config(5) counts that could turn the check off or feed it otherwise. ssh never
 * records a key itself: it accepts one also when it could not write it down.
 *
 * @param mark printed with the type and the base64 of each key that the server presents
 */
export function checkedHostKeys(files: readonly string[], mark: string): readonly string[] {
  return [
    ...option('StrictHostKeyChecking', 'yes'),
    ...option('UserKnownHostsFile', files.map(file => inQuotes(literally(file))).join(' ') || '/dev/null'),
    ...option('GlobalKnownHostsFile', '/dev/null'),
    // In place of a command of the user's, which could name any key as known.
    ...option('KnownHostsCommand', `/bin/sh -c "echo ${mark} %t %K >&2"`),
    ...option('NoHostAuthenticationForLocalhost', 'no'),
    // Trusts what a name server says.
    ...option('VerifyHostKeyDNS', 'no'),
    // Trusts what a server says that is trusted already, and writes it down.
    ...option('UpdateHostKeys', 'no'),
    // Writes the address down beside the name.
    ...option('CheckHostIP', 'no'),
    // Trusts a Kerberos ticket in place of a host key.
    ...option('GSSAPIKeyExchange', 'no'),
  ]
}
