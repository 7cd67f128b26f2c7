import type { HostResult } from '../model/event.ts'
import type { HostName, RevisionName } from '../model/names.ts'
import { type ExitCode, exitCodes } from '../model/outcome.ts'
import { printable } from '../shell/printable.ts'
import { adviceFor } from './advice.ts'
import { closingLines } from './closing.ts'
import { listed } from './cut.ts'
import { grouped } from './grouped.ts'
import { outcomeStyle, outcomeText } from './outcome-text.ts'
import { outputText } from './output-text.ts'
import type { Paint } from './paint.ts'
import { problemLines } from './problems.ts'
import type { Failure, RunFinished, RunRecord } from './run-recorder.ts'
import { type Cell, cell, tableLines } from './text-table.ts'

/** More hosts of one and the same failure are counted; the table names them all. */
const MOST_HOSTS = 10

/** Nothing was done on any host: a table of it would only hide why. */
const untouched: ReadonlySet<ExitCode> = new Set([exitCodes.usage, exitCodes.refused, exitCodes.locked])

/** How a summary is laid out, and what it cannot know from the events. */
export interface SummaryOptions {
  /** The table is cut to this width; sentences and output are not. */
  readonly columns: number
  readonly paint: Paint
  /** Undefined: no log was written. */
  readonly logPath: string | undefined
  /** What was live when the plan was made. A host that is missing is taken from the events, as far as they tell. */
  readonly was: ReadonlyMap<HostName, RevisionName | undefined>
}

/**
 * What is shown when a run is over: how every host stands, read back from it, then every error once more, so that
 * none has to be searched for, then one sentence that says how it ended, and where the log is.
 */
export function formatSummary(record: RunRecord, options: SummaryOptions): string {
  const { finished } = record
  const errors = record.problems.filter(problem => problem.severity === 'error')
  const sections = [
    finished === undefined || untouched.has(finished.exit) ? [] : hostTable(record, finished, options),
    errors.length === 0 ? [] : problemLines(errors, options.paint),
    ...failuresAlike(record.failures).map(group => failureLines(group, record, options)),
    finished === undefined ? [] : silentFailures(record, finished, options),
    lastLines(record, options),
  ]
  return sections
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')
}

function hostTable(record: RunRecord, finished: RunFinished, options: SummaryOptions): readonly string[] {
  const rows = Object.entries(finished.hosts).map(([host, result]) => [
    cell(host),
    cell(revisionText(before(host, result, record, options))),
    nowCell(result),
    outcomeCell(host, result, record, finished.exit),
  ])
  if (rows.length === 0) return []
  return tableLines(['host', 'was', 'is now', 'outcome'], rows, { ...options, indent: '' })
}

/** In a run that failed, a host that did not fail itself says what became of the switch there. */
function outcomeCell(
  host: HostName,
  { outcome }: HostResult,
  { started, putBack }: RunRecord,
  exit: ExitCode,
): Cell {
  if (exit === exitCodes.done || outcome.kind === 'failed' || outcome.kind === 'unknown')
    return cell(outcomeText(outcome), outcomeStyle(outcome))
  if (outcome.kind === 'ok') return cell('switched', 'yellow')
  if (putBack.has(host)) return cell('put back', 'yellow')
  return cell(started?.intent === 'prepare' ? 'stopped' : 'not switched', 'yellow')
}

function before(
  host: HostName,
  result: HostResult,
  { switchedFrom }: RunRecord,
  { was }: SummaryOptions,
): RevisionName | undefined {
  if (was.has(host)) return was.get(host)
  return switchedFrom.has(host) ? switchedFrom.get(host) : result.live
}

function nowCell({ live, readBack }: HostResult): Cell {
  return readBack ? cell(revisionText(live)) : cell(`unknown (last known: ${revisionText(live)})`, 'red')
}

const revisionText = (revision: RevisionName | undefined): string => revision ?? 'none'

/** A fault of a whole fleet is one block with all its hosts; where anything differs, each host has its own. */
function failuresAlike(failures: readonly Failure[]): readonly (readonly Failure[])[] {
  return [...grouped(failures, ({ host: _, ...rest }) => JSON.stringify(rest)).values()]
}

function failureLines(
  group: readonly Failure[],
  { started, finished, rejected }: RunRecord,
  { paint }: SummaryOptions,
): readonly string[] {
  const [failure] = group
  if (failure === undefined) return []
  const hosts = listed(
    group.map(({ host }) => host),
    MOST_HOSTS,
  )
  const where = failure.phase === undefined ? hosts : `${hosts}, ${failure.phase}`
  const advice =
    started === undefined ? [] : adviceFor(failure, { ...started, exit: finished?.exit, rejected })
  return [
    `${paint('red', '✖')} ${paint('bold', where)}: ${printable(failure.title)}: ${outcomeText(failure.outcome)}`,
    ...failure.tail.map(line => `  ${paint('dim', '|')} ${outputText(line)}`),
    ...advice.map(line => `  ${paint('dim', '→')} ${line}`),
  ]
}

/** Hosts whose end no step tells of: a lost connection, a link that could not be put back. The table may cut why. */
function silentFailures(
  { failures }: RunRecord,
  { hosts }: RunFinished,
  { paint }: SummaryOptions,
): readonly string[] {
  const said = new Set(failures.map(({ host, outcome }) => `${host} ${outcome.reason}`))
  const silent = Object.entries(hosts).filter(
    ([host, { outcome }]) =>
      (outcome.kind === 'failed' || outcome.kind === 'unknown') && !said.has(`${host} ${outcome.reason}`),
  )
  return [...grouped(silent, ([, { outcome }]) => outcomeText(outcome))].map(([text, group]) => {
    const names = listed(
      group.map(([host]) => host),
      MOST_HOSTS,
    )
    return `${paint('red', '✖')} ${paint('bold', names)}: ${text}`
  })
}

function lastLines(record: RunRecord, { paint, logPath }: SummaryOptions): readonly string[] {
  const [first = '', ...more] = closingLines(record)
  const log = logPath === undefined ? [] : [paint('dim', `Log: ${logPath}`)]
  const style = record.finished?.exit === exitCodes.done ? 'green' : 'bold'
  return [paint(style, first), ...more, ...log]
}
