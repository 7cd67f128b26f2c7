import { join } from 'node:path'
import { ownDirectory, whoWeAre } from '../artifact/own-directory.ts'
import {
  defaultLogDirectory,
  logFileName,
  openRunLog,
  type RunLog,
  removeOldLogs,
  unwritten,
} from '../report/log-file.ts'
import type { RunFlags } from './flags.ts'
import type { Surroundings } from './surroundings.ts'

/** The log of a run: where `--log` says, else in the user's state directory, where the newest of each project are kept. */
export async function openLog(
  around: Surroundings,
  flags: RunFlags,
  run: { readonly project: string; readonly stage: string; readonly id: string },
  warn: (message: string) => void,
): Promise<RunLog> {
  if (flags.dryRun === true) return noLog
  if (flags.log !== undefined) return openRunLog(flags.log, warn)
  const all = defaultLogDirectory(around.env)
  if (all === undefined) return noLog
  const directory = join(all, run.project)
  const path = join(directory, logFileName(run))
  try {
    await ownDirectory(directory, whoWeAre(around.env))
  } catch (error) {
    warn(`${unwritten(path, error)}; make it yours alone (chown, chmod 700), or name a file: --log FILE`)
    return noLog
  }
  await removeOldLogs(directory)
  return openRunLog(path, warn)
}

/** A dry run writes nothing, here neither. */
const noLog: RunLog = { path: undefined, handle: () => undefined, end: () => undefined }
