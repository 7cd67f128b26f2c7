import type { StageName } from '../model/names.ts'
import type { SplitState, SplitStatus } from '../model/status.ts'
import { listed } from './cut.ts'
import { formatMoment } from './duration.ts'
import { grouped } from './grouped.ts'
import type { Paint } from './paint.ts'

/** A split, how it stands on each host, and the commands that mend it. */
export function splitLines(stage: StageName, split: SplitStatus, paint: Paint): readonly string[] {
  return [
    splitLine(split, 'is split', paint),
    `    ${paint('dim', '→')} deploy recover ${stage} --back`,
    `    ${paint('dim', '→')} deploy recover ${stage} --forward`,
  ]
}

/** The same without the commands. */
export function splitLine(split: SplitStatus, what: string, paint: Paint): string {
  const states = grouped(split.hosts, ([, state]) => state)
  const stands = [...states].map(
    ([state, group]) =>
      `${stateText(state)} ${listed(
        group.map(([host]) => host),
        8,
      )}`,
  )
  const change = `${split.from ?? 'none'} → ${split.to ?? 'none'}`
  return `  ${paint('red', '✖')} the switch ${split.id} of ${formatMoment(split.atMs)}, ${change}, ${what}: ${stands.join('; ')}`
}

function stateText(state: SplitState): string {
  switch (state) {
    case 'kept':
      return 'kept on'
    case 'open':
      return 'open on'
    case 'stuck':
      return 'could not be put back on'
    case 'put-back':
      return 'put back on'
    case 'none':
      return 'unknown to'
    case 'unread':
      return 'not read on'
  }
}
