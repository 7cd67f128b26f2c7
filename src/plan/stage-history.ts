import type { HostFacts, StageFacts } from '../model/facts.ts'
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
