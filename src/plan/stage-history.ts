import type { HostFacts, StageFacts, SwitchRecord } from '../model/facts.ts'
import type { RevisionName, StageName } from '../model/names.ts'

const nothingYet: StageFacts = {
  link: { kind: 'absent' },
  stack: [],
  wasLive: [],
  switches: [],
  lock: undefined,
}

/** What a host says of one stage; a stage it never heard of has no link and no history. */
export const stageOf = (facts: HostFacts, stage: StageName): StageFacts =>
  facts.stages.get(stage) ?? nothingYet

/** The revision that the link names, if it names an entry of the root. */
export function liveOf(stage: StageFacts): RevisionName | undefined {
  return stage.link.kind === 'link' ? stage.link.revision : undefined
}

/** The exact text of the link, whatever it names. */
export function linkTextOf(stage: StageFacts): string | undefined {
  return stage.link.kind === 'link' ? stage.link.text : undefined
}

/**
 * The revision to roll back to: the entry below live in the replay of kept switches. Where the link was moved by
 * hand to something that the history does not know, it is what was kept last.
 */
export function previousOf(stage: StageFacts): RevisionName | undefined {
  const live = liveOf(stage)
  const at = live === undefined ? -1 : stage.stack.indexOf(live)
  return stage.stack[at + 1]
}

/** Ids of the switches of this stage that are open on this host, newest first. */
export const openIdsOf = (stage: StageFacts): readonly string[] => openOn(stage).map(record => record.id)

/** The open records of a stage on one host, newest first, without those that a later kept switch closed. */
export function openOn(stage: StageFacts): readonly SwitchRecord[] {
  const lastKept = stage.switches.findIndex(record => record.state === 'kept')
  const since = lastKept === -1 ? stage.switches : stage.switches.slice(0, lastKept)
  return since.filter(record => record.state === 'open')
}
