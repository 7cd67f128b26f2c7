import type { HostFacts, Link, SwitchRecord } from '../model/facts.ts'
import type { StageName } from '../model/names.ts'
import { stageOf } from './stage-history.ts'

/**
 * The facts of a host as they will be once these open switches of a stage were put back. Everything else is decided
 * on these: what is live, what is switched from, what an undo goes back to.
 *
 * @param open newest first, the order in which they are put back
 */
export function afterPutBack(facts: HostFacts, stage: StageName, open: readonly SwitchRecord[]): HostFacts {
  if (open.length === 0) return facts
  const history = stageOf(facts, stage)
  const link = open.reduce((current, record) => putBack(current, record, facts), history.link)
  const closed = new Set(open.map(record => record.id))
  const switches = history.switches.map(record =>
    closed.has(record.id) ? { ...record, state: 'put-back' as const } : record,
  )
  return { ...facts, stages: new Map([...facts.stages, [stage, { ...history, link, switches }]]) }
}

/** Put back acts only while the link names `to`; otherwise somebody else moved it and it is left alone. */
function putBack(link: Link, { from, to }: SwitchRecord, facts: HostFacts): Link {
  const isAtTo = to === undefined ? link.kind === 'absent' : link.kind === 'link' && link.text === to
  if (!isAtTo) return link
  if (from === undefined) return { kind: 'absent' }
  const isThere = entriesOf(facts).includes(from)
  // A path that leads out of the root cannot be looked at from here: nothing is said against it.
  return {
    kind: 'link',
    text: from,
    revision: isThere ? from : undefined,
    dangling: !isThere && !from.includes('/'),
  }
}

/** Directories of the root by the names that a link can have as its text. */
function entriesOf({ revisions, unfinished, foreign }: HostFacts): readonly string[] {
  const verified = revisions.filter(revision => revision.verdict === 'verified')
  return [...verified.map(revision => revision.name), ...unfinished, ...foreign]
}
