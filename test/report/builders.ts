import { Writable } from 'node:stream'
import type { Event, HostResult } from '../../src/model/event.ts'
import type { HostName, Intent, PhaseName, RevisionName } from '../../src/model/names.ts'
import { type ExitCode, failed, type Outcome, ok } from '../../src/model/outcome.ts'
import type { Problem } from '../../src/model/problem.ts'

/** 2026-11-20 12:00:00 UTC. */
export const noon = Date.UTC(2026, 10, 20, 12)

/** Events of a run of `shop-1.4.0` on production; `at` is in milliseconds after noon. */
export const at = (ms: number) => {
  const atMs = noon + ms
  return {
    runStarted: (hosts: readonly HostName[], intent: Intent = 'deploy'): Event => ({
      type: 'run-started',
      atMs,
      run: '20261120T120000Z-4f2c',
      intent,
      project: 'shop',
      stage: 'production',
      revision: 'shop-1.4.0',
      hosts,
    }),
    connected: (host: HostName, durationMs = 60): Event => ({
      type: 'host-connected',
      atMs,
      host,
      durationMs,
    }),
    phaseStarted: (phase: PhaseName, hosts: readonly HostName[]): Event => ({
      type: 'phase-started',
      atMs,
      phase,
      hosts,
    }),
    phaseFinished: (phase: PhaseName, durationMs: number): Event => ({
      type: 'phase-finished',
      atMs,
      phase,
      durationMs,
    }),
    stepStarted: (host: HostName, title = 'Install the wheels', step = 'build/1'): Event => ({
      type: 'step-started',
      atMs,
      host,
      step,
      title,
    }),
    waiting: (host: HostName, builder: HostName): Event => ({
      type: 'waiting',
      atMs,
      host,
      step: 'build/1',
      for: builder,
    }),
    progress: (host: HostName, done: number, total: number): Event => ({
      type: 'progress',
      atMs,
      host,
      step: 'build/1',
      done,
      total,
    }),
    output: (host: HostName, line: string, step = 'build/1'): Event => ({
      type: 'output',
      atMs,
      host,
      step,
      stream: 'stdout',
      line,
    }),
    stepFinished: (
      host: HostName,
      outcome: Outcome = ok,
      durationMs = 3_000,
      title = 'Install the wheels',
    ): Event => ({ type: 'step-finished', atMs, host, step: 'build/1', title, outcome, durationMs }),
    switched: (
      host: HostName,
      from: { readonly from: RevisionName | undefined } = { from: 'shop-1.3.0' },
    ): Event => ({
      type: 'switched',
      atMs,
      host,
      ...from,
      to: 'shop-1.4.0',
      at: '2026-11-20T12:00:30.123456Z',
    }),
    putBack: (host: HostName, outcome: Outcome = ok): Event => ({
      type: 'put-back',
      atMs,
      host,
      to: 'shop-1.3.0',
      outcome,
    }),
    rejected: (host: HostName, reason = 'python -m unittest: exit 1'): Event => ({
      type: 'rejected',
      atMs,
      host,
      revision: 'shop-1.4.0',
      reason,
    }),
    notice: (message: string, host?: HostName): Event => ({ type: 'notice', atMs, host, message }),
    problem: (problem: Problem): Event => ({ type: 'problem', atMs, problem }),
    runFinished: (exit: ExitCode, hosts: Readonly<Record<HostName, HostResult>>, summary = ''): Event => ({
      type: 'run-finished',
      atMs,
      exit,
      summary,
      hosts,
      durationMs: ms,
    }),
  }
}

export const exit1 = failed('exit 1')

export const liveOn = (live: RevisionName | undefined, outcome: Outcome = ok): HostResult => ({
  live,
  readBack: true,
  outcome,
})

export const lostOn = (live: RevisionName | undefined, outcome: Outcome): HostResult => ({
  live,
  readBack: false,
  outcome,
})

export const aProblem = (where: string, message: string, more: Partial<Problem> = {}): Problem => ({
  code: 'root',
  where,
  message,
  hint: undefined,
  severity: 'error',
  ...more,
})

/** A stream that keeps what is written to it. */
export function aSink(): { readonly stream: Writable; readonly text: () => string } {
  let text = ''
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk)
      done()
    },
  })
  return { stream, text: () => text }
}
