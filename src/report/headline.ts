import type { Intent, RevisionName, StageName } from '../model/names.ts'
import { counted } from './cut.ts'

/** What a run is about, in one line: `shop 1.4.0 → production, 3 hosts`. */
export function headline(run: {
  readonly intent: Intent
  readonly project: string
  readonly stage: StageName
  readonly revision: RevisionName
  readonly hosts: number
}): string {
  const revision = projectAndVersion(run.project, run.revision)
  const what = `${revision} → ${run.stage}, ${counted(run.hosts, 'host')}`
  switch (run.intent) {
    case 'deploy':
      return what
    case 'prepare':
      return `${what} (prepare: nothing is switched)`
    case 'promote':
      return `${what} (promote)`
    case 'rollback':
      return `${what} (rollback)`
    case 'recover':
      // It goes to where the switch went or to where it came from, and not on every host: the steps say which.
      return `recover ${run.stage}, ${counted(run.hosts, 'host')}: the switch to ${revision}`
  }
}

/** A revision is named by its project as PKG-INFO spells it; where that is not this project's spelling, it is shown whole. */
function projectAndVersion(project: string, revision: RevisionName): string {
  const prefix = `${project}-`
  return revision.startsWith(prefix) ? `${project} ${revision.slice(prefix.length)}` : revision
}
