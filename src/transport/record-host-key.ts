import { randomBytes } from 'node:crypto'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeDirectory } from '../artifact/make-directory.ts'
import { StageError } from '../model/stage-error.ts'
import { judgeHostKey, readKnownHosts } from './host-key-check.ts'
import { type HostKeyName, hashedName, keyType } from './known-hosts.ts'

/** A key that was presented for the first time, to be remembered under `name`. */
export interface NewHostKey {
  readonly file: string
  readonly name: HostKeyName
  readonly blob: Buffer
  /** HashKnownHosts of ssh_config(5). */
  readonly hashed: boolean
}

/** Records host keys; one at a time, for hosts are connected to at once and their lines must not mix. */
export interface HostKeyRecorder {
  /** @throws StageError `config` when the file cannot be written: an unrecorded key would be "new" for ever */
  record(key: NewHostKey): Promise<void>
}

export function createHostKeyRecorder(): HostKeyRecorder {
  let last: Promise<void> = Promise.resolve()
  return {
    record(key) {
      const mine = last.then(() => append(key))
      last = mine.catch(() => undefined)
      return mine
    },
  }
}

async function append(key: NewHostKey): Promise<void> {
  try {
    // Recorded meanwhile, for another connection to the same server.
    if (judgeHostKey(await readKnownHosts([key.file]), key.name, key.blob).kind === 'trusted') return
    // As ssh(1) makes it: nobody else may read what hosts there are, or write what is trusted.
    await makeDirectory(dirname(key.file))
    await appendLine(key.file, knownHostsLine(key))
  } catch (error) {
    if (error instanceof StageError) throw error
    throw new StageError('config', `the key of ${key.name.name} cannot be recorded in ${key.file}`, {
      hint: "make the file writable, or record the key there yourself and use hostKeys: 'strict'",
      cause: error,
    })
  }
}

/** One write in append mode, so that lines of several processes do not mix either. */
async function appendLine(path: string, line: string): Promise<void> {
  await using file = await open(path, 'a+', 0o600)
  const { size } = await file.stat()
  const last = Buffer.alloc(1)
  if (size > 0) await file.read(last, 0, 1, size - 1)
  const complete = size === 0 || last.toString() === '\n'
  await file.write(`${complete ? '' : '\n'}${line}\n`)
}

/** Salts have the length of a SHA-1 digest, in bytes (OpenSSH, hostfile.c). */
const SALT_LENGTH = 20

function knownHostsLine({ name, blob, hashed }: NewHostKey): string {
  const host = hashed ? hashedName(name.name, randomBytes(SALT_LENGTH)) : name.name
  return `${host} ${keyType(blob)} ${blob.toString('base64')}`
}
