import type { Event } from '../model/event.ts'
import { createEventStream, type EventStream, type Reporter } from '../report/event-stream.ts'
import { createJsonLines } from '../report/json-lines.ts'
import { createPaint, type Paint } from '../report/paint.ts'
import { createPlainLines } from '../report/plain-lines.ts'
import { createRunRecorder, type RunRecorder } from '../report/run-recorder.ts'
import { createStandstillNotice } from '../report/standstill.ts'
import type { CommonFlags } from './flags.ts'
import { type Surroundings, wantsColour } from './surroundings.ts'

/** How a command shows itself. Results go to standard output, everything else to standard error. */
export interface Display {
  readonly events: EventStream
  readonly recorder: RunRecorder
  readonly paint: Paint
  /** Gives the terminal back at once, for a process that leaves without waiting. */
  readonly abandon: () => void
}

type DisplayFlags = CommonFlags & { readonly dryRun?: boolean }

/**
 * One event stream with the projections that fit: JSON lines on standard output with `--json`; a live view in a
 * terminal; plain lines otherwise, and whenever everything that steps print is wanted (`--verbose`). The live view and its
 * renderer are loaded where there is a terminal to show them.
 */
export async function openDisplay(
  around: Surroundings,
  flags: DisplayFlags,
  summedUp: boolean,
): Promise<Display> {
  const events = createEventStream(around.now)
  const recorder = createRunRecorder()
  events.subscribe(recorder)
  events.subscribe(createStandstillNotice(events.emit, around.now))
  const abandon = await subscribeProjection(events, around, flags, summedUp)
  const colour = wantsColour(around.stdout, around.env, flags.color)
  return { events, recorder, paint: createPaint({ colour }), abandon }
}

async function subscribeProjection(
  events: EventStream,
  around: Surroundings,
  flags: DisplayFlags,
  summedUp: boolean,
): Promise<() => void> {
  const { stdout, stderr, env } = around
  if (flags.json === true) {
    const lines = createJsonLines(stdout)
    // The one result of a dry run is the plan; only why there is none is told beside it.
    events.subscribe(flags.dryRun === true ? onlyRefusals(lines) : lines)
    return () => undefined
  }
  const colour = wantsColour(stderr, env, flags.color)
  const plain =
    stderr.isTTY !== true || env['TERM'] === 'dumb' || flags.verbose === true || flags.quiet === true
  if (plain) {
    const detail = flags.quiet === true ? 'quiet' : flags.verbose === true ? 'verbose' : 'normal'
    events.subscribe(createPlainLines({ out: stderr, detail, colour, summedUp }))
    return () => undefined
  }
  const { createLiveView } = await import('../report/live-view.ts')
  const view = createLiveView({ terminal: stderr, clock: around.now, colour })
  const stay = around.beforeSuspend(view.pause)
  events.subscribe({
    handle: view.handle,
    end: async () => {
      await view.end()
      stay()
    },
  })
  return view.abandon
}

function onlyRefusals(reporter: Reporter): Reporter {
  const told = (event: Event) => event.type === 'problem' || event.type === 'run-finished'
  return {
    handle: event => {
      if (told(event)) reporter.handle(event)
    },
    end: reporter.end,
  }
}
