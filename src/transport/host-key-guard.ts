import type { ServerHostKeyAlgorithm } from 'ssh2'
import type { StageError } from '../model/stage-error.ts'
import {
  filesOfKeys,
  type HostKeyVerdict,
  hostKeyAlgorithms,
  judgeHostKey,
  readKnownHosts,
} from './host-key-check.ts'
import { hostKeyRefusal } from './host-key-refusal.ts'
import { hostKeyName } from './known-hosts.ts'
import type { HostKeyRecorder, NewHostKey } from './record-host-key.ts'
import { findRecordPlace } from './record-place.ts'
import type { Leg } from './ssh-legs.ts'

/** Knows what is recorded about one server, and judges its key: the same for every client. */
export interface HostKeyGuard {
  /** To be asked for in this order. */
  readonly algorithms: readonly ServerHostKeyAlgorithm[]
  /** The files that were looked into. */
  readonly files: readonly string[]
  /** @returns why the server is refused: StageError `host-key-…` */
  refuse(blob: Buffer): StageError | undefined
  /** The key that was let pass although nobody knew it: only with `accept-new`, and only if it can be recorded. */
  unrecorded(): NewHostKey | undefined
  /**
   * Records that key, if there is one; to be called once the server has proven that it has it.
   *
   * @throws StageError `host-key-…` when another connection has recorded another key meanwhile, `config` when the file
   *   did not keep it: a key that is not recorded is not accepted
   */
  record(recorder: HostKeyRecorder): Promise<void>
}

/** @throws StageError `config` when a file of known hosts cannot be read */
export async function createHostKeyGuard(leg: Leg): Promise<HostKeyGuard> {
  const { destination, route, secret } = leg
  const files = await filesOfKeys(route.knownHostsFiles)
  const lines = await readKnownHosts(files)
  const place = await findRecordPlace(route.recordFiles)
  const name = hostKeyName(route.hostName, route.port, route.hostKeyAlias)
  const mayBeNew = destination.hostKeys === 'accept-new' && secret === undefined
  const refusal = (verdict: Exclude<HostKeyVerdict, { kind: 'trusted' }>, blob: Buffer) =>
    hostKeyRefusal({ leg, key: name, place }, verdict, blob)
  let fresh: NewHostKey | undefined
  return {
    algorithms: hostKeyAlgorithms(lines, name),
    files,
    unrecorded: () => fresh,
    refuse(blob) {
      const verdict = judgeHostKey(lines, name, blob)
      if (verdict.kind === 'trusted') return undefined
      const isNew = verdict.kind === 'unknown' && verdict.except === undefined
      if (!isNew || !mayBeNew || place.kind === 'nowhere') return refusal(verdict, blob)
      fresh = { file: place.file, name, blob, hashed: route.hashKnownHosts }
      return undefined
    },
    async record(recorder) {
      if (fresh === undefined) return
      const now = await recorder.record(fresh)
      if (now.kind !== 'trusted') throw refusal(now, fresh.blob)
    },
  }
}
