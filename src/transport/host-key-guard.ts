import type { ServerHostKeyAlgorithm } from 'ssh2'
import type { StageError } from '../model/stage-error.ts'
import { hostKeyAlgorithms, judgeHostKey, readKnownHosts } from './host-key-check.ts'
import { hostKeyRefusal } from './host-key-refusal.ts'
import { hostKeyName } from './known-hosts.ts'
import type { NewHostKey } from './record-host-key.ts'
import { formatJump } from './ssh-address.ts'
import { type Leg, whereIs } from './ssh-legs.ts'

/** Knows what is recorded about one server. */
export interface HostKeyGuard {
  /** To be asked for in this order. */
  readonly algorithms: readonly ServerHostKeyAlgorithm[]
  /** @returns why the server is refused: StageError `host-key-…` */
  refuse(blob: Buffer): StageError | undefined
  /** What is to be recorded if a key was let pass that nobody knew: only with `accept-new`. */
  unrecorded(): NewHostKey | undefined
}

/** @throws StageError `config` when a file of known hosts cannot be read */
export async function createHostKeyGuard(leg: Leg): Promise<HostKeyGuard> {
  const { destination, route } = leg
  const lines = await readKnownHosts(route.knownHostsFiles)
  const name = hostKeyName(route.hostName, route.port, route.hostKeyAlias)
  const { recordFile } = route
  let fresh: NewHostKey | undefined
  return {
    algorithms: hostKeyAlgorithms(lines, name),
    unrecorded: () => fresh,
    refuse(blob) {
      const verdict = judgeHostKey(lines, name, blob)
      if (verdict.kind === 'trusted') return undefined
      const mayRecord = destination.hostKeys === 'accept-new' && recordFile !== undefined
      if (verdict.kind === 'unknown' && !verdict.byAuthority && mayRecord) {
        fresh = { file: recordFile, name, blob, hashed: route.hashKnownHosts }
        return undefined
      }
      const { host, configFile } = destination
      const jump = route.jumps.length === 0 ? undefined : formatJump(route.jumps)
      const { hostName, port, user, hostKeyAlias } = route
      const server = {
        host,
        where: whereIs(leg),
        configFile,
        jump,
        hostName,
        port,
        user,
        alias: hostKeyAlias,
        key: name,
        recordFile,
      }
      return hostKeyRefusal(server, verdict, blob)
    },
  }
}
