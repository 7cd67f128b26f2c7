import { compareVersions } from './compare.ts'
import { normaliseVersion } from './pep440.ts'
import { isProjectName, sameProject } from './project-name.ts'

/**
 * How Python names and orders distributions, as one value: it is handed to the code that reads sdists, which stands
 * in a folder of the same layer and may not import this one.
 */
export const pythonRules = { normaliseVersion, compareVersions, isProjectName, sameProject } as const
