import type { Sdist } from '../artifact/read-sdist.ts'
import { readVersionSource } from '../artifact/read-version-source.ts'
import type { Problem } from '../model/problem.ts'
import { StageError } from '../model/stage-error.ts'
import type { VersionScheme, VersionSource } from '../model/version-policy.ts'
import { disagreement, fromDescribe, type SaidVersion, understood } from '../version/said-version.ts'
import { printedBy } from './printed-by.ts'

/** The part of a configuration that is about versions. */
export interface VersionSettings {
  readonly versions: VersionScheme
  readonly version: VersionSource
  /** Of the configuration. */
  readonly directory: string
}

/**
 * What the configured source says of the version. Undefined: there is none but the sdist.
 *
 * @throws StageError `config` when the source does not say exactly one
 */
export async function saidVersion(
  { versions, version, directory }: VersionSettings,
  signal: AbortSignal,
): Promise<SaidVersion | undefined> {
  const found = await readVersionSource(version, directory, printedBy(signal))
  if (found === undefined) return undefined
  if (found.kind === 'text') {
    const { text, place } = found
    return understood({ text, place, after: undefined }, versions)
  }
  const said = fromDescribe(found.line, found.tagPrefix)
  if (said !== undefined) return understood(said, versions)
  throw new StageError('config', `git describe printed ${JSON.stringify(found.line)}, which names no tag`)
}

/** Why an sdist is not the version that the source says, if it is not. Asks no host. */
export async function versionProblems(
  { version, path }: Pick<Sdist, 'version' | 'path'>,
  settings: VersionSettings,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const said = await saidVersion(settings, signal)
  const problem = said && disagreement(said, { version, path })
  return problem === undefined ? [] : [problem]
}
