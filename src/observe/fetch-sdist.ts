import { createHash } from 'node:crypto'
import { type FileHandle, open, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FETCHED_SDIST_BYTES } from '../artifact/limits.ts'
import type { RevisionName, Sha256 } from '../model/names.ts'
import { StageError } from '../model/stage-error.ts'
import { FETCH_MS } from '../remote/message-limits.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'

/** An sdist that some host has, and what its bytes have to be. */
export interface WantedSdist {
  readonly revision: RevisionName
  readonly sha256: Sha256
}

/**
 * Fetches a stored sdist into a new file. The bytes that arrive are hashed, and nothing is made of them before their
 * sha256 is known to be right: what the host says of them decides nothing.
 *
 * @param signal the host is not waited for any more; its connection is given up
 * @returns why this host does not have it; undefined: the file has the very bytes
 */
export async function fetchSdist(
  end: RemoteEnd,
  wanted: WantedSdist,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { revision } = wanted
    const { bytes } = await end.request('measure-sdist', { revision }, asked(signal))
    return (await tooLarge(bytes, path)) ?? (await receive(end, wanted, { bytes, path, signal }))
  } catch (error) {
    if (error instanceof StageError) return error.reason
    throw error
  }
}

/** Reading changes nothing on the host, so nobody has to know how that ends there. */
const asked = (signal: AbortSignal) => ({ abandoned: signal, limitMs: FETCH_MS, what: 'its sdist' })

/** Its size is the word of a host too: nothing is written before there is room for all of it. */
async function tooLarge(bytes: number, path: string): Promise<string | undefined> {
  if (bytes > FETCHED_SDIST_BYTES)
    return `its sdist has ${bytes} bytes; at most ${FETCHED_SDIST_BYTES} are fetched`
  const directory = dirname(path)
  const { bavail, bsize } = await roomIn(directory, path)
  if (bytes <= bavail * bsize) return undefined
  return `its sdist has ${bytes} bytes, and ${directory} on this machine has room for ${bavail * bsize}`
}

async function roomIn(directory: string, path: string) {
  try {
    return await statfs(directory)
  } catch (error) {
    throw notWritten(path, error)
  }
}

async function receive(
  end: RemoteEnd,
  { revision, sha256 }: WantedSdist,
  { bytes, path, signal }: { readonly bytes: number; readonly path: string; readonly signal: AbortSignal },
): Promise<string | undefined> {
  await using file = await opened(path)
  const digest = createHash('sha256')
  let arrived = 0
  await end.request(
    'fetch',
    { revision, bytes },
    {
      ...asked(signal),
      dataBytes: bytes,
      onData: async chunk => {
        digest.update(chunk)
        arrived += chunk.length
        await written(file, chunk, path)
      },
    },
  )
  if (arrived < bytes) return `it sent ${arrived} of ${bytes} bytes`
  const found = digest.digest('hex')
  return found === sha256
    ? undefined
    : `its sdist has the sha256 ${found}, and ${revision} is made from ${sha256}`
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'w', 0o600)
  } catch (error) {
    throw notWritten(path, error)
  }
}

async function written(file: FileHandle, chunk: Uint8Array, path: string): Promise<void> {
  try {
    for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten
  } catch (error) {
    throw notWritten(path, error)
  }
}

function notWritten(path: string, error: unknown): StageError {
  const why = error instanceof Error ? error.message : String(error)
  return new StageError(
    'refused',
    `what it sent cannot be written to ${dirname(path)} on this machine: ${why}`,
    {
      hint: 'name another directory in TMPDIR',
      cause: error,
    },
  )
}
