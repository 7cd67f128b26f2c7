import { type HostFacts, notUndoneYet, type StageFacts, type SwitchRecord } from '../model/facts.ts'
import type { HostName, RevisionName, StageName } from '../model/names.ts'

const nothingYet: StageFacts = {
  link: { kind: 'absent' },
  stack: [],
  wasLive: [],
  switches: [],
  undone: [],
  lock: undefined,
  frozen: undefined,
}

/** What a host says of one stage; a stage it never heard of has no link and no history. */
export const stageOf = (facts: HostFacts, stage: StageName): StageFacts =>
  facts.stages.get(stage) ?? nothingYet

/** The revision that the link names, if it names an entry of the root. */
export function liveOf({ link }: StageFacts): RevisionName | undefined {
  return link.kind === 'link' ? link.revision : undefined
}

/** The exact text of the link, whatever it names. */
export function linkTextOf({ link }: StageFacts): string | undefined {
  return link.kind === 'link' ? link.text : undefined
}

/**
 * The revision to roll back to: the entry below live in the replay of kept switches. Where the link was moved by
 * hand to something that the history does not know, it is what was kept last.
 */
export function previousOf(stage: StageFacts): RevisionName | undefined {
  const live = liveOf(stage)
  return stage.stack[live === undefined ? 0 : stage.stack.indexOf(live) + 1]
}

/** The switches of a stage, newest first. One that was still open when a later one was kept counts as put back. */
export function switchesOf({ switches }: StageFacts): readonly SwitchRecord[] {
  const lastKept = switches.findIndex(record => record.state === 'kept')
  if (lastKept === -1) return switches
  return switches.map((record, index) =>
    record.state === 'open' && index > lastKept ? { ...record, state: 'put-back' } : record,
  )
}

/** The open switches of a stage on one host, newest first. */
export const openOn = (stage: StageFacts): readonly SwitchRecord[] =>
  switchesOf(stage).filter(record => record.state === 'open')

/**
 * The latest switch of a stage on one host, if it was put back and the host died before all of it was undone. While the
 * lock is held its remote end may still be at it.
 */
export function notUndoneOn({ switches: [latest], lock }: StageFacts): SwitchRecord | undefined {
  if (lock !== undefined || latest?.state !== 'put-back') return undefined
  return stepsNotUndone(latest).length > 0 ? latest : undefined
}

/** Ids of the steps of a switch whose undo nobody came to. */
export const stepsNotUndone = ({ undo }: SwitchRecord): readonly string[] =>
  undo.flatMap(({ of, reason }) => (reason === notUndoneYet ? [of] : []))

/** The switches of a stage on one host that it did not keep, and that no later kept one closed; newest first. */
export function unclosedOn({ switches }: StageFacts): readonly SwitchRecord[] {
  const kept = switches.findIndex(record => record.state === 'kept')
  return kept === -1 ? switches : switches.slice(0, kept)
}

/**
 * A switch of one host, unless a later one was kept there; undefined too where it is not known. Recoveries of it count for
 * nothing: a decision can be changed.
 */
export function undecided({ switches }: StageFacts, id: string): SwitchRecord | undefined {
  const known = new Map(switches.map(record => [record.id, record]))
  const at = switches.findIndex(record => record.id === id)
  const isOver = switches
    .slice(0, at)
    .some(({ state, id: later }) => state === 'kept' && !mends(known, later, id))
  return isOver ? undefined : switches[at]
}

/** Is this switch a recovery of that one, or of a recovery of it? */
function mends(known: ReadonlyMap<string, SwitchRecord>, id: string, mended: string): boolean {
  const seen = new Set<string>()
  let next: string | undefined = id
  while (next !== undefined && !seen.has(next)) {
    if (next === mended) return true
    seen.add(next)
    next = known.get(next)?.recovers
  }
  return false
}

/**
 * What one host kept last, as far as another one is concerned: a switch that left that one out on purpose changes nothing
 * between the two. One that it was not in the stage for does: what was before is over when it comes back.
 */
export const keptAsFarAs = ({ switches }: StageFacts, host: HostName): SwitchRecord | undefined =>
  switches.find(({ state, except }) => state === 'kept' && !except.includes(host))

/** What was kept last on one host. */
export const lastKept = ({ switches }: StageFacts): SwitchRecord | undefined =>
  switches.find(record => record.state === 'kept')
