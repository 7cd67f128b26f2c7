import type { HostName } from '../../model/names.ts'
import type { Found, SwitchCommand, SwitchInput } from './turn.ts'

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
  /** Found put back after the first `keep`: armed, fired, activated and kept once more. */
  | 'forward-again'
  | 'putting-back'
  /** The old remote end is to be known as gone; then link and journal are read on a new connection. */
  | 'reconnecting'
  /** Found with something left to put back or undo, which is done over the new connection. */
  | 'putting-back-anew'
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

/** What comes of one input. */
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

/**
 * Judges a switch that is done. A host that is not where it should be is never covered up by the others. Where no `fire`
 * left, no link was moved from here, whatever else became of a host.
 */
export function verdictOf({ hosts, fireLeft }: SwitchState): SwitchVerdict {
  if (!fireLeft) return 'not-switched'
  const positions = [...hosts.values()]
  if (positions.every(position => position === 'kept')) return 'kept'
  return positions.every(position => position === 'old') ? 'put-back' : 'split-or-unknown'
}

/** One input, one turn. What comes too late (an answer of a host that was given up) changes nothing. */
export function nextTurn(state: SwitchState, input: SwitchInput): SwitchTurn {
  switch (input.type) {
    case 'armed':
      return when(state, input.host, ['arming'], () => onArmed(state, input.host))
    case 'not-armed':
      return when(state, input.host, ['arming'], () => goBack(state))
    case 'fire-left':
      return onFireLeft(state)
    case 'fired':
      return when(state, input.host, ['firing'], () => onFired(state, input.host))
    case 'not-fired':
      return when(state, input.host, ['firing'], () => goBack(state))
    case 'steps-ended':
      return onStepsEnded(state, input.ok)
    case 'keep-left':
      return onKeepLeft(state)
    case 'kept':
      return when(state, input.host, ['keeping'], () => settle(move(state, input.host, 'kept')))
    case 'not-kept':
      return when(state, input.host, ['keeping'], () => findOut(state, input.host))
    case 'put-back':
      return when(state, input.host, ['putting-back', 'putting-back-anew'], () =>
        settle(move(state, input.host, input.clean ? 'old' : 'stuck')),
      )
    case 'put-back-refused':
      return onPutBackRefused(state, input.host)
    case 'lost':
      return onLost(state, input.host)
    case 'found':
      return when(state, input.host, ['reconnecting'], () => onFound(state, input.host, input.found))
    case 'not-found':
      return when(state, input.host, ['reconnecting'], () => settle(move(state, input.host, 'unknown')))
    case 'forward-ended':
      return when(state, input.host, ['forward-again'], () => settle(move(state, input.host, input.as)))
    case 'interrupted':
      return canStillGoBack(state) ? goBack(state) : still(state)
  }
}

const still = (state: SwitchState): SwitchTurn => ({ state, commands: [] })

function when(
  state: SwitchState,
  host: HostName,
  positions: readonly HostPosition[],
  turn: () => SwitchTurn,
): SwitchTurn {
  const position = state.hosts.get(host)
  return position !== undefined && positions.includes(position) ? turn() : still(state)
}

function move(state: SwitchState, host: HostName, position: HostPosition): SwitchState {
  return { ...state, hosts: new Map(state.hosts).set(host, position) }
}

const all = (state: SwitchState, position: HostPosition): boolean =>
  [...state.hosts.values()].every(candidate => candidate === position)

const moveAll = (state: SwitchState, position: HostPosition): SwitchState['hosts'] =>
  new Map([...state.hosts.keys()].map(host => [host, position]))

const canStillGoBack = ({ stage }: SwitchState): boolean =>
  stage === 'arming' || stage === 'firing' || stage === 'steps'

function onArmed(before: SwitchState, host: HostName): SwitchTurn {
  const state = move(before, host, 'armed')
  return { state, commands: all(state, 'armed') ? [{ type: 'fire', hosts: [...state.hosts.keys()] }] : [] }
}

function onFireLeft(state: SwitchState): SwitchTurn {
  if (state.stage !== 'arming' || !all(state, 'armed')) return still(state)
  return still({ stage: 'firing', hosts: moveAll(state, 'firing'), fireLeft: true })
}

function onFired(before: SwitchState, host: HostName): SwitchTurn {
  const state = move(before, host, 'fired')
  if (!all(state, 'fired')) return still(state)
  return { state: { ...state, stage: 'steps' }, commands: [{ type: 'run-steps' }] }
}

function onStepsEnded(state: SwitchState, ok: boolean): SwitchTurn {
  if (state.stage !== 'steps') return still(state)
  return ok ? { state, commands: [{ type: 'keep', hosts: [...state.hosts.keys()] }] } : goBack(state)
}

function onKeepLeft(state: SwitchState): SwitchTurn {
  if (state.stage !== 'steps') return still(state)
  return still({ ...state, stage: 'keeping', hosts: moveAll(state, 'keeping') })
}

/** A second refusal comes from a host that was asked over two connections: nobody will put it back from here. */
function onPutBackRefused(state: SwitchState, host: HostName): SwitchTurn {
  switch (state.hosts.get(host)) {
    case 'putting-back':
      return findOut(state, host)
    case 'putting-back-anew':
      return settle(move(state, host, 'stuck'))
    default:
      return still(state)
  }
}

function onLost(before: SwitchState, host: HostName): SwitchTurn {
  const position = before.hosts.get(host)
  // While a host goes forward again, the driver itself asks again until its time is up.
  if (position === undefined || position === 'reconnecting' || position === 'forward-again')
    return still(before)
  if (isFinal(position)) return still(before)
  // Its link cannot have moved, and its remote end disarms itself: there is nothing that a new connection could mend.
  if (!before.fireLeft) return goBack(move(before, host, 'unknown'))
  const turn = findOut(before, host)
  if (!canStillGoBack(before)) return turn
  const back = goBack(turn.state)
  return { state: back.state, commands: [...turn.commands, ...back.commands] }
}

function findOut(state: SwitchState, host: HostName): SwitchTurn {
  return { state: move(state, host, 'reconnecting'), commands: [{ type: 'reconnect', host }] }
}

function onFound(state: SwitchState, host: HostName, found: Found): SwitchTurn {
  return state.stage === 'keeping' ? onFoundForward(state, host, found) : onFoundBack(state, host, found)
}

function onFoundForward(state: SwitchState, host: HostName, found: Found): SwitchTurn {
  if (found.record === 'kept') return settle(move(state, host, found.link === 'new' ? 'kept' : 'stuck'))
  if (!found.locked || found.link === 'other') return settle(move(state, host, 'stuck'))
  return { state: move(state, host, 'forward-again'), commands: [{ type: 'forward-again', host }] }
}

function onFoundBack(state: SwitchState, host: HostName, { link, record, undo, locked }: Found): SwitchTurn {
  const isBack = link === 'old' && record !== 'open' && record !== 'kept'
  if (isBack && undo !== 'due') return settle(move(state, host, undo === 'done' ? 'old' : 'stuck'))
  if (!locked || !(isBack || (record === 'open' && link !== 'other'))) {
    return settle(move(state, host, 'stuck'))
  }
  return { state: move(state, host, 'putting-back-anew'), commands: [{ type: 'put-back', host }] }
}

/**
 * Turns the whole fleet back: every host that is not known to be old or lost, one that did not confirm included. Messages
 * to a host are taken in order, so one that is still being armed or fired is put back after that.
 */
function goBack(before: SwitchState): SwitchTurn {
  const commands: SwitchCommand[] = before.stage === 'steps' ? [{ type: 'stop-steps' }] : []
  let state: SwitchState = { ...before, stage: 'back' }
  for (const [host, position] of before.hosts) {
    if (position !== 'arming' && position !== 'armed' && position !== 'firing' && position !== 'fired')
      continue
    state = move(state, host, 'putting-back')
    commands.push({ type: 'put-back', host })
  }
  return { state: settle(state).state, commands }
}

function settle(state: SwitchState): SwitchTurn {
  return still([...state.hosts.values()].every(isFinal) ? { ...state, stage: 'done' } : state)
}

/** Will nothing more be done to this host? */
export function isFinal(position: HostPosition): boolean {
  return position === 'old' || position === 'kept' || position === 'stuck' || position === 'unknown'
}
