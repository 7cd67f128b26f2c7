import { type Freeze, type Holder, type Link, notUndoneYet, type UndoResult } from '../model/facts.ts'
import { momentOf } from '../model/moment.ts'
import type { HostName } from '../model/names.ts'
import type { HostStatus, MovedLink, StageStatus } from '../model/status.ts'
import { printable } from '../shell/printable.ts'
import { listed } from './cut.ts'
import { formatDuration, formatMoment } from './duration.ts'
import { grouped } from './grouped.ts'
import type { Paint } from './paint.ts'
import { splitLine, splitLines } from './split-lines.ts'
import { type Cell, cell, tableLines } from './text-table.ts'

export interface TableOptions {
  /** The table is cut to this width; what is said under it is not. */
  readonly columns: number
  readonly paint: Paint
  /** To say how long ago something was: the runner's clock. */
  readonly nowMs: number
}

/** How stages stand, for people: a table of hosts for each, and under it what needs somebody's eyes. */
export function formatStatus(statuses: readonly StageStatus[], options: TableOptions): string {
  return statuses.map(status => stageLines(status, options).join('\n')).join('\n\n')
}

type ReadHost = HostStatus & { readonly kind: 'read' }

function stageLines(status: StageStatus, options: TableOptions): readonly string[] {
  const { stage, hosts, split, moreSplits } = status
  const { paint } = options
  const rows = [...hosts].map(([host, one]) => hostRow(host, one, options))
  return [
    `${paint('bold', stage)}  ${verdictOnAll(status, paint)}`,
    ...tableLines(['host', 'live', 'verdict', 'previous', 'lock'], rows, { ...options, indent: '  ' }),
    ...(split === undefined ? [] : splitLines(stage, split, paint)),
    ...moreSplits.map(another => splitLine(another, 'is split too', paint)),
    ...(moreSplits.length === 0
      ? []
      : [`    ${paint('dim', '→')} the same command, run again, mends the next`]),
    ...frozenLines(status, options),
    ...noteLines(status, options),
  ]
}

function verdictOnAll({ uniform, split, hosts }: StageStatus, paint: Paint): string {
  if (split !== undefined) return paint('red', 'split')
  if (uniform) return paint('green', 'uniform')
  const all = [...hosts.values()]
  if (all.some(host => host.kind === 'unread')) return paint('yellow', 'not all hosts could be read')
  const bare = all.every(host => host.kind === 'read' && host.link.kind === 'absent')
  return bare ? paint('dim', 'never switched') : paint('yellow', 'hosts differ')
}

function hostRow(host: HostName, status: HostStatus, { nowMs }: TableOptions): readonly Cell[] {
  if (status.kind === 'unread') {
    return [cell(host, 'red'), cell('not read', 'red'), cell('–'), cell('–'), cell('–')]
  }
  const { live, previous } = status
  return [
    cell(host),
    cell(live ?? linkText(status.link)),
    verdictCell(status),
    cell(previous ?? 'none'),
    lockCell(status, nowMs),
  ]
}

function lockCell({ lock, frozen }: ReadHost, nowMs: number): Cell {
  if (lock !== undefined) return cell(`${printable(lock.by)}, ${age(lock.sinceMs, nowMs)}`, 'yellow')
  return frozen === undefined ? cell('free') : cell('frozen', 'yellow')
}

function verdictCell({ live, revisions }: ReadHost): Cell {
  const facts = revisions.find(revision => revision.name === live)
  if (facts === undefined) return cell('–')
  if (facts.verdict === 'rejected') return cell('rejected', 'red')
  return facts.stands ? cell('verified', 'green') : cell('does not stand', 'red')
}

function linkText(link: Link): string {
  switch (link.kind) {
    case 'absent':
      return 'none'
    case 'directory':
      return 'a directory'
    case 'other':
      return 'not a link'
    case 'link':
      return `→ ${printable(link.text)}`
  }
}

/** Who froze the stage, and how that ends: one line for all hosts for which it is the same. */
function frozenLines({ stage, hosts }: StageStatus, { paint, nowMs }: TableOptions): readonly string[] {
  const frozen = [...hosts].flatMap(([host, status]) =>
    status.kind === 'read' && status.frozen !== undefined
      ? [{ host, text: frozenText(status.frozen, nowMs) }]
      : [],
  )
  if (frozen.length === 0) return []
  const lines = [...grouped(frozen, ({ text }) => text)].map(([text, group]) => {
    const all = group.length === hosts.size
    const where = all
      ? ''
      : `${listed(
          group.map(({ host }) => host),
          8,
        )}: `
    return `  ${paint('yellow', '!')} ${where}${text}`
  })
  return [...lines, `    ${paint('dim', '→')} deploy unlock ${stage}`]
}

function frozenText({ by, from, sinceMs, reason }: Freeze, nowMs: number): string {
  return `frozen by ${printable(by)} on ${printable(from)} ${sinceText(sinceMs, nowMs)}: ${printable(reason)}`
}

function unreadNote({ reason, hint }: HostStatus & { readonly kind: 'unread' }, paint: Paint): string {
  const advice =
    hint === undefined ? [] : hint.split('\n').map(line => `${paint('dim', '→')} ${printable(line)}`)
  return [...reason.split('\n').map(line => printable(line)), ...advice].join('\n')
}

/** What is worth a sentence; hosts for which it is the same one share it. */
function noteLines({ hosts, split, moreSplits }: StageStatus, options: TableOptions): readonly string[] {
  const told = [...(split === undefined ? [] : [split]), ...moreSplits].map(({ id }) => id)
  const notes = [...hosts].flatMap(([host, status]) =>
    notesOf(status, told, options).map(note => ({ host, note })),
  )
  return [...grouped(notes, ({ note }) => note)].flatMap(([note, group]) => {
    const names = listed(
      group.map(({ host }) => host),
      8,
    )
    const [first = '', ...more] = note.split('\n')
    return [`  ${options.paint('yellow', '!')} ${names}: ${first}`, ...more.map(line => `    ${line}`)]
  })
}

function notesOf(
  status: HostStatus,
  told: readonly string[],
  { nowMs, paint }: TableOptions,
): readonly string[] {
  if (status.kind === 'unread') return [unreadNote(status, paint)]
  const open = status.open.filter(id => !told.includes(id))
  const undone = status.undo.filter(undo => !undo.ok)
  const live = status.revisions.find(revision => revision.name === status.live)
  return [
    ...(status.lock === undefined ? [] : [lockText(status.lock, nowMs)]),
    ...open.map(id => (status.lock === undefined ? openText(id) : `the switch ${id} is in progress`)),
    ...(status.putBackFailed === undefined ? [] : [failedText(status.putBackFailed)]),
    ...undone.map(result => undoNote(result, status.lock !== undefined)),
    ...(status.link.kind === 'link' && status.link.dangling ? ['the link names nothing that is there'] : []),
    ...(status.moved === undefined ? [] : [movedNote(status.moved, told.length > 0, paint)]),
    ...(live === undefined || live.stands ? [] : [printable(live.why ?? `${live.name} does not stand`)]),
  ]
}

function undoNote({ of, reason }: UndoResult, inProgress: boolean): string {
  if (reason !== notUndoneYet)
    return `the undo of ${printable(of)} failed: ${printable(reason ?? 'no reason given')}`
  return `${printable(of)} is not undone${inProgress ? ' yet' : ': the remote end died before that'}`
}

/** What is split comes first: until that is mended no rollback goes through. */
function movedNote({ recorded, hint }: MovedLink, isSplit: boolean, paint: Paint): string {
  const text = `the link was moved by hand: its journal has ${printable(recorded ?? 'no link')}`
  return isSplit ? text : `${text}\n${paint('dim', '→')} ${printable(hint)}`
}

const failedText = (reason: string): string => `the link could not be put back: ${printable(reason)}`

const openText = (id: string): string => `the switch ${id} was never kept: the next run puts it back first`

function lockText({ by, from, pid, command, sinceMs, run }: Holder, nowMs: number): string {
  if (momentOf(sinceMs) === undefined) return 'locked by a run that did not say who it is'
  const who = `${printable(by)} on ${printable(from)} (pid ${pid})`
  return `locked by ${who} ${sinceText(sinceMs, nowMs)}: ${printable(command)} (run ${printable(run)})`
}

const sinceText = (sinceMs: number, nowMs: number): string =>
  momentOf(sinceMs) === undefined
    ? 'since an unknown time'
    : `since ${formatMoment(sinceMs)}, ${age(sinceMs, nowMs)}`

/** Nobody knows how long ago a damaged record was written. */
const age = (sinceMs: number, nowMs: number): string =>
  momentOf(sinceMs) === undefined ? 'unknown' : `${formatDuration(Math.max(0, nowMs - sinceMs))} ago`
