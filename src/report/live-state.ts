import type { Event } from '../model/event.ts'
import type { HostName, PhaseName } from '../model/names.ts'
import type { Outcome } from '../model/outcome.ts'
import { headline } from './headline.ts'

/** What one host is doing in the phase that started last. Times are the runner's clock. */
export interface HostActivity {
  readonly title: string
  readonly startedMs: number
  /** The host that has to build first; undefined: it waits for none. */
  readonly waitsFor: HostName | undefined
  /** Undefined while the step runs; a single moment, like a switch, has no duration. */
  readonly ended: { readonly outcome: Outcome; readonly durationMs: number | undefined } | undefined
  readonly progress: { readonly done: number; readonly total: number } | undefined
  readonly lastLine: string | undefined
}

export interface PhaseActivity {
  readonly startedMs: number
  /** Undefined while it runs. */
  readonly durationMs: number | undefined
  readonly hosts: readonly HostName[]
  /** Hosts on which a step failed, or ended unknown. */
  readonly failedOn: readonly HostName[]
  /** Was a step of it called off? Then it did not end well, though nothing in it failed. */
  readonly stopped: boolean
}

/** What a live view shows, as far as events tell it. */
export interface LiveState {
  readonly headline: string | undefined
  readonly connected: ReadonlySet<HostName>
  /** Hosts that stand in the way before the first phase, and that never connected. */
  readonly missing: ReadonlySet<HostName>
  readonly current: PhaseName | undefined
  readonly phases: ReadonlyMap<PhaseName, PhaseActivity>
  /** Of the hosts that have begun something in the current phase. */
  readonly hosts: ReadonlyMap<HostName, HostActivity>
}

export const nothingHappened: LiveState = {
  headline: undefined,
  connected: new Set(),
  missing: new Set(),
  current: undefined,
  phases: new Map(),
  hosts: new Map(),
}

/**
 * The state after some more events. They come in batches, one for each frame, so that the maps are copied once for
 * each frame and not once for each of the thousands of events that a large fleet makes in a second.
 */
export function afterEvents(state: LiveState, events: readonly Event[]): LiveState {
  const { connected, missing, phases, hosts } = state
  const copies = {
    connected: new Set(connected),
    missing: new Set(missing),
    phases: new Map(phases),
    hosts: new Map(hosts),
  }
  const next = { ...state, ...copies }
  for (const event of events) apply(next, event)
  return next
}

interface Draft {
  headline: string | undefined
  readonly connected: Set<HostName>
  readonly missing: Set<HostName>
  current: PhaseName | undefined
  readonly phases: Map<PhaseName, PhaseActivity>
  readonly hosts: Map<HostName, HostActivity>
}

function apply(draft: Draft, event: Event): void {
  switch (event.type) {
    case 'run-started':
      draft.headline = headline({ ...event, hosts: event.hosts.length })
      return
    case 'host-connected':
      draft.connected.add(event.host)
      return
    case 'phase-started':
      startPhase(draft, event.phase, event.hosts, event.atMs)
      return
    case 'phase-finished':
      endPhase(draft, event.phase, event.durationMs)
      return
    case 'run-finished':
      endCurrent(draft, event.atMs)
      blame(draft, event)
      return
    case 'step-started':
      draft.hosts.set(event.host, { ...newActivity(event.title, event.atMs) })
      return
    case 'waiting':
      change(draft, event.host, event, { waitsFor: event.for })
      return
    case 'progress':
      change(draft, event.host, event, {
        waitsFor: undefined,
        progress: { done: event.done, total: event.total },
      })
      return
    case 'output':
      change(draft, event.host, event, { lastLine: event.line })
      return
    case 'step-finished':
      finishStep(draft, event)
      return
    case 'switched':
      note(draft, event.host, event.atMs, `switched to ${event.to ?? 'no revision'}`, { kind: 'ok' })
      return
    case 'put-back':
      note(draft, event.host, event.atMs, `put back to ${event.to ?? 'no link'}`, event.outcome)
      return
    case 'problem':
      if (draft.phases.size === 0 && unreached.has(event.problem.code)) draft.missing.add(event.problem.where)
      return
    case 'command-finished':
    case 'rejected':
    case 'kept':
    case 'notice':
      return
  }
}

/** Why a host did not connect (the codes of `StageError`). */
const unreached: ReadonlySet<string> = new Set([
  'unreachable',
  'authentication',
  'host-key-unknown',
  'host-key-changed',
  'host-key-revoked',
  'connection-lost',
  'remote-end',
])

function startPhase(draft: Draft, phase: PhaseName, hosts: readonly HostName[], atMs: number): void {
  endCurrent(draft, atMs)
  draft.current = phase
  draft.phases.set(phase, { startedMs: atMs, durationMs: undefined, hosts, failedOn: [], stopped: false })
  draft.hosts.clear()
}

/** A phase that was broken off has no end of its own: it ends where the next thing begins. */
function endCurrent(draft: Draft, atMs: number): void {
  const running = draft.current === undefined ? undefined : draft.phases.get(draft.current)
  if (draft.current === undefined || running === undefined || running.durationMs !== undefined) return
  endPhase(draft, draft.current, atMs - running.startedMs)
}

function endPhase(draft: Draft, phase: PhaseName, durationMs: number): void {
  const activity = draft.phases.get(phase)
  if (activity !== undefined) draft.phases.set(phase, { ...activity, durationMs })
}

const newActivity = (title: string, startedMs: number): HostActivity => ({
  title,
  startedMs,
  waitsFor: undefined,
  ended: undefined,
  progress: undefined,
  lastLine: undefined,
})

function change(
  draft: Draft,
  host: HostName,
  event: { readonly step: string; readonly atMs: number },
  changes: Partial<HostActivity>,
): void {
  const activity = draft.hosts.get(host) ?? newActivity(event.step, event.atMs)
  draft.hosts.set(host, { ...activity, ...changes })
}

function finishStep(draft: Draft, event: Event & { readonly type: 'step-finished' }): void {
  const { host, title, outcome, durationMs } = event
  const activity = draft.hosts.get(host) ?? newActivity(title, event.atMs - durationMs)
  draft.hosts.set(host, { ...activity, title, progress: undefined, ended: { outcome, durationMs } })
  if (isBad(outcome)) failInCurrent(draft, host)
  const phase = draft.current === undefined ? undefined : draft.phases.get(draft.current)
  if (outcome.kind === 'cancelled' && draft.current !== undefined && phase !== undefined)
    draft.phases.set(draft.current, { ...phase, stopped: true })
}

/** A host can fail outside of any step: a connection that was lost, a switch that was not confirmed. */
function blame(draft: Draft, { hosts }: Event & { readonly type: 'run-finished' }): void {
  const known = new Set([...draft.phases.values()].flatMap(phase => phase.failedOn))
  for (const [host, { outcome }] of Object.entries(hosts)) {
    if (isBad(outcome) && !known.has(host)) failInCurrent(draft, host)
  }
}

function failInCurrent(draft: Draft, host: HostName): void {
  const phase = draft.current === undefined ? undefined : draft.phases.get(draft.current)
  if (draft.current === undefined || phase === undefined || phase.failedOn.includes(host)) return
  draft.phases.set(draft.current, { ...phase, failedOn: [...phase.failedOn, host] })
}

const isBad = ({ kind }: Outcome): boolean => kind === 'failed' || kind === 'unknown'

function note(draft: Draft, host: HostName, atMs: number, title: string, outcome: Outcome): void {
  draft.hosts.set(host, { ...newActivity(title, atMs), ended: { outcome, durationMs: undefined } })
}
