import { stat } from 'node:fs/promises'
import { StageError } from '../model/stage-error.ts'
import { matchingFiles } from './matching-files.ts'

/** The files that a glob matched at one time, each with what changes when it is written. */
export type SdistSnapshot = ReadonlyMap<string, string>

/** Notes what is there before a build command runs, for {@link sdistWrittenBy}. */
export async function snapshotSdists(pattern: string, baseDir: string): Promise<SdistSnapshot> {
  const marks = new Map<string, string>()
  for (const path of await matchingFiles(pattern, baseDir)) {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true })
    marks.set(path, `${ino} ${size} ${mtimeNs}`)
  }
  return marks
}

/**
 * Finds the one sdist that a build command wrote: a file that is new, or another than before.
 *
 * @returns an absolute path
 * @throws StageError `artifact` when it wrote none, or several
 */
export async function sdistWrittenBy(
  pattern: string,
  baseDir: string,
  before: SdistSnapshot,
): Promise<string> {
  const after = await snapshotSdists(pattern, baseDir)
  const written = [...after.keys()].filter(path => after.get(path) !== before.get(path))
  const [path] = written
  if (path !== undefined && written.length === 1) return path
  const what = path === undefined ? 'no file' : `${written.length} files`
  const which = path === undefined ? '' : `: ${written.join(', ')}`
  throw new StageError(
    'artifact',
    `the build wrote ${what} matching ${JSON.stringify(pattern)} in ${baseDir}${which}`,
    {
      hint: 'the command of `artifact.build` must write exactly one file that `artifact.sdist` matches',
    },
  )
}
