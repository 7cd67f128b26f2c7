import type { HostFacts, Link, StageFacts } from '../model/facts.ts'
import type { StageName } from '../model/names.ts'
import { openOn, stageOf } from './stage-history.ts'

/**
 * The facts of a host as they will be once its open switches were put back, newest first. Everything else is
 * decided on these: what is live, what is switched from, what an undo goes back to.
 *
 * @param ids the open switches of `stage` on this host that no host kept
 */
export function afterPutBack(facts: HostFacts, stage: StageName, ids: readonly string[]): HostFacts {
  if (ids.length === 0) return facts
  const history = stageOf(facts, stage)
  const link = openOn(history)
    .filter(record => ids.includes(record.id))
    .reduce((current, record) => putBack(current, record.from, record.to, facts), history.link)
  const switches = history.switches.map(record =>
    ids.includes(record.id) ? { ...record, state: 'put-back' as const } : record,
  )
  const stages = new Map<StageName, StageFacts>(facts.stages)
  return { ...facts, stages: stages.set(stage, { ...history, link, switches }) }
}

/** Put back acts only while the link names `to`; otherwise somebody else moved it and it is left alone. */
function putBack(link: Link, from: string | undefined, to: string, facts: HostFacts): Link {
  if (link.kind !== 'link' || link.text !== to) return link
  if (from === undefined) return { kind: 'absent' }
  const revision = facts.revisions.find(candidate => candidate.name === from)?.name
  return { kind: 'link', text: from, revision, dangling: false }
}
