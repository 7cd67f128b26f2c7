import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { StageError } from '../model/stage-error.ts'
import { quote, quoteArgv } from '../shell/quote.ts'
import { fingerprint, type HostKeyVerdict } from './host-key-check.ts'
import { DEFAULT_SSH_PORT, type HostKeyName, keyType } from './known-hosts.ts'
import { inQuotes, literally } from './openssh-values.ts'
import type { RecordPlace } from './record-place.ts'
import { formatJump } from './ssh-address.ts'
import { type Leg, whereIs } from './ssh-legs.ts'

/** The server whose key is refused, with what the next command has to repeat. */
export interface RefusedServer {
  readonly leg: Leg
  readonly key: HostKeyName
  readonly place: RecordPlace
}

/**
 * Says why a server was not spoken to any further: the key's fingerprint, and the exact next command.
 *
 * @returns StageError `host-key-unknown`, `host-key-changed` or `host-key-revoked`
 */
export function hostKeyRefusal(
  server: RefusedServer,
  verdict: Exclude<HostKeyVerdict, { kind: 'trusted' }>,
  blob: Buffer,
): StageError {
  const presented = `${keyType(blob) ?? 'unknown type'} ${fingerprint(blob)}`
  const { host } = server.leg.destination
  const where = whereIs(server.leg)
  switch (verdict.kind) {
    case 'unknown':
      return new StageError('host-key-unknown', `${where} ${unknownWhat(server, verdict, presented)}`, {
        host,
        hint: verdict.except === 'an authority' ? authorityHint(server, blob) : unknownHint(server, blob),
      })
    case 'changed':
      return new StageError(
        'host-key-changed',
        `${where} presented another host key than the known one: ${presented}`,
        { host, hint: changedHint(server, verdict) },
      )
    case 'revoked':
      return new StageError(
        'host-key-revoked',
        `${where} presented a host key that is revoked: ${presented}`,
        {
          host,
          hint:
            `line ${verdict.by.line} of ${verdict.by.file} revokes this key: ` +
            'whoever answers there may not be the host; ask who runs it before anything else',
        },
      )
  }
}

type Unknown = Extract<HostKeyVerdict, { kind: 'unknown' }>

/** With the reason why it is not accepted, where `accept-new` lets expect that it is. */
function unknownWhat(
  { leg: { destination, secret }, place, key }: RefusedServer,
  { except }: Unknown,
  presented: string,
): string {
  if (except === 'an authority')
    return `is known by a certificate authority only, and presented the plain key ${presented}`
  const what = `presented a host key that is not known: ${presented}`
  if (destination.hostKeys === 'strict') return what
  if (secret !== undefined) return `${what}. accept-new does not hold where a login gives away ${secret}`
  if (except !== undefined) return `${what}. It is not new: ${key.withoutPort} is known by another key`
  return place.kind === 'nowhere' ? `${what}. accept-new takes only what it can record` : what
}

function authorityHint(server: RefusedServer, blob: Buffer): string {
  return server.leg.destination.client === 'openssh'
    ? 'it presented no certificate of that authority: ask who runs it. If its plain key is to be known as well, ' +
        unknownHint(server, blob)
    : "host certificates need the system's ssh: set client: 'openssh' for this host, or record its plain key as well"
}

function unknownHint(server: RefusedServer, blob: Buffer): string {
  const { leg, place } = server
  const file = hostKeyFileName(blob)
  const compare =
    "compare the fingerprint with the one that the host's own console prints for " +
    `\`ssh-keygen -lf /etc/ssh/${file}\`; if it is the same, `
  const unasked =
    (leg.route.all.get('knownhostscommand')?.[0] ?? 'none') === 'none'
      ? ''
      : '. KnownHostsCommand of ssh_config is not asked: the files decide alone'
  switch (place.kind) {
    case 'file':
      return `${compare}record the key: ${recordCommand(server, place.file, blob)}${unasked}`
    case 'nowhere': {
      const { why, instead } = place
      const named =
        instead === undefined
          ? 'record the key in a file that can be written, and name it as knownHostsFile'
          : `set knownHostsFile to ${instead} and record the key there: ${recordCommand(server, instead, blob)}`
      return `${why}. ${compare[0]?.toUpperCase()}${compare.slice(1)}${named}${unasked}`
    }
  }
}

/** Where sshd(8) keeps its keys by default. */
function hostKeyFileName(blob: Buffer): string {
  return `ssh_host_${shortType(blob)}_key.pub`
}

/** What ssh-keyscan(1) calls a type of key. */
function shortType(blob: Buffer): string {
  const type = keyType(blob) ?? ''
  if (type.startsWith('ecdsa-')) return 'ecdsa'
  return type.replace(/^ssh-/, '')
}

/** ssh-keyscan knows neither jump hosts nor aliases; there ssh itself asks and records. */
function recordCommand({ leg: { destination, route } }: RefusedServer, file: string, blob: Buffer): string {
  const directory = dirname(file)
  const prepare = existsSync(directory) ? '' : `mkdir -p -m 700 ${quote(directory)} && `
  const { hostName, hostKeyAlias, jumps, all } = route
  const byCommand = destination.jump === undefined && (all.get('proxycommand')?.[0] ?? 'none') !== 'none'
  if (jumps.length > 0 || hostKeyAlias !== undefined || byCommand) {
    // A ProxyCommand belongs to the name by which ssh_config knows the host.
    const to = byCommand ? destination.address : hostName
    return `${prepare}${askingSsh({ destination, route }, to, file, blob)}`
  }
  const port = route.port === DEFAULT_SSH_PORT ? [] : ['-p', String(route.port)]
  const scan = quoteArgv(['ssh-keyscan', '-t', shortType(blob), ...port, hostName])
  return `${prepare}${scan} >> ${quote(file)}`
}

function askingSsh(
  { destination, route }: Pick<Leg, 'destination' | 'route'>,
  to: string,
  file: string,
  blob: Buffer,
): string {
  const { configFile } = destination
  const { hostKeyAlias, jumps, port, user } = route
  return quoteArgv([
    'ssh',
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...['-o', 'StrictHostKeyChecking=ask', '-o', `UserKnownHostsFile=${inQuotes(literally(file))}`],
    ...['-o', `HostKeyAlgorithms=${signatureAlgorithms(blob)}`],
    ...(hostKeyAlias === undefined ? [] : ['-o', `HostKeyAlias=${hostKeyAlias}`]),
    ...(jumps.length === 0 ? [] : ['-J', formatJump(jumps)]),
    ...['-p', String(port), '-l', user, '--', to, 'exit'],
  ])
}

function signatureAlgorithms(blob: Buffer): string {
  const type = keyType(blob) ?? ''
  return type === 'ssh-rsa' ? 'rsa-sha2-512,rsa-sha2-256' : type
}

function changedHint(server: RefusedServer, { known }: Extract<HostKeyVerdict, { kind: 'changed' }>): string {
  const remove = quoteArgv(['ssh-keygen', '-R', server.key.name, '-f', known.file])
  return (
    `line ${known.line} of ${known.file} has ${known.type} ${fingerprint(known.blob)}: either the host was ` +
    'installed anew, or somebody stands in between. Ask who runs it; ' +
    `if the new key is right, forget the old one: ${remove}`
  )
}
