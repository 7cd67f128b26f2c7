import type { Drift } from '../../model/check.ts'
import type { HostFacts, Link, SwitchRecord } from '../../model/facts.ts'
import type { RevisionName, StageName } from '../../model/names.ts'
import type { Host } from '../../model/target.ts'
import { lastKept, liveOf, openOn, stageOf } from '../stage-history.ts'
import { advice, drift, onRunner, warned } from './mend.ts'

/**
 * The link against the journal of its host, and against what the stage was switched to last on any of its hosts.
 *
 * @param latest the switch of this stage that was kept last, by the runner's clock, on any host that was read
 */
export function linkDrift(
  host: Host,
  stage: StageName,
  facts: HostFacts,
  latest: SwitchRecord | undefined,
): readonly Drift[] {
  const history = stageOf(facts, stage)
  // What its link is in the middle of a switch is that switch's, and said of it.
  if (openOn(history).length > 0) return []
  const kept = lastKept(history)
  const expected = kept === undefined ? history.stack[0] : kept.to
  const field = `link ${stage}`
  const { link } = history
  // Nothing was ever kept here: what stands there was made by hand, and serves somebody until the first deploy.
  if (expected === undefined && link.kind === 'link')
    return [warned(field, 'none yet', shown(link), onRunner(`deploy ${stage}`))]
  if (textOf(link) !== expected) {
    const mend = mendLink(host, stage, link, expected, facts)
    return [drift(field, expected ?? 'none', shown(link), mend)]
  }
  if (latest === undefined || latest.to === expected || latest.id === kept?.id) return []
  const to = latest.to ?? 'none'
  const leftOut = latest.hosts.includes(host.name) ? 'went' : 'left this host out and went'
  const expectedText = `${to} (the latest switch ${leftOut} there)`
  return [drift('live', expectedText, shown(link), switchTo(host, stage, latest.to, facts))]
}

const textOf = (link: Link): string | undefined =>
  link.kind === 'link' ? link.text : link.kind === 'absent' ? undefined : ''

function shown(link: Link): string {
  switch (link.kind) {
    case 'absent':
      return 'none'
    case 'directory':
      return 'a directory'
    case 'other':
      return 'not a link'
    case 'link':
      return link.dangling ? `${link.text}, which is not there` : link.text
  }
}

function mendLink(host: Host, stage: StageName, link: Link, expected: string | undefined, facts: HostFacts) {
  if (link.kind === 'directory' || link.kind === 'other') return advice(`move ${host.root}/${stage} away`)
  return switchTo(host, stage, expected, facts)
}

/** A switch to a revision that stands; where it does not, it takes a deploy. */
function switchTo(host: Host, stage: StageName, to: RevisionName | undefined, facts: HostFacts) {
  const there = facts.revisions.some(
    ({ name, verdict, stands }) => name === to && verdict === 'verified' && stands,
  )
  if (to === undefined) return advice(`decide what ${host.name} is to be live on, and deploy it`)
  return there
    ? onRunner(`deploy rollback ${stage} --to ${to} --hosts ${host.name}`)
    : onRunner(`deploy ${stage} --hosts ${host.name}`)
}

/** The switch that was kept last on any of these hosts, by the clocks of the runners that made them. */
export function latestKept(stage: StageName, read: readonly HostFacts[]): SwitchRecord | undefined {
  const kept = read.flatMap(facts => lastKept(stageOf(facts, stage)) ?? [])
  return kept.toSorted((a, b) => b.atMs - a.atMs)[0]
}

/** Switches that no host kept: the next run puts them back before it does anything else. */
export function openDrift(stage: StageName, records: readonly SwitchRecord[]): readonly Drift[] {
  return records.map(({ id, from, to }) =>
    drift(
      `switch ${id}`,
      'kept or put back',
      `open, ${from ?? 'none'} → ${to ?? 'none'}`,
      onRunner(`deploy recover ${stage} --back`),
    ),
  )
}

/** The revision that is live, if the link names one that was made here. */
export const liveIn = (facts: HostFacts, stage: StageName): RevisionName | undefined =>
  liveOf(stageOf(facts, stage))
