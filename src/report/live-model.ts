import type { Event } from '../model/event.ts'
import { type Intent, type PhaseName, phaseNames } from '../model/names.ts'
import { afterEvents, type LiveState, nothingHappened } from './live-state.ts'

/** The time before the first phase, or a phase. */
export type StretchName = 'connect' | PhaseName
/** How a stretch ended. `passed-over`: it never began. */
export type StretchEnd = 'done' | 'failed' | 'passed-over'

export const stretchNames: readonly StretchName[] = ['connect', ...phaseNames]

/** What has come of a run so far, and the moments when its stretches end. */
export interface LiveModel {
  readonly handle: (event: Event) => void
  /** The state after every event until now. */
  readonly state: () => LiveState
  /** When the first event came; the first connection began before that. */
  readonly beganMs: () => number
  /** Does this run have that stretch, as far as is known? */
  readonly expects: (name: StretchName) => boolean
  readonly ended: (name: StretchName) => Promise<StretchEnd>
  /** Nothing more will come: every stretch that is still open ends. */
  readonly close: () => void
}

interface Gate {
  readonly promise: Promise<StretchEnd>
  readonly open: (end: StretchEnd) => void
}

const switching: readonly PhaseName[] = ['lock', 'switch', 'activate', 'health', 'prune']
const preparing: readonly PhaseName[] = ['lock', 'upload', 'build', 'verify', 'seal']

/** Keeps up with a run. Events are only collected here; they are worked in when somebody looks. */
export function createLiveModel(): LiveModel {
  const gates = new Map(stretchNames.map(name => [name, createGate()]))
  let pending: Event[] = []
  let known = nothingHappened
  let beganMs: number | undefined
  let intent: Intent | undefined
  let refused = false

  const state = (): LiveState => {
    if (pending.length === 0) return known
    known = afterEvents(known, pending)
    pending = []
    return known
  }
  const endAll = (names: readonly StretchName[], broken: boolean): void => {
    for (const name of names) gates.get(name)?.open(endOf(name, state(), broken))
  }
  return {
    handle: event => {
      beganMs ??= event.type === 'host-connected' ? event.atMs - event.durationMs : event.atMs
      pending.push(event)
      if (event.type === 'run-started') intent = event.intent
      if (event.type === 'problem' && event.problem.severity === 'error') refused = true
      if (event.type === 'phase-started')
        endAll(stretchNames.slice(0, stretchNames.indexOf(event.phase)), false)
      if (event.type === 'phase-finished') endAll([event.phase], false)
      if (event.type === 'run-finished') endAll(stretchNames, event.exit !== 0)
    },
    state,
    beganMs: () => beganMs ?? 0,
    expects: name => name === 'connect' || (intent !== undefined && phasesOf(intent).includes(name)),
    ended: async name => gates.get(name)?.promise ?? 'passed-over',
    close: () => endAll(stretchNames, refused),
  }
}

function endOf(name: StretchName, { phases }: LiveState, broken: boolean): StretchEnd {
  if (name === 'connect') return broken && phases.size === 0 ? 'failed' : 'done'
  const phase = phases.get(name)
  if (phase === undefined) return 'passed-over'
  return broken || phase.failedOn.length > 0 ? 'failed' : 'done'
}

function createGate(): Gate {
  let open: Gate['open'] = () => undefined
  const promise = new Promise<StretchEnd>(resolve => {
    open = resolve
  })
  return { promise, open }
}

function phasesOf(intent: Intent): readonly PhaseName[] {
  switch (intent) {
    case 'deploy':
    case 'promote':
      return phaseNames
    case 'prepare':
      return preparing
    case 'rollback':
      return switching
    case 'recover':
      return switching.filter(name => name !== 'prune')
  }
}
