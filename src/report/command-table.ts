import type { Event } from '../model/event.ts'
import type { HostName } from '../model/names.ts'
import { counted } from './cut.ts'
import { formatDuration } from './duration.ts'
import { outcomeStyle, outcomeText } from './outcome-text.ts'
import type { Paint } from './paint.ts'
import { cell, tableLines } from './text-table.ts'

/** How a command ended on the hosts of a stage. */
export interface CommandEnds {
  /** In the order in which they are to stand. */
  readonly hosts: readonly HostName[]
  readonly ends: readonly (Event & { readonly type: 'command-finished' })[]
  readonly durationMs: number
}

/** Host by host how a command ended, and what that comes to. */
export function commandTable(
  { hosts, ends, durationMs }: CommandEnds,
  { columns, paint }: { readonly columns: number; readonly paint: Paint },
): readonly string[] {
  const rows = hosts.flatMap(host => {
    const end = ends.find(one => one.host === host)
    if (end === undefined) return []
    const outcome = cell(outcomeText(end.outcome), outcomeStyle(end.outcome))
    return [[cell(host), cell(formatDuration(end.durationMs)), outcome]]
  })
  const well = ends.filter(({ outcome }) => outcome.kind === 'ok').length
  const where = well === ends.length ? counted(well, 'host') : `${well} of ${counted(ends.length, 'host')}`
  return [
    '',
    ...tableLines(['host', 'took', 'outcome'], rows, { columns, indent: '', paint }),
    '',
    `Ran well on ${where}, in ${formatDuration(durationMs)}.`,
  ]
}
