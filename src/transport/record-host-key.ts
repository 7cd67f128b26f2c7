import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { dirname } from 'node:path'
import { makeDirectory } from '../artifact/make-directory.ts'
import { openPlainFile } from '../artifact/plain-file.ts'
import { StageError } from '../model/stage-error.ts'
import { type HostKeyVerdict, judgeHostKey, knownOtherwise, readKnownHosts } from './host-key-check.ts'
import { type HostKeyName, hashedName, keyType } from './known-hosts.ts'

/** A key that was presented for the first time, to be remembered under `name`. */
export interface NewHostKey {
  readonly file: string
  readonly name: HostKeyName
  readonly blob: Buffer
  /** HashKnownHosts of ssh_config(5). */
  readonly hashed: boolean
}

/** What is known of the key once it was to be recorded. */
export type Recorded = Exclude<HostKeyVerdict, { kind: 'unknown' }>

/** Records host keys; one at a time, for hosts are connected to at once and their lines must not mix. */
export interface HostKeyRecorder {
  /**
   * @returns `trusted`: the file has it now; otherwise what the file has come to say meanwhile
   * @throws StageError `config` when the file does not keep it: an unrecorded key would be "new" for ever
   */
  record(key: NewHostKey): Promise<Recorded>
}

export function createHostKeyRecorder(): HostKeyRecorder {
  let last: Promise<unknown> = Promise.resolve()
  return {
    record(key) {
      const mine = last.then(() => append(key))
      last = mine.catch(() => undefined)
      return mine
    },
  }
}

async function append(key: NewHostKey): Promise<Recorded> {
  try {
    // Looked up again: another connection, of this run or of another one, may have recorded a key meanwhile.
    const before = judgeHostKey(await readKnownHosts([key.file]), key.name, key.blob)
    if (before.kind !== 'unknown') return before
    // As ssh(1) makes it: nobody else may read what hosts there are, or write what is trusted.
    await makeDirectory(dirname(key.file))
    await appendLine(key.file, knownHostsLine(key))
    const lines = await readKnownHosts([key.file])
    const after = judgeHostKey(lines, key.name, key.blob)
    if (after.kind === 'unknown') throw new Error('what was written is not there')
    const [other] = knownOtherwise(lines, key.name, key.blob)
    return other === undefined ? after : { kind: 'changed', known: other }
  } catch (error) {
    if (error instanceof StageError) throw error
    throw new StageError('config', `the key of ${key.name.name} cannot be recorded in ${key.file}`, {
      hint: "make the file writable, or record the key there yourself and use hostKeys: 'strict'",
      cause: error,
    })
  }
}

const APPENDED = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT

/** One write in append mode, so that lines of several processes do not mix either. */
async function appendLine(path: string, line: string): Promise<void> {
  await using file = await openPlainFile(path, { flags: APPENDED, mode: 0o600 })
  const { size } = await file.stat()
  const last = Buffer.alloc(1)
  if (size > 0) await file.read(last, 0, 1, size - 1)
  const complete = size === 0 || last.toString() === '\n'
  await file.write(`${complete ? '' : '\n'}${line}\n`)
}

/** Salts have the length of a SHA-1 digest, in bytes (OpenSSH, hostfile.c). */
const SALT_LENGTH = 20

/** The line of known_hosts that knows the key. */
export function knownHostsLine({ name, blob, hashed }: NewHostKey): string {
  const host = hashed ? hashedName(name.name, randomBytes(SALT_LENGTH)) : name.name
  return `${host} ${keyType(blob)} ${blob.toString('base64')}`
}
