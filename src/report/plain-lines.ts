import type { Writable } from 'node:stream'
import type { Event } from '../model/event.ts'
import type { HostName, PhaseName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import { printable } from '../shell/printable.ts'
import { counted } from './cut.ts'
import { formatDuration } from './duration.ts'
import type { Reporter } from './event-stream.ts'
import { createProblemGatherer } from './gathered-problems.ts'
import { headline } from './headline.ts'
import { createLineWriter, outputLeftOut } from './line-writer.ts'
import { outcomeStyle, outcomeText } from './outcome-text.ts'
import { createOutputTails, type OutputTails } from './output-tails.ts'
import { outputText } from './output-text.ts'
import { createPaint, type Paint } from './paint.ts'
import { problemLines } from './problems.ts'

/** How much is said: problems and failures only, or also what is done, or also everything that steps print. */
export type Detail = 'quiet' | 'normal' | 'verbose'

/**
 * Shows a run as lines, each with its host in front, for where there is no terminal: a log, a pipe, a CI job. That a step
 * failed is always said, with its host and outcome. What it printed is shown once: in the summary that follows, which has it
 * for each host, else here. Only `verbose`, which streams everything, has it in both: what hosts print at once is mixed.
 */
export function createPlainLines(options: {
  readonly out: Writable
  readonly detail: Detail
  readonly colour: boolean
  /** A summary follows, with every problem that is an error and the output of every failed step: not to be said twice. */
  readonly summedUp: boolean
}): Reporter {
  const { write, offer, flush } = createLineWriter(options.out, outputLeftOut)
  const tails = createOutputTails()
  const gather = createProblemGatherer()
  let phase: PhaseName | undefined
  const { detail, summedUp } = options
  const context = { detail, summedUp, paint: createPaint(options), tails }
  const writeProblems = (gathered: readonly Problem[]): void => {
    const told = gathered.filter(({ severity }) => severity === 'warning' || !summedUp)
    for (const line of problemLines(told, context.paint)) write(line)
  }
  return {
    handle: event => {
      if (event.type === 'phase-started') phase = event.phase
      tails.handle(event)
      writeProblems(gather.before(event))
      const put = event.type === 'output' ? offer : write
      for (const line of linesOf(event, { ...context, phase })) put(line)
    },
    end: () => {
      writeProblems(gather.rest())
      return flush()
    },
  }
}

interface Context {
  readonly detail: Detail
  readonly summedUp: boolean
  readonly paint: Paint
  readonly tails: OutputTails
  readonly phase: PhaseName | undefined
}

function linesOf(event: Event, context: Context): readonly string[] {
  switch (event.type) {
    case 'problem':
      return []
    case 'notice':
      return [
        event.host === undefined ? printable(event.message) : hostLine(event.host, event.message, context),
      ]
    case 'step-finished':
      return stepFinished(event, context)
    case 'put-back':
      return [
        hostLine(event.host, `${outcomeText(event.outcome)}  put back to ${event.to ?? 'no link'}`, context),
      ]
    default:
      return context.detail === 'quiet' ? [] : courseLines(event, context)
  }
}

type CourseEvent = Exclude<Event, { readonly type: 'problem' | 'notice' | 'step-finished' | 'put-back' }>

/** What is said while everything goes well. */
function courseLines(event: CourseEvent, context: Context): readonly string[] {
  switch (event.type) {
    case 'run-started':
      return [context.paint('bold', headline({ ...event, hosts: event.hosts.length }))]
    case 'host-connected':
      return [hostLine(event.host, `connected, ${formatDuration(event.durationMs)}`, context)]
    case 'phase-started':
      return [context.paint('bold', `${event.phase}: ${counted(event.hosts.length, 'host')}`)]
    case 'phase-finished':
      return [`${event.phase}: took ${formatDuration(event.durationMs)}`]
    case 'step-started':
      return [hostLine(event.host, event.title, context)]
    case 'output':
      return context.detail === 'verbose'
        ? [hostLine(event.host, `  | ${outputText(event.line)}`, context)]
        : []
    case 'switched':
      return [hostLine(event.host, `${event.from ?? 'no link'} → ${event.to ?? 'no link'}`, context)]
    case 'rejected':
      return [hostLine(event.host, `${event.revision} is rejected here: ${event.reason}`, context)]
    case 'kept':
      return context.detail === 'verbose'
        ? [hostLine(event.host, `kept ${event.live ?? 'no revision'}`, context)]
        : []
    case 'waiting':
      return [hostLine(event.host, `waiting for ${event.for}`, context)]
    case 'progress':
    case 'command-finished':
    case 'run-finished':
      return []
  }
}

function stepFinished(
  event: Event & { readonly type: 'step-finished' },
  context: Context,
): readonly string[] {
  const { host, step, title, outcome, durationMs } = event
  const bad = outcome.kind === 'failed' || outcome.kind === 'unknown'
  if (!bad && context.detail === 'quiet') return []
  const said = context.paint(outcomeStyle(outcome), outcomeText(outcome))
  const line = `${prefix(host, context)} ${said}, ${formatDuration(durationMs)}  ${printable(title)}`
  // With verbose every line of it stands above already.
  const repeated = bad && context.detail !== 'verbose' && !context.summedUp
  const tail = repeated ? context.tails.of(host, step) : []
  return [line, ...tail.map(text => hostLine(host, `  | ${outputText(text)}`, context))]
}

const hostLine = (host: HostName, text: string, context: Context): string =>
  `${prefix(host, context)} ${printable(text)}`

function prefix(host: HostName, { phase, paint }: Context): string {
  return paint('cyan', `[${host}]`) + (phase === undefined ? '' : ` ${phase}`)
}
