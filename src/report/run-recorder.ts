import type { Event } from '../model/event.ts'
import type { HostName, PhaseName, RevisionName } from '../model/names.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Problem } from '../model/problem.ts'
import type { Reporter } from './event-stream.ts'
import { createOutputTails } from './output-tails.ts'
import { tellsOfStandstill } from './standstill.ts'

/** A step that failed or whose end nobody knows, with the end of what it printed. */
export interface Failure {
  readonly host: HostName
  /** Undefined: before the first phase. */
  readonly phase: PhaseName | undefined
  readonly title: string
  readonly outcome: Outcome & { readonly kind: 'failed' | 'unknown' }
  readonly tail: readonly string[]
}

export type RunStarted = Event & { readonly type: 'run-started' }
export type RunFinished = Event & { readonly type: 'run-finished' }

/** What is left of a run when it is over: all that its summary is made from. */
export interface RunRecord {
  /** When the first connection was begun, or else the first event came. */
  readonly beganMs: number
  /** Undefined: it was refused before it began. */
  readonly started: RunStarted | undefined
  readonly finished: RunFinished | undefined
  /** In the order in which they happened. */
  readonly failures: readonly Failure[]
  readonly problems: readonly Problem[]
  /** What each switched host was live on before. */
  readonly switchedFrom: ReadonlyMap<HostName, RevisionName | undefined>
  readonly putBack: ReadonlyMap<HostName, Outcome>
  /** On some host the verdict is that the revision is not to be switched to. */
  readonly rejected: boolean
  /** What was said when the runner itself had stood still: it may be why hosts were lost. */
  readonly standstill: string | undefined
}

/** Keeps what the summary needs; it shows nothing by itself. */
export interface RunRecorder extends Reporter {
  readonly record: () => RunRecord
}

export function createRunRecorder(): RunRecorder {
  const tails = createOutputTails()
  const failures: Failure[] = []
  const problems: Problem[] = []
  const switchedFrom = new Map<HostName, RevisionName | undefined>()
  const putBack = new Map<HostName, Outcome>()
  let beganMs: number | undefined
  let started: RunStarted | undefined
  let finished: RunFinished | undefined
  let phase: PhaseName | undefined
  let standstill: string | undefined
  let rejected = false

  const handle = (event: Event): void => {
    tails.handle(event)
    beganMs ??= event.type === 'host-connected' ? event.atMs - event.durationMs : event.atMs
    if (event.type === 'run-started') started = event
    if (event.type === 'run-finished') finished = event
    if (event.type === 'phase-started') phase = event.phase
    if (event.type === 'problem') problems.push(event.problem)
    if (event.type === 'rejected') rejected = true
    if (event.type === 'switched') switchedFrom.set(event.host, event.from)
    if (event.type === 'notice' && event.host === undefined && tellsOfStandstill(event.message))
      standstill = event.message
    if (event.type === 'put-back') putBack.set(event.host, event.outcome)
    if (event.type === 'step-finished') {
      const { host, step, title, outcome } = event
      if (outcome.kind === 'failed' || outcome.kind === 'unknown') {
        failures.push({ host, phase, title, outcome, tail: tails.of(host, step) })
      }
    }
  }
  return {
    handle,
    end: () => undefined,
    record: () => ({
      beganMs: beganMs ?? 0,
      started,
      finished,
      failures: [...failures],
      problems: [...problems],
      switchedFrom: new Map(switchedFrom),
      putBack: new Map(putBack),
      rejected,
      standstill,
    }),
  }
}
