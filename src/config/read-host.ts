import type { HostName } from '../model/names.ts'
import type { Host } from '../model/target.ts'
import type { Place } from '../recipe/place.ts'
import { readChoice, readFields, readInteger, readList, readText, unexpected } from '../recipe/readers.ts'
import { destinationHint, expectedUser, noPassword, parseAddress, parseDestination } from './destination.ts'
import { hostNameFault, labelFault } from './names.ts'
import { type PathBase, readLocalPath, readRoot } from './paths.ts'

/** What a host is where it says nothing of its own. */
export interface HostDefaults {
  readonly root: string
  readonly client: Host['client']
}

export const clients = ['node-ssh', 'openssh', 'local'] as const

const keys = [
  'address',
  'user',
  'port',
  'identityFile',
  'knownHostsFile',
  'jump',
  'labels',
  'root',
  'python',
  'client',
] as const

/** One host, as `[user@]address[:port]` or as an object. */
export function readHost(
  name: HostName,
  value: unknown,
  place: Place,
  context: { readonly defaults: HostDefaults; readonly base: PathBase },
): Host {
  const fault = hostNameFault(name)
  if (fault !== undefined) place.wrong('host-name', fault)
  const { defaults, base } = context
  const fields = typeof value === 'string' ? readDestination(value, place) : readHostFields(value, place)
  const { user, port, identityFile, knownHostsFile, jump, labels, root, python, client } = fields
  return {
    name,
    address: fields.address === undefined ? '' : readAddress(fields.address, place.at('address')),
    user: user === undefined ? undefined : readUser(user, place.at('user')),
    port: port === undefined ? undefined : readInteger(port, place.at('port'), { from: 1, to: 65_535 }),
    identityFile:
      identityFile === undefined ? undefined : readLocalPath(identityFile, place.at('identityFile'), base),
    knownHostsFile:
      knownHostsFile === undefined
        ? undefined
        : readLocalPath(knownHostsFile, place.at('knownHostsFile'), base),
    jump: jump === undefined ? undefined : readJump(jump, place.at('jump')),
    labels: labels === undefined ? [] : readList(labels, place.at('labels'), 'a list of labels', readLabel),
    root: root === undefined ? defaults.root : readRoot(root, place.at('root')),
    python: python === undefined ? 'python3' : readPython(python, place.at('python')),
    client: client === undefined ? defaults.client : readChoice(client, place.at('client'), clients),
  }
}

type HostFields = Readonly<Partial<Record<(typeof keys)[number], unknown>>>

function readHostFields(value: unknown, place: Place): HostFields {
  const fields = readFields(value, place, keys, "'[user@]address[:port]' or an object")
  if (fields.address === undefined && typeof value === 'object' && value !== null && !Array.isArray(value))
    unexpected(undefined, place.at('address'), 'an address')
  return fields
}

function readDestination(text: string, place: Place): HostFields {
  const destination = parseDestination(text)
  if (!('expected' in destination)) return { ...destination }
  unexpected(text, place, destination.expected, destinationHint(text))
  return {}
}

function readAddress(value: unknown, place: Place): string {
  const text = readText(value, place, 'an address')
  const address = parseAddress(text)
  if (typeof address === 'string') return address
  const { user, port } = { user: undefined, port: undefined, ...parseDestination(text) }
  const hint =
    destinationHint(text) ?? ((user ?? port) ? 'the keys `user` and `port` are for these' : undefined)
  if (text !== '') unexpected(value, place, address.expected, hint)
  return ''
}

function readUser(value: unknown, place: Place): string {
  const user = readText(value, place, 'a user')
  const expected = expectedUser(user)
  if (expected !== undefined && user !== '')
    unexpected(value, place, expected, user.includes(':') ? noPassword : undefined)
  return user
}

function readJump(value: unknown, place: Place): string {
  const jump = readText(value, place, '[user@]address[:port]')
  for (const hop of jump === '' ? [] : jump.split(',')) {
    const destination = parseDestination(hop)
    if ('expected' in destination) unexpected(hop, place, destination.expected, destinationHint(hop))
  }
  return jump
}

function readLabel(value: unknown, place: Place): string {
  const label = readText(value, place, 'a label')
  const fault = label === '' ? undefined : labelFault(label)
  if (fault !== undefined) place.wrong('label', fault)
  return label
}

function readPython(value: unknown, place: Place): string {
  const python = readText(value, place, 'the name or the path of a Python')
  const named = !python.includes('/') || python.startsWith('/')
  if (python !== '' && (!named || python.startsWith('-') || /\p{Cc}/u.test(python)))
    unexpected(value, place, "a program's name, such as 'python3', or an absolute path")
  return python
}
