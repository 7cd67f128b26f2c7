import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { StageError } from '../model/stage-error.ts'
import type { DistributionRules } from './distribution-rules.ts'
import { matchingFiles } from './matching-files.ts'
import { type SdistName, sdistNames } from './sdist-name.ts'

export interface FindSdistOptions {
  /** Sdists of other projects in the same directory are passed over. */
  readonly project: string
  readonly rules: DistributionRules
}

interface Candidate extends SdistName {
  readonly path: string
}

/**
 * Finds the sdist to deploy: the file itself where the text names one, else the highest version of the project among
 * the files that the glob matches. Only names are looked at; {@link readSdist} says whether they are true.
 *
 * @param baseDir what a relative path or glob starts from
 * @returns an absolute path
 * @throws StageError `artifact` when nothing is found, or two files have the highest version
 */
export async function findSdist(
  pathOrGlob: string,
  baseDir: string,
  { project, rules }: FindSdistOptions,
): Promise<string> {
  const path = resolve(baseDir, pathOrGlob)
  if (await isFile(path)) return path
  const files = await matchingFiles(pathOrGlob, baseDir)
  const candidates = files.flatMap((file): readonly Candidate[] => {
    const reading = sdistNames(basename(file), rules).find(({ name }) => rules.sameProject(name, project))
    return reading === undefined ? [] : [{ ...reading, path: file }]
  })
  const [highest, second] = candidates.toSorted((a, b) => rules.compareVersions(b.version, a.version))
  if (highest === undefined) throw nothingFound(pathOrGlob, baseDir, project, files)
  if (second !== undefined && rules.compareVersions(highest.version, second.version) === 0) {
    throw new StageError(
      'artifact',
      `two sdists have the version ${highest.version}: ${highest.path} and ${second.path}`,
      {
        hint: 'remove one of them, or name the one to deploy',
      },
    )
  }
  return highest.path
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() ?? false
}

function nothingFound(
  pattern: string,
  baseDir: string,
  project: string,
  files: readonly string[],
): StageError {
  const seen = files.slice(0, 5).map(file => basename(file))
  const others = seen.length === 0 ? '' : `; what is there is called otherwise: ${seen.join(', ')}`
  return new StageError(
    'artifact',
    `no sdist of ${project} matches ${JSON.stringify(pattern)} in ${baseDir}${others}`,
    {
      hint: 'build one with `python3 -m build --sdist`, or name the file',
    },
  )
}
