import type { RevisionFacts } from '../model/facts.ts'
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
import type { Wire } from './wire.ts'

/** A sha256 is shown by its beginning; the whole of it is in the JSON. */
const DIGEST_COLUMNS = 12

interface Located {
  readonly host: HostName
  readonly revision: RevisionFacts
}

/** The revisions of a stage's hosts, newest first: one row for what is the same on several hosts. */
export function formatRevisions(
  listings: readonly HostListing<RevisionFacts>[],
  options: { readonly columns: number; readonly paint: Paint },
): string {
  const located = listings.flatMap(listing =>
    listing.kind === 'read' ? listing.items.map(revision => ({ host: listing.host, revision })) : [],
  )
  const alike = grouped(located, ({ revision: { name, sha256, verdict, stands, why } }) =>
    JSON.stringify([name, sha256, verdict, stands, why]),
  )
  const total = listings.length
  const rows = [...alike.values()]
    .toSorted((a, b) => latest(b) - latest(a))
    .flatMap(group => rowOf(group, total))
  const header = ['revision', 'verdict', 'sha256', 'python', 'made', 'hosts']
  const table = rows.length === 0 ? ['No revisions.'] : tableLines(header, rows, { ...options, indent: '' })
  return [...table, ...unreadLines(listings, options.paint)].join('\n')
}

/** Two hosts may have made the same revision at different times of different clocks; any of them will do to sort. */
const latest = (group: readonly Located[]): number => Math.max(...group.map(({ revision }) => revision.atMs))

function rowOf(group: readonly Located[], total: number): readonly (readonly Cell[])[] {
  const [first] = group
  if (first === undefined) return []
  const { name, sha256, python, atMs } = first.revision
  const hosts = group.length === total && total > 1 ? `all ${total}` : listed(group.map(({ host }) => host))
  return [
    [
      cell(name),
      verdictCell(first.revision),
      cell(sha256.slice(0, DIGEST_COLUMNS), 'dim'),
      cell(python ?? '–'),
      cell(formatMoment(atMs)),
      cell(hosts),
    ],
  ]
}

function verdictCell({ verdict, stands, why }: RevisionFacts): Cell {
  const because = why === undefined ? '' : `: ${printable(why)}`
  if (verdict === 'rejected') return cell(`rejected${because}`, 'red')
  return stands ? cell('verified', 'green') : cell(`does not stand${because}`, 'yellow')
}

/** The same for programs: every host with its own list. See `docs/events.md`. */
export function revisionsAsJson(stage: StageName, listings: readonly HostListing<RevisionFacts>[]): Wire {
  return {
    v: 1,
    stage,
    hosts: Object.fromEntries(listings.map(listing => [listing.host, listingWire(listing)])),
  }
}

function listingWire(listing: HostListing<RevisionFacts>): Wire {
  if (listing.kind === 'unread') return { reachable: false, error: listing.reason, revisions: [] }
  return { reachable: true, revisions: listing.items.map(revisionWire) }
}

function revisionWire({
  name,
  project,
  version,
  sha256,
  verdict,
  stands,
  why,
  python,
  atMs,
}: RevisionFacts): Wire {
  const reasons = { why: why ?? null, python: python ?? null, at: momentOf(atMs) ?? null }
  return { name, project, version, sha256, verdict, stands, ...reasons }
}
