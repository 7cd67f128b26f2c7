import { builtBy } from '../model/builder.ts'
import type { Drift, HostCheck, Mend, StageCheck } from '../model/check.ts'
import type { HostName } from '../model/names.ts'
import { printable } from '../shell/printable.ts'
import { counted, listed } from './cut.ts'
import { grouped } from './grouped.ts'
import type { Paint } from './paint.ts'
import { splitLines } from './split-lines.ts'
import { type Cell, cell, tableLines } from './text-table.ts'

interface Located {
  readonly host: HostName
  readonly drift: Drift
}

/** Fields and paths are what somebody came for: a terminal may break a line, it must not lose the end of it. */
const UNCUT = Number.MAX_SAFE_INTEGER

/**
 * Expected against actual, for people: what differs, one row for what differs alike on several hosts, each with what mends it;
 * or one line that all is as expected.
 */
export function formatCheck(checks: readonly StageCheck[], paint: Paint): string {
  return checks.map(check => stageLines(check, paint).join('\n')).join('\n\n')
}

function stageLines({ stage, split, hosts }: StageCheck, paint: Paint): readonly string[] {
  const located = [...hosts].flatMap(([host, check]) =>
    check.kind === 'read' ? check.drift.map(drift => ({ host, drift })) : [],
  )
  const rows = [...grouped(located, ({ drift }) => JSON.stringify(drift)).values()]
  return [
    `${paint('bold', stage)}  ${verdictOnAll({ stage, split, hosts }, paint)}`,
    ...(split === undefined ? [] : splitLines(stage, split, paint)),
    ...builderLines(hosts, paint),
    ...rowLines(rows, hosts.size, paint),
    ...[...hosts].flatMap(([host, check]) => unreadLines(host, check, paint)),
  ]
}

function verdictOnAll({ split, hosts }: StageCheck, paint: Paint): string {
  if (split !== undefined) return paint('red', 'split')
  const all = [...hosts.values()]
  const unread = all.filter(({ kind }) => kind === 'unread').length
  const differ = all.filter(hasDrift).length
  if (unread + differ === 0) return paint('green', `as expected: ${summary(all)}`)
  const said = [
    ...(differ === 0 ? [] : [`${differ} of ${counted(all.length, 'host')} not as expected`]),
    ...(unread === 0 ? [] : [`${counted(unread, 'host')} not read`]),
  ]
  return paint('red', said.join(', '))
}

const hasDrift = (check: HostCheck): boolean =>
  check.kind === 'read' && check.drift.some(({ severity }) => severity === 'drift')

/** What was found to be so: which revisions are live on how many hosts. */
function summary(all: readonly HostCheck[]): string {
  const lives = grouped(all, check => (check.kind === 'read' ? check.live : undefined) ?? 'nothing live')
  return [...lives].map(([live, group]) => `${live} on ${counted(group.length, 'host')}`).join(', ')
}

/** Who built what the hosts have installed; nothing where each host built for itself alone. */
function builderLines(hosts: StageCheck['hosts'], paint: Paint): readonly string[] {
  const built = [...hosts].flatMap(([host, check]) =>
    check.kind === 'read'
      ? check.builders.map(builder => ({
          host,
          what: `${builder.share} of ${check.live ?? 'nothing'}`,
          by: builtBy(builder),
        }))
      : [],
  )
  return [...grouped(built, ({ what, by }) => `${what} ${by}`).values()].flatMap(group => {
    const [first] = group
    if (first === undefined) return []
    const on = listed(group.map(({ host }) => host))
    return [`  ${paint('dim', printable(`${first.what} on ${on}: ${first.by}`))}`]
  })
}

function rowLines(rows: readonly (readonly Located[])[], hosts: number, paint: Paint): readonly string[] {
  const cells = rows.flatMap(group => rowOf(group, hosts))
  if (cells.length === 0) return []
  const [header = '', ...lines] = tableLines(['host', 'field', 'expected', 'actual'], cells, {
    columns: UNCUT,
    indent: '  ',
    paint,
  })
  return [header, ...lines.flatMap((line, index) => [line, ...mendLines(rows[index] ?? [], paint)])]
}

function rowOf(group: readonly Located[], hosts: number): readonly (readonly Cell[])[] {
  const [first] = group
  if (first === undefined) return []
  const { field, expected, actual, severity, recipe } = first.drift
  const origin = recipe === undefined ? '' : ` (${recipe})`
  return [
    [
      cell(group.length === hosts && hosts > 1 ? `all ${hosts}` : listed(namesOf(group))),
      cell(printable(field) + origin),
      cell(printable(expected)),
      cell(printable(actual), severity === 'drift' ? 'red' : 'yellow'),
    ],
  ]
}

function mendLines(group: readonly Located[], paint: Paint): readonly string[] {
  const [first] = group
  if (first === undefined) return []
  return [`    ${paint('dim', '→')} ${mendText(first.drift.mend, listed(namesOf(group)))}`]
}

function mendText(mend: Mend, hosts: string): string {
  if (mend.kind === 'advice') return printable(mend.text)
  switch (mend.on) {
    case 'runner':
      return printable(mend.command)
    case 'host':
      return `on ${hosts}: ${printable(mend.command)}`
    case 'host as root':
      return `on ${hosts}, as root: ${printable(mend.command)}`
  }
}

const namesOf = (group: readonly Located[]): readonly HostName[] => group.map(({ host }) => host)

function unreadLines(host: HostName, check: HostCheck, paint: Paint): readonly string[] {
  if (check.kind === 'read') return []
  const [first = '', ...more] = check.reason.split('\n').map(line => printable(line))
  const hint = check.hint === undefined ? [] : check.hint.split('\n').map(line => `→ ${printable(line)}`)
  return [
    `  ${paint('red', '✖')} ${host} could not be read: ${first}`,
    ...[...more, ...hint].map(line => `    ${line}`),
  ]
}
