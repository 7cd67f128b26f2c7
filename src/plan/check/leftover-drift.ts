import type { Drift, Inspection, Leftover, Mend } from '../../model/check.ts'
import type { HostFacts } from '../../model/facts.ts'
import type { StageName } from '../../model/names.ts'
import type { Host } from '../../model/target.ts'
import { advice, drift, onHost, onRunner, warned } from './mend.ts'

/** What a prune sweeps away is a day old: no run takes that long. */
const SWEPT_AFTER_S = 24 * 60 * 60
const HOUR_S = 60 * 60

/** What dead runs left, and what was not made here. While a run is at work in the root nothing can be told from a leftover. */
export function leftoverDrift(
  host: Host,
  stage: StageName,
  facts: HostFacts,
  { leftovers, leftoversTotal, busy }: Inspection,
): readonly Drift[] {
  const foreign = facts.foreign.map(name =>
    warned(
      name,
      'nothing',
      'it was not made here',
      advice(`look at ${host.root}/${name}; it is never touched`),
    ),
  )
  if (busy) return foreign
  const more = leftoversTotal - leftovers.length
  return [
    ...foreign,
    ...leftovers.map(left => drift(left.path, 'nothing', what(left), mend(host, stage, left))),
    ...(more === 0 ? [] : [drift('leftovers', 'none', `${more} more`, onRunner(`deploy prune ${stage}`))]),
  ]
}

function what({ kind, ageS }: Leftover): string {
  const age = ageS < HOUR_S ? 'less than an hour old' : `${Math.floor(ageS / HOUR_S)} h old`
  switch (kind) {
    case 'incoming':
      return `an upload or a build that was left, ${age}`
    case 'sdist':
      return `an sdist of no revision, ${age}`
    case 'tree':
      return `a list of no revision, ${age}`
    case 'unfinished':
      return `a revision that was never finished, ${age}`
  }
}

/** What is younger than a day is spared by a prune. A revision is removed whole, whatever its modes. */
function mend({ root }: Host, stage: StageName, { path, ageS }: Leftover): Mend {
  if (ageS >= SWEPT_AFTER_S) return onRunner(`deploy prune ${stage}`)
  const place = `${root}/${path}`
  return onHost`chmod -R u+w ${place} && rm -r ${place}`
}
