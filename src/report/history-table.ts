import type { SwitchRecord } from '../model/facts.ts'
import { momentOf } from '../model/moment.ts'
import type { HostName, StageName } from '../model/names.ts'
import type { HostListing } from '../model/status.ts'
import { printable } from '../shell/printable.ts'
import { listed } from './cut.ts'
import { formatMoment } from './duration.ts'
import { grouped } from './grouped.ts'
import type { Paint } from './paint.ts'
import { type Cell, cell, tableLines } from './text-table.ts'
import { unreadLines } from './unread-lines.ts'
import { toWire, type Wire } from './wire.ts'

interface Located {
  readonly host: HostName
  readonly record: SwitchRecord
}

/**
 * The switches of a stage, newest first by the runner's clock: one row for what is one switch, with how it ended on
 * each of its hosts.
 */
export function formatHistory(
  listings: readonly HostListing<SwitchRecord>[],
  options: { readonly columns: number; readonly paint: Paint },
): string {
  const located = listings.flatMap(listing =>
    listing.kind === 'read' ? listing.items.map(record => ({ host: listing.host, record })) : [],
  )
  const switches = [...grouped(located, ({ record }) => record.id).values()]
  const rows = switches.toSorted((a, b) => atOf(b) - atOf(a)).flatMap(rowOf)
  const header = ['when', 'what', 'from', 'to', 'by', 'ended']
  const table = rows.length === 0 ? ['No switches.'] : tableLines(header, rows, { ...options, indent: '' })
  return [...table, ...unreadLines(listings, options.paint)].join('\n')
}

const atOf = (group: readonly Located[]): number => group[0]?.record.atMs ?? 0

function rowOf(group: readonly Located[]): readonly (readonly Cell[])[] {
  const [first] = group
  if (first === undefined) return []
  const { record } = first
  // Hosts of one switch may have come from different revisions.
  const from = [...new Set(group.map(located => located.record.from ?? 'none'))]
  return [
    [
      cell(formatMoment(record.atMs)),
      cell(
        record.exception === undefined
          ? record.kind
          : `${record.kind} (${record.exception.channel} accepted)`,
      ),
      cell(printable(from.join(', '))),
      cell(printable([...new Set(group.map(located => located.record.to ?? 'none'))].join(', '))),
      cell(printable(record.by)),
      endedCell(group),
    ],
  ]
}

function endedCell(group: readonly Located[]): Cell {
  const states = grouped(group, ({ record }) => record.state)
  const text = [...states].map(
    ([state, some]) => `${stateText(state)} on ${listed(some.map(({ host }) => host))}`,
  )
  const undone = group.flatMap(({ record }) => record.undo).filter(undo => !undo.ok)
  const mark = undone.length === 0 ? '' : `; ${undone.length} not undone`
  const good = states.size === 1 && states.has('kept')
  return cell(text.join(', ') + mark, good ? 'green' : 'yellow')
}

function stateText(state: SwitchRecord['state']): string {
  switch (state) {
    case 'kept':
    case 'open':
      return state
    case 'put-back':
      return 'put back'
  }
}

/** The same for programs: every host with its own journal. See `docs/events.md`. */
export function historyAsJson(stage: StageName, listings: readonly HostListing<SwitchRecord>[]): Wire {
  return {
    v: 1,
    stage,
    hosts: Object.fromEntries(listings.map(listing => [listing.host, listingWire(listing)])),
  }
}

function listingWire(listing: HostListing<SwitchRecord>): Wire {
  if (listing.kind === 'unread') return { reachable: false, error: listing.reason, switches: [] }
  return { reachable: true, switches: listing.items.map(recordWire) }
}

function recordWire(record: SwitchRecord): Wire {
  const { id, kind, from, to, recovers, hosts, except, exception, atMs, by, state, undo } = record
  return {
    id,
    kind,
    from: from ?? null,
    to: to ?? null,
    recovers: recovers ?? null,
    hosts,
    except,
    exception: toWire(exception),
    at: momentOf(atMs) ?? null,
    by,
    state,
    undo: toWire(undo),
  }
}
