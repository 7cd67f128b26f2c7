import type { Host, SshSettings } from '../model/target.ts'
import { readDuration } from '../recipe/duration.ts'
import type { Place } from '../recipe/place.ts'
import { readChoice, readFields, readFlag } from '../recipe/readers.ts'
import { type PathBase, readLocalPath } from './paths.ts'
import { clients } from './read-host.ts'

const keys = ['client', 'configFile', 'knownHostsFile', 'hostKeys', 'connectTimeout', 'forwardAgent'] as const

/** How hosts are reached: the settings of a connection, and the client of every host that names none. */
export function readSsh(
  value: unknown,
  place: Place,
  base: PathBase,
): { readonly ssh: SshSettings; readonly client: Host['client'] } {
  const fields = readFields(value, place, keys)
  const { client = 'node-ssh', hostKeys = 'strict', connectTimeout = '10s', forwardAgent = false } = fields
  const file = (key: 'configFile' | 'knownHostsFile') =>
    fields[key] === undefined ? undefined : readLocalPath(fields[key], place.at(key), base)
  return {
    client: readChoice(client, place.at('client'), clients),
    ssh: {
      configFile: file('configFile'),
      knownHostsFile: file('knownHostsFile'),
      hostKeys: readChoice(hostKeys, place.at('hostKeys'), ['strict', 'accept-new']),
      connectTimeoutMs: readDuration(connectTimeout, place.at('connectTimeout')),
      forwardAgent: readFlag(forwardAgent, place.at('forwardAgent')),
    },
  }
}
