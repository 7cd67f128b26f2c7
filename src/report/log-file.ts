import { constants, type FileHandle, open, readdir, rm } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeDirectory } from '../artifact/make-directory.ts'
import type { StageName } from '../model/names.ts'
import type { Reporter } from './event-stream.ts'
import { createLineWriter } from './line-writer.ts'
import { logLine } from './log-line.ts'

/** Logs of a project's runs that are kept where nobody said where the log goes. */
export const KEPT_LOGS = 50

/** Everything about a run, all output included, in a file. */
export interface RunLog extends Reporter {
  /** Undefined: it could not be opened. */
  readonly path: string | undefined
}

/**
 * Opens the log of a run: readable by its owner only, its directory made if need be, never overwriting what is
 * there. A log that cannot be written is no reason to fail: `warn` is called with a sentence, once, and the run goes
 * on without.
 */
export async function openRunLog(path: string, warn: (message: string) => void): Promise<RunLog> {
  try {
    await makeDirectory(dirname(path))
    const file = await openLog(path)
    return logOn(path, file.createWriteStream(), warn)
  } catch (error) {
    warn(unwritten(path, error))
    return { path: undefined, handle: () => undefined, end: () => undefined }
  }
}

const NEVER_WAITS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK

/**
 * To open a pipe that nobody reads would wait for ever: it is refused (ENXIO: open(2), O_NONBLOCK). A pipe that is read and a
 * device are opened once more, to wait for whoever is slow to read them; writing has limits of its own.
 */
async function openLog(path: string): Promise<FileHandle> {
  const file = await open(path, NEVER_WAITS | constants.O_NOCTTY, 0o600)
  if ((await file.stat()).isFile()) return file
  try {
    return await open(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOCTTY)
  } finally {
    await file.close()
  }
}

/** What a step printed, where it came faster than the file's disk takes it; a dead network mount takes nothing. */
const leftOutLine = (count: number): string =>
  `${count === 1 ? '1 line that a step printed is' : `${count} lines that steps printed are`} left out here: they came faster than this could be written.`

/**
 * As much of what steps print may wait in memory for the disk: the log is what is read when nothing else was, and a hook that
 * prints all it has at once is faster than any disk for a moment.
 */
const WAITING_BYTES = 64 * 1024 * 1024

/** A disk that answers nobody is not waited for at the end of a run. */
const END_MS = 10_000

/** The log on a stream that may fail, or take nothing. */
export function logOn(path: string, stream: Writable, warn: (message: string) => void): RunLog {
  let gone = false
  stream.on('error', error => {
    if (!gone) warn(unwritten(path, error))
    gone = true
  })
  const lines = createLineWriter(stream, leftOutLine, WAITING_BYTES)
  return {
    path,
    handle: event => {
      // How far a transfer has come is for the eye only: its steps and its end are in the log.
      if (event.type === 'progress') return
      if (event.type === 'output') lines.offer(logLine(event))
      else lines.write(logLine(event))
    },
    end: async () => {
      void lines.flush()
      stream.end()
      const late = new AbortController()
      // Its failure was warned about when it came.
      const over = finished(stream).catch(() => undefined)
      await Promise.race([over, sleep(END_MS, undefined, { signal: late.signal }).catch(() => undefined)])
      late.abort()
    },
  }
}

/** What is said where a log cannot be had. */
export const unwritten = (path: string, error: unknown): string =>
  `The log ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`

/**
 * Where logs go by default: `stage-deploy` in the user's state directory, by the XDG Base Directory Specification,
 * which says to ignore a relative `XDG_STATE_HOME`. Undefined where there is no home either.
 */
export function defaultLogDirectory(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { XDG_STATE_HOME: state, HOME: home } = env
  if (state !== undefined && isAbsolute(state)) return join(state, 'stage-deploy')
  return home === undefined || home === '' ? undefined : join(home, '.local', 'state', 'stage-deploy')
}

/** The name of a run's log. The id of a run begins with its time, so names sort by time. */
export function logFileName(run: { readonly stage: StageName; readonly id: string }): string {
  return `${run.id.replaceAll(/[^A-Za-z0-9_.-]/g, '_')}-${run.stage}.log`
}

/** What `logFileName` makes; anything else in the directory is not ours. */
const LOG_NAME = /^\d{8}T\d{9}Z-.*\.log$/

/** Removes all but the newest logs from the default directory. Where that fails, they stay: nothing depends on it. */
export async function removeOldLogs(directory: string, keep: number = KEPT_LOGS): Promise<void> {
  const names = await readdir(directory).catch((): string[] => [])
  const logs = names.filter(name => LOG_NAME.test(name)).toSorted()
  const old = logs.slice(0, Math.max(0, logs.length - keep))
  await Promise.allSettled(old.map(name => rm(join(directory, name), { force: true })))
}
