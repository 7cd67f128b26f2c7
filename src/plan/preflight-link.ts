import type { HostFacts } from '../model/facts.ts'
import type { Intent, StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import { recordedBeside } from './moved-link.ts'
import { refusal, warning } from './problems.ts'
import { linkTextOf, stageOf } from './stage-history.ts'

/** What stands at the place of the stage's link, where that is not a link to a revision. */
export function linkProblems(facts: HostFacts, stage: StageName, intent: Intent): readonly Problem[] {
  const { link } = stageOf(facts, stage)
  if (intent === 'prepare') return []
  const path = `${facts.root.path}/${stage}`
  switch (link.kind) {
    case 'absent':
      return movedWarnings(facts, stage)
    case 'directory':
    case 'other': {
      const what = link.kind === 'directory' ? 'a directory' : 'not a symlink'
      const hint = `move it away on ${facts.host}, it was not made here`
      return [refusal('link-not-a-link', facts.host, `${path} is ${what}: it is left untouched`, hint)]
    }
    case 'link': {
      if (!link.dangling && link.revision !== undefined) return movedWarnings(facts, stage)
      const [code, where] = link.dangling
        ? ['link-dangling', 'which is not there']
        : ['link-outside', 'outside of the revisions']
      const message = `${path} points to ${link.text}, ${where}; it will be switched, and restored if it is put back`
      return [warning(code, facts.host, message), ...movedWarnings(facts, stage)]
    }
  }
}

/** What another hand has set is never switched away in silence. */
function movedWarnings(facts: HostFacts, stage: StageName): readonly Problem[] {
  const history = stageOf(facts, stage)
  const recorded = recordedBeside(history)
  if (recorded === undefined) return []
  const has = `its journal has ${recorded.text ?? 'no link'}`
  const message = `the link was moved by hand: it names ${linkTextOf(history) ?? 'nothing'}, ${has}`
  return [warning('moved', facts.host, message)]
}
