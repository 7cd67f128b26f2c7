import { Listr, type ListrTask, ListrTaskState } from 'listr2'
import type { Event } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import { printable } from '../shell/printable.ts'
import type { Reporter } from './event-stream.ts'
import { createProblemGatherer } from './gathered-problems.ts'
import { createLiveModel, type LiveModel, type StretchName, stretchNames } from './live-model.ts'
import { liveLines } from './live-rows.ts'
import type { PhaseState, Stretch } from './live-scene.ts'
import { createPaint } from './paint.ts'
import { problemLines } from './problems.ts'
import { createTerminalFrame, type Terminal } from './terminal-frame.ts'

/** Ten frames a second are smooth to look at; events in between cost no more than being collected. */
const FRAME_MS = 100

/** The view of a run in a terminal. */
export interface LiveView extends Reporter {
  /**
   * Stops drawing and gives the terminal back, at once and synchronously: for a process that is about to exit
   * without waiting for `end`. Harmless at any time.
   */
  readonly abandon: () => void
  /** Gives the terminal back until the next frame: for a process that is about to be stopped, and may go on later. */
  readonly pause: () => void
}

/**
 * Shows a run while it goes on: its phases as tasks of listr2, and a row for each host under the running one.
 *
 * listr2 runs the tasks and keeps their states. Its own renderer saturates a core at 50 hosts, because it draws on
 * every event, so ours draws from the state ten times a second. Its signal handler is off: it would end the process
 * in the middle of a put-back.
 */
export function createLiveView(options: {
  readonly terminal: Terminal
  /** The clock of the events: milliseconds since the epoch. */
  readonly clock: () => number
  readonly colour: boolean
}): LiveView {
  const frame = createTerminalFrame(options.terminal)
  const paint = createPaint(options)
  const model = createLiveModel()
  const gather = createProblemGatherer()
  let running: Promise<unknown> | undefined
  let abandoned = false

  const draw = (tasks: readonly StretchTask[], final: boolean): void => {
    if (abandoned) return
    const state = model.state()
    const scene = { stretches: stretchesOf(tasks, model), state, ...frame.size(), paint, final }
    frame.draw(liveLines({ ...scene, nowMs: options.clock(), beganMs: model.beganMs() }))
  }
  const warningLines = (gathered: readonly Problem[]): readonly string[] =>
    problemLines(
      gathered.filter(({ severity }) => severity === 'warning'),
      paint,
    )
  const printAbove = (lines: readonly string[]): void => {
    if (lines.length > 0 && !abandoned) frame.printAbove(lines)
  }
  const abandon = (): void => {
    abandoned = true
    frame.release()
  }

  return {
    handle: event => {
      running ??= runStretches(model, draw)
      model.handle(event)
      printAbove([...warningLines(gather.before(event)), ...linesToKeep(event)])
    },
    end: async () => {
      printAbove(warningLines(gather.rest()))
      model.close()
      await running
      abandon()
    },
    abandon,
    pause: frame.release,
  }
}

/** What is read of a task of listr2. */
interface StretchTask {
  readonly state: ListrTaskState
}
type Draw = (tasks: readonly StretchTask[], final: boolean) => void

/** A renderer as listr2 wants one: a class that is made with the tasks, told to begin, and told to end. */
class FrameRenderer {
  /** The stream is a parameter of ours: listr2 must not look whether standard output is a terminal. */
  static readonly nonTTY = true
  static readonly rendererOptions: { readonly draw: Draw }
  static readonly rendererTaskOptions: Record<string, never>

  readonly #tasks: readonly StretchTask[]
  readonly #draw: Draw
  #timer: NodeJS.Timeout | undefined

  constructor(tasks: readonly StretchTask[], options: { readonly draw: Draw }) {
    this.#tasks = tasks
    this.#draw = options.draw
  }

  render(): void {
    this.#draw(this.#tasks, false)
    // A view must not keep the process alive.
    this.#timer = setInterval(() => this.#draw(this.#tasks, false), FRAME_MS).unref()
  }

  end(): void {
    clearInterval(this.#timer)
    this.#draw(this.#tasks, true)
  }
}

async function runStretches(model: LiveModel, draw: Draw): Promise<void> {
  const list = new Listr(
    stretchNames.map(name => taskOf(name, model)),
    {
      renderer: FrameRenderer,
      rendererOptions: { draw },
      exitOnError: false,
      registerSignalListeners: false,
    },
  )
  await list.run()
}

function taskOf(name: StretchName, model: LiveModel): ListrTask<unknown, typeof FrameRenderer> {
  return {
    title: name,
    task: async (_context, task) => {
      const end = await model.ended(name)
      if (end === 'passed-over') task.skip()
      if (end === 'failed') throw new Error(`${name} failed`)
    },
  }
}

/** Stretches to show, in the words of our frame. */
function stretchesOf(tasks: readonly StretchTask[], model: LiveModel): readonly Stretch[] {
  const begun = (name: StretchName) => name === 'connect' || model.state().phases.has(name)
  const lastBegun = stretchNames.findLastIndex(begun)
  return stretchNames.flatMap((name, index) => {
    const task = tasks[index]
    if (task === undefined || !(model.expects(name) || begun(name))) return []
    // What never began is skipped if the run went past it, and otherwise still to come.
    if (!begun(name)) return [{ name, state: index < lastBegun ? 'skipped' : 'waiting' } as const]
    const phase = name === 'connect' ? undefined : model.state().phases.get(name)
    if (phase?.stopped === true && phase.failedOn.length === 0 && phase.durationMs !== undefined)
      return [{ name, state: 'warned' } as const]
    return [{ name, state: stateOf(name, task, (phase?.failedOn.length ?? 0) > 0) }]
  })
}

/** A phase of which it turns out only afterwards that a host failed in it is a failed one, whatever its task says. */
function stateOf(name: StretchName, task: StretchTask, failed: boolean): PhaseState {
  const bad = name === 'prune' ? 'warned' : 'failed'
  switch (task.state) {
    case ListrTaskState.COMPLETED:
      return failed ? bad : 'done'
    case ListrTaskState.FAILED:
      return bad
    case ListrTaskState.SKIPPED:
      return 'skipped'
    default:
      return 'running'
  }
}

/** What is said once and must not be drawn over. Errors are not among it: the summary says them all, last. */
function linesToKeep(event: Event): readonly string[] {
  if (event.type !== 'notice') return []
  return [`${event.host === undefined ? '' : `[${event.host}] `}${printable(event.message)}`]
}
