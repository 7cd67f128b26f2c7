import { findSdist } from '../artifact/find-sdist.ts'
import { readSdist, type Sdist } from '../artifact/read-sdist.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import { StageError } from '../model/stage-error.ts'
import { pythonRules } from '../version/python-rules.ts'
import type { SaidVersion } from '../version/said-version.ts'
import { saidVersion } from './said-version.ts'

/** Where a project says its version: the configured source, and the sdist that a deploy would take. At least one does. */
export interface ProjectSources {
  readonly said: SaidVersion | undefined
  readonly sdist: Sdist | undefined
  /** Why there is no sdist. */
  readonly missing: string | undefined
}

/**
 * Reads them. That there is no sdist yet is no fault where something else says the version.
 *
 * @throws StageError `config` or `artifact` when nothing says a version, or something cannot be read
 */
export async function projectSources(config: ResolvedConfig, signal: AbortSignal): Promise<ProjectSources> {
  const { artifact, directory, project } = config
  const said = await saidVersion(config, signal)
  const found = await findSdist(artifact.sdist, directory, { project, rules: pythonRules }).catch(
    (error: unknown) => {
      if (said !== undefined && error instanceof StageError) return error
      throw error
    },
  )
  if (found instanceof StageError) return { said, sdist: undefined, missing: found.message }
  return { said, sdist: await readSdist(found, pythonRules), missing: undefined }
}
