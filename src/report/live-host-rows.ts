import type { HostName } from '../model/names.ts'
import { printable } from '../shell/printable.ts'
import { cut, fill, widthOf } from './cut.ts'
import { formatDuration } from './duration.ts'
import type { Scene } from './live-scene.ts'
import type { HostActivity, LiveState } from './live-state.ts'
import { outcomeText } from './outcome-text.ts'
import { outputText } from './output-text.ts'
import type { Style } from './paint.ts'

type Condition = 'failed' | 'running' | 'cancelled' | 'waiting' | 'done'

interface Entry {
  readonly host: HostName
  readonly condition: Condition
  readonly activity: HostActivity | undefined
}

/** Worst first: what a person must see when there is not room for all. */
const worstFirst: readonly Condition[] = ['failed', 'running', 'cancelled', 'waiting', 'done']

const INDENT = '    '
const GAP = '  '
/** `59 min 59 s`. */
const TIME_COLUMNS = 11
/** A bar of ten blocks, a gap and `100 %`. */
const BAR_BLOCKS = 10
const BAR_COLUMNS = BAR_BLOCKS + 6
/** Below this much room between name and time, a row shows its title and nothing beside it. */
const ROOM_FOR_DETAIL = 44
/** The share of that room that titles may take when there is something beside them. */
const TITLE_SHARE = 0.5
/** The share of a line that names of hosts may take. */
const HOST_SHARE = 0.3

/** The hosts of the phase that started last, in its order, then others that did something since. */
export function activeHosts(state: LiveState): readonly HostName[] {
  const phase = state.current === undefined ? undefined : state.phases.get(state.current)
  return [...new Set([...(phase?.hosts ?? []), ...state.hosts.keys()])]
}

/**
 * One row for each host, in the order of the phase. Where they do not fit, the worst are shown (failed, then those
 * that run longest) and the rest is counted in the last row.
 */
export function hostRows(scene: Scene, most: number): readonly string[] {
  const entries = activeHosts(scene.state).map(host => entryOf(host, scene.state.hosts.get(host)))
  if (entries.length === 0 || most <= 0) return []
  const shown = entries.length <= most ? entries : worst(entries, most - 1)
  const row = rowLayout(scene, shown)
  const rest = entries.filter(entry => !shown.includes(entry))
  return [...shown.map(row), ...(rest.length === 0 ? [] : [restLine(scene, rest)])]
}

function entryOf(host: HostName, activity: HostActivity | undefined): Entry {
  if (activity === undefined) return { host, activity, condition: 'waiting' }
  if (activity.ended === undefined)
    return { host, activity, condition: activity.waitsFor === undefined ? 'running' : 'waiting' }
  switch (activity.ended.outcome.kind) {
    case 'ok':
      return { host, activity, condition: 'done' }
    case 'failed':
    case 'unknown':
      return { host, activity, condition: 'failed' }
    case 'cancelled':
      return { host, activity, condition: 'cancelled' }
  }
}

function worst(entries: readonly Entry[], most: number): readonly Entry[] {
  const byUrgency = entries.toSorted(
    (a, b) =>
      worstFirst.indexOf(a.condition) - worstFirst.indexOf(b.condition) ||
      (a.activity?.startedMs ?? 0) - (b.activity?.startedMs ?? 0),
  )
  const chosen = new Set(byUrgency.slice(0, most))
  return entries.filter(entry => chosen.has(entry))
}

function restLine({ paint, columns }: Scene, rest: readonly Entry[]): string {
  const counts = worstFirst
    .map(condition => ({ condition, count: rest.filter(entry => entry.condition === condition).length }))
    .filter(({ count }) => count > 0)
    .map(({ condition, count }) => `${count} ${condition}`)
  return paint('dim', cut(`${INDENT}… ${rest.length} more: ${counts.join(', ')}`, columns))
}

/** Columns are shared by all rows of a frame, so that they line up. */
function rowLayout(scene: Scene, entries: readonly Entry[]): (entry: Entry) => string {
  const { columns, paint } = scene
  const names = Math.max(0, ...entries.map(({ host }) => widthOf(host)))
  const hostColumns = Math.min(names, Math.floor(columns * HOST_SHARE))
  const timeColumns = Math.min(
    TIME_COLUMNS,
    Math.max(0, ...entries.map(entry => timeOf(scene, entry).length)),
  )
  const room = Math.max(0, columns - INDENT.length - hostColumns - timeColumns - 2 * GAP.length)
  const longest = Math.max(0, ...entries.map(({ activity }) => widthOf(activity?.title ?? '')))
  const titleColumns =
    room < ROOM_FOR_DETAIL ? room : Math.min(longest, Math.floor(room * TITLE_SHARE), room - BAR_COLUMNS)
  return entry => {
    const name = paint(styleOf(entry.condition), fill(entry.host, hostColumns))
    const time = paint('dim', fill(timeOf(scene, entry), timeColumns, 'right'))
    return `${INDENT}${name}${GAP}${middle(scene, entry, room, titleColumns)}${GAP}${time}`
  }
}

function middle({ paint }: Scene, entry: Entry, room: number, titleColumns: number): string {
  const { activity, condition } = entry
  if (activity === undefined) return paint('dim', fill('waiting', room))
  const title = printable(activity.title).replaceAll('\t', ' ')
  if (condition === 'failed' && activity.ended !== undefined) {
    return paint('red', fill(`${title}: ${outcomeText(activity.ended.outcome)}`, room))
  }
  if (condition === 'waiting') return paint('dim', fill(`waiting for ${activity.waitsFor}`, room))
  if (condition === 'done' || condition === 'cancelled') {
    // What happened at one moment, such as a switch, says itself that it is over.
    const atOnce = activity.ended?.durationMs === undefined
    const said = condition === 'cancelled' ? 'stopped' : 'done'
    return paint('dim', fill(atOnce ? title : `${said}: ${title}`, room))
  }
  const beside = room - titleColumns - GAP.length
  if (room < ROOM_FOR_DETAIL) return narrowMiddle(title, activity, room)
  const { progress, lastLine } = activity
  const detail = progress === undefined ? besideLine(lastLine) : bar(progress)
  return `${fill(title, titleColumns)}${GAP}${paint('dim', fill(detail, beside))}`
}

function narrowMiddle(title: string, { progress }: HostActivity, room: number): string {
  if (progress === undefined) return fill(title, room)
  const share = percent(progress)
  return `${fill(title, Math.max(0, room - share.length - 1))} ${cut(share, room)}`
}

const besideLine = (line: string | undefined): string =>
  line === undefined ? '' : outputText(line).replaceAll('\t', ' ').trim()

function bar(progress: { readonly done: number; readonly total: number }): string {
  const blocks = Math.round(shareOf(progress) * BAR_BLOCKS)
  return `${'█'.repeat(blocks)}${'░'.repeat(BAR_BLOCKS - blocks)} ${percent(progress)}`
}

const percent = (progress: { readonly done: number; readonly total: number }): string =>
  `${String(Math.floor(shareOf(progress) * 100)).padStart(3)} %`

/** Between 0 and 1; nothing to do counts as all done. */
const shareOf = ({ done, total }: { readonly done: number; readonly total: number }): number =>
  total <= 0 ? 1 : Math.min(1, Math.max(0, done / total))

function timeOf({ nowMs }: Scene, { activity }: Entry): string {
  if (activity === undefined) return ''
  if (activity.ended === undefined) return formatDuration(nowMs - activity.startedMs)
  return activity.ended.durationMs === undefined ? '' : formatDuration(activity.ended.durationMs)
}

function styleOf(condition: Condition): Style {
  switch (condition) {
    case 'failed':
      return 'red'
    case 'running':
      return 'bold'
    case 'cancelled':
      return 'yellow'
    case 'waiting':
    case 'done':
      return 'plain'
  }
}
