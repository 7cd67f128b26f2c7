import type { HostName } from '../../model/names.ts'

/**
 * The coordinated switch as a pure state machine: what the runner knows of each host, and what it does next.
 * The driver carries its commands out and feeds it what came of them; nothing else decides.
 *
 * Before the first `keep` leaves, every fault ends in put back on all hosts. The first `keep` is the decision; after it
 * the way is only forward.
 */

/**
 * Where one host stands, as far as the runner knows.
 * `old`, `kept`, `stuck` and `unknown` are final. `stuck`: read, and not as it should be (its link was moved by somebody
 * else, or an undo failed). `unknown`: it could not be read.
 */
export type HostPosition =
  | 'arming'
  | 'armed'
  | 'firing'
  | 'fired'
  | 'keeping'
  | 'forward-again'
  | 'putting-back'
  | 'reconnecting'
  | 'old'
  | 'kept'
  | 'stuck'
  | 'unknown'

export type SwitchStage = 'arming' | 'firing' | 'steps' | 'keeping' | 'back' | 'done'

export interface SwitchState {
  readonly stage: SwitchStage
  readonly hosts: ReadonlyMap<HostName, HostPosition>
  /** Did a `fire` leave this process? Then a link may have moved. */
  readonly fireLeft: boolean
}

/** What a host was found to be on a new connection, when its old remote end was known to be gone. */
export interface Found {
  readonly link: 'old' | 'new' | 'other'
  readonly record: 'kept' | 'open' | 'put-back' | 'none'
  /** Did all undo steps that its dead man's switch ran end well? */
  readonly undoOk: boolean
  /** Does this run hold the stage's lock again? If another run does, the host is that run's to mend. */
  readonly locked: boolean
}

export type SwitchInput =
  | { readonly type: 'armed'; readonly host: HostName }
  | { readonly type: 'not-armed'; readonly host: HostName }
  /** The barrier was passed and every message was written, in one turn of the event loop. */
  | { readonly type: 'fire-left' }
  | { readonly type: 'keep-left' }
  | { readonly type: 'fired'; readonly host: HostName }
  | { readonly type: 'not-fired'; readonly host: HostName }
  | { readonly type: 'steps-ended'; readonly ok: boolean }
  | { readonly type: 'kept'; readonly host: HostName }
  | { readonly type: 'not-kept'; readonly host: HostName }
  | { readonly type: 'put-back'; readonly host: HostName; readonly clean: boolean }
  /** The connection is gone, or the host was silent at a barrier. */
  | { readonly type: 'lost'; readonly host: HostName }
  | { readonly type: 'found'; readonly host: HostName; readonly found: Found }
  | { readonly type: 'not-found'; readonly host: HostName }
  | { readonly type: 'forward-ended'; readonly host: HostName; readonly ok: boolean }
  | { readonly type: 'interrupted' }

export type SwitchCommand =
  | { readonly type: 'arm'; readonly hosts: readonly HostName[] }
  | { readonly type: 'fire'; readonly hosts: readonly HostName[] }
  | { readonly type: 'run-steps' }
  | { readonly type: 'stop-steps' }
  | { readonly type: 'keep'; readonly hosts: readonly HostName[] }
  | { readonly type: 'put-back'; readonly host: HostName }
  | { readonly type: 'reconnect'; readonly host: HostName }
  | { readonly type: 'forward-again'; readonly host: HostName }

export interface SwitchTurn {
  readonly state: SwitchState
  readonly commands: readonly SwitchCommand[]
}

/** What the whole switch came to. */
export type SwitchVerdict = 'kept' | 'not-switched' | 'put-back' | 'split-or-unknown'

export function startSwitch(hosts: readonly HostName[]): SwitchTurn {
  return {
    state: { stage: 'arming', hosts: new Map(hosts.map(host => [host, 'arming'])), fireLeft: false },
    commands: [{ type: 'arm', hosts }],
  }
}

/** Judges a switch that is done. A host that is not where it should be is never covered up by the others. */
export function verdictOf(state: SwitchState): SwitchVerdict {
  const positions = [...state.hosts.values()]
  if (positions.every(position => position === 'kept')) return 'kept'
  if (!positions.every(position => position === 'old')) return 'split-or-unknown'
  return state.fireLeft ? 'put-back' : 'not-switched'
}

/** One input, one turn. Inputs that come too late (an answer of a host that was given up) change nothing. */
export function nextTurn(state: SwitchState, input: SwitchInput): SwitchTurn {
  if (state.stage === 'done') return still(state)
  switch (input.type) {
    case 'armed':
      return state.stage === 'back' ? putBackOne(state, input.host, 'arming') : onArmed(state, input.host)
    case 'not-armed':
      return goBack(move(state, input.host, 'old'))
    case 'fire-left':
      return state.stage === 'arming'
        ? still({ stage: 'firing', hosts: everyHost(state, 'firing'), fireLeft: true })
        : still(state)
    case 'fired':
      return state.stage === 'firing' ? onFired(state, input.host) : still(state)
    case 'not-fired':
      return state.stage === 'firing' ? goBack(state) : still(state)
    case 'steps-ended':
      return onStepsEnded(state, input.ok)
    case 'keep-left':
      return state.stage === 'steps'
        ? still({ ...state, stage: 'keeping', hosts: everyHost(state, 'keeping') })
        : still(state)
    case 'kept':
      return state.stage === 'keeping' ? settle(move(state, input.host, 'kept')) : still(state)
    case 'put-back':
      return state.hosts.get(input.host) === 'putting-back'
        ? settle(move(state, input.host, input.clean ? 'old' : 'stuck'))
        : still(state)
    case 'not-kept':
    case 'lost':
      return onLost(state, input.host)
    case 'found':
      return state.hosts.get(input.host) === 'reconnecting'
        ? onFound(state, input.host, input.found)
        : still(state)
    case 'not-found':
      return settle(move(state, input.host, 'unknown'))
    case 'forward-ended':
      return settle(move(state, input.host, input.ok ? 'kept' : 'unknown'))
    case 'interrupted':
      return state.stage === 'keeping' || state.stage === 'back' ? still(state) : goBack(state)
  }
}

const still = (state: SwitchState): SwitchTurn => ({ state, commands: [] })

const everyHost = (state: SwitchState, position: HostPosition): SwitchState['hosts'] =>
  new Map([...state.hosts.keys()].map(host => [host, position]))

function move(state: SwitchState, host: HostName, position: HostPosition): SwitchState {
  return { ...state, hosts: new Map(state.hosts).set(host, position) }
}

const all = (state: SwitchState, position: HostPosition): boolean =>
  [...state.hosts.values()].every(candidate => candidate === position)

function onArmed(before: SwitchState, host: HostName): SwitchTurn {
  if (before.hosts.get(host) !== 'arming') return still(before)
  const state = move(before, host, 'armed')
  return { state, commands: all(state, 'armed') ? [{ type: 'fire', hosts: [...state.hosts.keys()] }] : [] }
}

function onFired(before: SwitchState, host: HostName): SwitchTurn {
  const state = move(before, host, 'fired')
  if (!all(state, 'fired')) return still(state)
  return { state: { ...state, stage: 'steps' }, commands: [{ type: 'run-steps' }] }
}

function onStepsEnded(state: SwitchState, ok: boolean): SwitchTurn {
  if (state.stage !== 'steps') return still(state)
  if (!ok) return goBack(state)
  return { state, commands: [{ type: 'keep', hosts: [...state.hosts.keys()] }] }
}

function onLost(before: SwitchState, host: HostName): SwitchTurn {
  const position = before.hosts.get(host)
  if (position === undefined || isFinal(position) || position === 'reconnecting') return still(before)
  // While it is armed, fired and kept once more, the driver itself asks again until its time is up.
  if (position === 'forward-again') return still(before)
  const state = move(before, host, 'reconnecting')
  const reconnect: SwitchCommand = { type: 'reconnect', host }
  if (state.stage === 'keeping' || state.stage === 'back') return { state, commands: [reconnect] }
  const turn = goBack(state)
  return { state: turn.state, commands: [reconnect, ...turn.commands] }
}

function onFound(state: SwitchState, host: HostName, found: Found): SwitchTurn {
  if (state.stage === 'keeping') {
    if (found.record === 'kept' && found.link === 'new') return settle(move(state, host, 'kept'))
    if (!found.locked || found.link === 'other') return settle(move(state, host, 'stuck'))
    return { state: move(state, host, 'forward-again'), commands: [{ type: 'forward-again', host }] }
  }
  if (found.link === 'old' && found.record !== 'open') {
    return settle(move(state, host, found.undoOk ? 'old' : 'stuck'))
  }
  if (!found.locked || found.link === 'other' || found.record !== 'open') {
    return settle(move(state, host, 'stuck'))
  }
  return { state: move(state, host, 'putting-back'), commands: [{ type: 'put-back', host }] }
}

/** Turns the whole fleet back. A host that is still being armed is put back when it answers. */
function goBack(before: SwitchState): SwitchTurn {
  const commands: SwitchCommand[] = before.stage === 'steps' ? [{ type: 'stop-steps' }] : []
  let state: SwitchState = { ...before, stage: 'back' }
  for (const [host, position] of before.hosts) {
    if (position !== 'armed' && position !== 'firing' && position !== 'fired') continue
    state = move(state, host, 'putting-back')
    commands.push({ type: 'put-back', host })
  }
  const settled = settle(state)
  return { state: settled.state, commands: [...commands, ...settled.commands] }
}

function putBackOne(state: SwitchState, host: HostName, expected: HostPosition): SwitchTurn {
  if (state.hosts.get(host) !== expected) return still(state)
  return { state: move(state, host, 'putting-back'), commands: [{ type: 'put-back', host }] }
}

function settle(state: SwitchState): SwitchTurn {
  return still([...state.hosts.values()].every(isFinal) ? { ...state, stage: 'done' } : state)
}

function isFinal(position: HostPosition): boolean {
  return position === 'old' || position === 'kept' || position === 'stuck' || position === 'unknown'
}
