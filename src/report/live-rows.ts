import { counted, cut, fill, listed } from './cut.ts'
import { formatDuration } from './duration.ts'
import { activeHosts, hostRows } from './live-host-rows.ts'
import type { PhaseState, Scene, Stretch } from './live-scene.ts'
import type { Style } from './paint.ts'

/** Braille patterns, one for each frame of a tenth of a second: a single character changes. */
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const SPINNER_STEP_MS = 100
/** `activate`, the longest name of a phase. */
const NAME_COLUMNS = 8
/** Phases give way when hosts would have fewer rows than this. */
const LEAST_HOST_ROWS = 4

/**
 * The lines of one frame: what the run is about, its phases, and under the running one a row for each host. No line
 * is longer than the terminal is wide, and there are fewer lines than it is high, so that nothing scrolls away.
 */
export function liveLines(scene: Scene): readonly string[] {
  const linesOf = (wanted: PhaseState) =>
    scene.stretches.filter(({ state }) => state === wanted).map(stretch => phaseLine(scene, stretch))
  const head = headLines(scene)
  const before = pastLines(scene)
  if (scene.final) return [...head, ...before]
  const now = linesOf('running')
  const after = linesOf('waiting')
  // One row stays free: a line feed on the last row would scroll the first line out of reach.
  const free = scene.rows - 1
  const all = activeHosts(scene.state).length
  const some = Math.min(all, LEAST_HOST_ROWS)
  const layouts = [
    { above: [...head, ...before, ...now], below: after, forHosts: all },
    { above: [...head, ...before, ...now], below: comingLine(scene), forHosts: some },
    { above: [...head, ...before.slice(-1), ...now], below: [], forHosts: some },
  ]
  const fitting = layouts.find(({ above, below, forHosts }) => above.length + below.length + forHosts <= free)
  const { above, below } = fitting ?? { above: now, below: [] }
  const hosts = hostRows(scene, free - above.length - below.length)
  return [...above, ...hosts, ...below].slice(0, Math.max(1, free))
}

function headLines({ state, paint, columns }: Scene): readonly string[] {
  return state.headline === undefined ? [] : [paint('bold', cut(state.headline, columns))]
}

/** What is over; phases that were skipped one after the other share a line. */
function pastLines(scene: Scene): readonly string[] {
  const past = scene.stretches.filter(({ state }) => state !== 'waiting' && state !== 'running')
  return past.flatMap((stretch, index) => {
    if (stretch.state !== 'skipped') return [phaseLine(scene, stretch)]
    if (past[index - 1]?.state === 'skipped') return []
    const end = past.findIndex(({ state }, later) => later > index && state !== 'skipped')
    const names = past.slice(index, end === -1 ? undefined : end).map(({ name }) => name)
    const { symbol } = lookOf('skipped', scene.nowMs)
    return [
      scene.paint(
        'dim',
        cut(`${symbol} ${names.join(', ').padEnd(NAME_COLUMNS)}  nothing to do`, scene.columns),
      ),
    ]
  })
}

/** All coming phases in one line, for where there are more hosts than rows. */
function comingLine({ stretches, paint, columns }: Scene): readonly string[] {
  const names = stretches.filter(({ state }) => state === 'waiting').map(({ name }) => name)
  return names.length === 0 ? [] : [paint('dim', cut(`· ${names.join(', ')}`, columns))]
}

function phaseLine(scene: Scene, { name, state }: Stretch): string {
  const { paint, columns } = scene
  const { symbol, style } = lookOf(state, scene.nowMs)
  const text = cut(`${fill(name, NAME_COLUMNS)}  ${detail(scene, name, state)}`.trimEnd(), columns - 2)
  return `${paint(style, symbol)} ${state === 'waiting' ? paint('dim', text) : text}`
}

function lookOf(state: PhaseState, nowMs: number): { readonly symbol: string; readonly style: Style } {
  switch (state) {
    case 'waiting':
      return { symbol: '·', style: 'dim' }
    case 'running':
      return { symbol: SPINNER[Math.floor(nowMs / SPINNER_STEP_MS) % SPINNER.length] ?? '·', style: 'cyan' }
    case 'done':
      return { symbol: '✔', style: 'green' }
    case 'failed':
      return { symbol: '✖', style: 'red' }
    case 'warned':
      return { symbol: '!', style: 'yellow' }
    case 'skipped':
      return { symbol: '–', style: 'dim' }
  }
}

function detail(scene: Scene, name: Stretch['name'], state: PhaseState): string {
  if (state === 'waiting') return ''
  if (name === 'connect') return connectDetail(scene)
  const activity = scene.state.phases.get(name)
  if (activity === undefined) return ''
  const time = formatDuration(activity.durationMs ?? scene.nowMs - activity.startedMs)
  if (activity.failedOn.length > 0) return `${time}, failed on ${listed(activity.failedOn)}`
  return activity.stopped && activity.durationMs !== undefined ? `${time}, stopped` : time
}

function connectDetail({ state, nowMs, beganMs }: Scene): string {
  const first = Math.min(nowMs, ...[...state.phases.values()].map(phase => phase.startedMs))
  const reached = `${formatDuration(first - beganMs)}, ${counted(state.connected.size, 'host')}`
  return state.missing.size === 0 ? reached : `${reached}, not ${listed([...state.missing])}`
}
