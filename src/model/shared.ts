import type { StageName } from './names.ts'
import type { SharedSettings } from './target.ts'

/**
 * The file of `{root}/shared` with the variables of one stage, for the units of an application (systemd.exec(5),
 * EnvironmentFile). It is never linked into a revision, which knows no stage.
 */
export const environmentFileOf = (stage: StageName): string => `${stage}.env`

/** Every path that is linked into a revision, in order. */
export const sharedPaths = ({ directories, files }: SharedSettings): readonly string[] =>
  [...directories, ...files].toSorted()
