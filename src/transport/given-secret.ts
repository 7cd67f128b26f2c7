import type { Destination } from './channel.ts'
import type { SshConfig } from './ssh-config-query.ts'

/**
 * What a login hands over to the server that could be used elsewhere; undefined: nothing, as with a key. A server that
 * is given one must be known, whatever `hostKeys` says: `accept-new` would give it to whoever answers.
 */
export function givenSecret(
  { client, login, forwardAgent }: Destination,
  config: SshConfig,
): string | undefined {
  if (login?.kind === 'password') return 'a password'
  if (client === 'local') return undefined
  if (forwardAgent) return 'the use of the agent (forwardAgent)'
  const isOn = (keyword: string) => config.get(keyword)?.[0] === 'yes'
  const delegates = isOn('gssapiauthentication') && isOn('gssapidelegatecredentials')
  return client === 'openssh' && delegates ? 'a Kerberos ticket (GSSAPIDelegateCredentials)' : undefined
}
