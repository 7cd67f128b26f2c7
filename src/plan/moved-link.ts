import type { HostFacts, Observation, StageFacts } from '../model/facts.ts'
import type { HostName, StageName } from '../model/names.ts'
import type { MovedLink } from '../model/status.ts'
import { printable } from '../shell/printable.ts'
import { openOn, stageOf } from './stage-history.ts'

/**
 * Hosts whose link is not what their journal has: somebody moved it without a switch. Each with what was kept last,
 * and what puts it back.
 */
export function movedLinks(
  stage: StageName,
  observations: ReadonlyMap<HostName, Observation>,
): ReadonlyMap<HostName, MovedLink> {
  const read = [...observations.values()].flatMap(seen => (seen.kind === 'read' ? [seen.facts] : []))
  return new Map(
    read.flatMap(facts => {
      const recorded = recordedBeside(stageOf(facts, stage))
      if (recorded === undefined) return []
      return [[facts.host, { recorded: recorded.text, hint: wayBack(stage, facts, read) }] as const]
    }),
  )
}

/**
 * What the journal of a host has for the link of a stage, where the link is something else: the exact text, undefined
 * for no link. While a switch is open, either end of it is what the journal has.
 *
 * @returns undefined: the link is as recorded, or nothing is
 */
export function recordedBeside(history: StageFacts): { readonly text: string | undefined } | undefined {
  const recorded = recordedIn(history)
  if (recorded === undefined) return undefined
  const open = openOn(history).flatMap(({ from, to }) => [from, to])
  return [recorded.text, ...open].some(text => names(history, text)) ? undefined : recorded
}

/** What was kept last. Before anything was, a switch that was put back tells what it found. */
function recordedIn({ switches }: StageFacts): { readonly text: string | undefined } | undefined {
  const kept = switches.find(({ state }) => state === 'kept')
  if (kept !== undefined) return { text: kept.to }
  const [latest] = switches
  return latest === undefined ? undefined : { text: latest.from }
}

const names = ({ link }: StageFacts, text: string | undefined): boolean =>
  text === undefined ? link.kind === 'absent' : link.kind === 'link' && link.text === text

/** A rollback takes all hosts of the stage along, so it is for this one alone where the others have something else. */
function wayBack(stage: StageName, facts: HostFacts, read: readonly HostFacts[]): string {
  const history = stageOf(facts, stage)
  const text = recordedIn(history)?.text
  const inTheWay = history.link.kind === 'directory' || history.link.kind === 'other'
  const first = inTheWay ? `move what is in its place away on ${facts.host}; then ` : ''
  if (text === undefined) return `${inTheWay ? 'move' : 'take'} it away on ${facts.host}: there was no link`
  const stands = facts.revisions.some(one => one.name === text && one.verdict === 'verified' && one.stands)
  if (!stands) return `${first}put it back by hand on ${facts.host}: no run goes to ${printable(text)}`
  const alike = read.every(other => recordedIn(stageOf(other, stage))?.text === text)
  const only = alike ? '' : ` --hosts ${facts.host}`
  return `${first}\`deploy rollback ${stage} --to ${printable(text)}${only}\` puts it back`
}
