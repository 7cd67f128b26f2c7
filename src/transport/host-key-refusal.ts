import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { StageError } from '../model/stage-error.ts'
import { quote, quoteArgv } from '../shell/quote.ts'
import { fingerprint, type HostKeyVerdict } from './host-key-check.ts'
import { type HostKeyName, keyType } from './known-hosts.ts'

/** The server whose key is refused, with what the next command has to repeat. */
export interface RefusedServer {
  readonly host: string
  /** As it is called in what is told about the host. */
  readonly where: string
  readonly hostName: string
  readonly port: number
  readonly user: string
  readonly jump: string | undefined
  readonly configFile: string | undefined
  readonly key: HostKeyName
  readonly alias: string | undefined
  /** Where a new key would be recorded; undefined when ssh_config(5) says `UserKnownHostsFile none`. */
  readonly recordFile: string | undefined
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
  const { host, where } = server
  switch (verdict.kind) {
    case 'unknown':
      return new StageError(
        'host-key-unknown',
        verdict.byAuthority
          ? `${where} is known by a certificate authority only, and presented the plain key ${presented}`
          : `${where} presented a host key that is not known: ${presented}`,
        { host, hint: verdict.byAuthority ? AUTHORITY_HINT : unknownHint(server, blob) },
      )
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

const AUTHORITY_HINT =
  "host certificates need the system's ssh: set client: 'openssh' for this host, or record its plain key as well"

function unknownHint(server: RefusedServer, blob: Buffer): string {
  const file = hostKeyFileName(blob)
  const compare =
    "compare the fingerprint with the one that the host's own console prints for " +
    `\`ssh-keygen -lf /etc/ssh/${file}\`; if it is the same, record the key: `
  return `${compare}${recordCommand(server, blob)}`
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
function recordCommand(server: RefusedServer, blob: Buffer): string {
  const { recordFile } = server
  if (recordFile === undefined)
    return 'set knownHostsFile, for ssh_config says that no file records host keys'
  const directory = dirname(recordFile)
  const prepare = existsSync(directory) ? '' : `mkdir -p -m 700 ${quote(directory)} && `
  if (server.jump !== undefined || server.alias !== undefined)
    return `${prepare}${askingSsh(server, recordFile, blob)}`
  const port = server.port === 22 ? [] : ['-p', String(server.port)]
  const scan = quoteArgv(['ssh-keyscan', '-t', shortType(blob), ...port, server.hostName])
  return `${prepare}${scan} >> ${quote(recordFile)}`
}

function askingSsh(server: RefusedServer, recordFile: string, blob: Buffer): string {
  return quoteArgv([
    'ssh',
    ...(server.configFile === undefined ? [] : ['-F', server.configFile]),
    ...['-o', 'StrictHostKeyChecking=ask', '-o', `UserKnownHostsFile=${recordFile}`],
    ...['-o', `HostKeyAlgorithms=${signatureAlgorithms(blob)}`],
    ...(server.alias === undefined ? [] : ['-o', `HostKeyAlias=${server.alias}`]),
    ...(server.jump === undefined ? [] : ['-J', server.jump]),
    ...['-p', String(server.port), '-l', server.user, '--', server.hostName, 'exit'],
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
