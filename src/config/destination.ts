import { isIPv6 } from 'node:net'

/** What `[user@]address[:port]` says. An IPv6 address is without its brackets. */
export interface Destination {
  readonly user: string | undefined
  readonly address: string
  readonly port: number | undefined
}

const spelled = /^(?:(?<user>.+)@)?(?:\[(?<bracketed>[^\]]*)\]|(?<plain>[^@:[\]]*))(?::(?<port>\d*))?$/
const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//
const account = /^[A-Za-z0-9_][A-Za-z0-9_.@+-]*$/
const hostname = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/

/**
 * Reads `[user@]address[:port]`; as for ssh(1) the last `@` ends the user.
 *
 * @returns what is wrong with it, as the end of the sentence "expected …", if it is not one
 */
export function parseDestination(text: string): Destination | { readonly expected: string } {
  if (scheme.test(text)) return { expected: '[user@]address[:port], and no URL' }
  const { user, bracketed, plain, port } = spelled.exec(text)?.groups ?? {}
  const address = bracketed ?? plain
  if (address === undefined)
    return {
      expected: isIPv6(text) ? `brackets around an IPv6 address: '[${text}]'` : '[user@]address[:port]',
    }
  const expected =
    (bracketed === undefined ? expectedAddress(address) : expectedIPv6(address)) ??
    expectedUser(user) ??
    expectedPort(port)
  if (expected !== undefined) return { expected }
  return { user, address, port: port === undefined ? undefined : Number(port) }
}

/** What to do instead of writing a password where a host is named. */
export const noPassword =
  'a password has no place here: hosts know a key; `deploy authorize STAGE --key FILE.pub` asks for the password once and gives them one'

/** What else stands in a text that is no destination, if that is seen: a password, or a URL. */
export function destinationHint(text: string): string | undefined {
  const [before = ''] = scheme.exec(text) ?? []
  if (/:.*@/s.test(text.slice(before.length))) return noPassword
  return before === '' ? undefined : 'leave out what stands before the user and the address: it is no URL'
}

/** An address alone, as the `address` of a host: brackets may be there or not. */
export function parseAddress(text: string): string | { readonly expected: string } {
  const bare = text.replace(/^\[(.*)\]$/, '$1')
  if (isIPv6(bare)) return bare
  const expected = expectedAddress(text)
  return expected === undefined ? text : { expected }
}

/** Undefined: it is the name of an account that no program takes for anything else. */
export function expectedUser(user: string | undefined): string | undefined {
  return user === undefined || account.test(user)
    ? undefined
    : 'a user of letters, digits and _ . @ + -, no - first'
}

function expectedAddress(address: string): string | undefined {
  return hostname.test(address) ? undefined : 'an address of letters, digits and _ . -, no - first'
}

function expectedIPv6(address: string): string | undefined {
  return isIPv6(address) ? undefined : 'an IPv6 address in the brackets'
}

function expectedPort(port: string | undefined): string | undefined {
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535)
    ? undefined
    : 'a port from 1 to 65535'
}
