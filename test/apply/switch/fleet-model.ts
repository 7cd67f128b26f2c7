import {
  nextTurn,
  type SwitchState,
  type SwitchTurn,
  startSwitch,
} from '../../../src/apply/switch/machine.ts'
import type { SwitchCommand, SwitchInput } from '../../../src/apply/switch/turn.ts'
import { hostNames } from './explore.ts'
import { type HostDisk, type Taken, take } from './host-model.ts'

/**
 * The runner's machine, the very one that runs, with hosts that move by the table that runs on them: messages under way,
 * connections that break, hosts and a runner that die. How requests are taken, and a switch of another remote end with them, is a
 * model of `src/remote/end/switching.py`.
 */
export interface ModelHost extends HostDisk {
  /** Its runner is gone, and the remote end is about to see that. */
  readonly alone: boolean
  /** Messages on their way, in order; answers on their way back. */
  readonly out: readonly Message[]
  readonly back: readonly SwitchInput['type'][]
  /** The connection broke, and the runner does not know it yet. */
  readonly untold: boolean
  /** What the machine wants of this host that is no message. */
  readonly task: 'reconnect' | 'forward-again' | undefined
}

type Message = 'arm' | 'fire' | 'put-back' | 'put-back-done' | 'keep'

export interface Fleet {
  readonly state: SwitchState
  readonly hosts: ReadonlyMap<string, ModelHost>
  /** What the machine wants of the whole fleet. */
  readonly common: readonly ('fire' | 'keep' | 'run-steps')[]
  readonly runnerLives: boolean
  readonly interrupted: boolean
  /** Faults that may still happen. */
  readonly faults: number
}

export interface Next {
  readonly what: string
  readonly fleet: Fleet
}

const fresh: ModelHost = {
  link: 'old',
  record: 'none',
  end: 'idle',
  alone: false,
  out: [],
  back: [],
  untold: false,
  task: undefined,
}

export function beginning(count: number, faults: number): Fleet {
  const names = hostNames(count)
  const hosts = new Map(names.map(name => [name, fresh]))
  const { state } = startSwitch(names)
  const fleet: Fleet = { state, hosts, common: [], runnerLives: true, interrupted: false, faults }
  return carryOut(fleet, startSwitch(names).commands)
}

const change = (fleet: Fleet, name: string, host: Partial<ModelHost>): Fleet => {
  const before = fleet.hosts.get(name) ?? fresh
  return { ...fleet, hosts: new Map(fleet.hosts).set(name, { ...before, ...host }) }
}

const isConnected = (host: ModelHost): boolean => host.end !== 'gone' && !host.alone

/** A message into a connection that broke goes nowhere, whether the sender knows that or not. */
function send(fleet: Fleet, name: string, message: Message): Fleet {
  const host = fleet.hosts.get(name) ?? fresh
  return isConnected(host) ? change(fleet, name, { out: [...host.out, message] }) : fleet
}

/** The runner drops the connection, or it breaks: what is under way is lost, and the remote end is about to see it. */
const dropped: Partial<ModelHost> = { alone: true, out: [], back: [], untold: false }

function carryOut(before: Fleet, commands: readonly SwitchCommand[]): Fleet {
  let fleet = before
  for (const command of commands) {
    switch (command.type) {
      case 'arm':
        for (const name of command.hosts) fleet = send(fleet, name, 'arm')
        break
      case 'fire':
      case 'keep':
      case 'run-steps':
        fleet = { ...fleet, common: [...fleet.common, command.type] }
        break
      case 'stop-steps':
        break
      case 'put-back':
        fleet = send(fleet, command.host, 'put-back')
        break
      case 'reconnect':
        fleet = change(fleet, command.host, { ...dropped, task: 'reconnect' })
        break
      case 'forward-again':
        fleet = change(fleet, command.host, { task: 'forward-again' })
        break
    }
  }
  return fleet
}

function feed(fleet: Fleet, input: SwitchInput): Fleet {
  const turn: SwitchTurn = nextTurn(fleet.state, input)
  return carryOut({ ...fleet, state: turn.state }, turn.commands)
}

/** Everything that may happen next. */
export function nexts(fleet: Fleet): readonly Next[] {
  const found: Next[] = []
  const add = (what: string, next: Fleet) => found.push({ what, fleet: next })
  for (const [name, host] of fleet.hosts) {
    hostNexts(fleet, name, host, add)
    if (fleet.runnerLives) runnerNexts(fleet, name, host, add)
  }
  if (fleet.runnerLives && fleet.state.stage !== 'done') commonNexts(fleet, add)
  return found
}

type Add = (what: string, next: Fleet) => void

function hostNexts(fleet: Fleet, name: string, host: ModelHost, add: Add): void {
  const [message, ...out] = host.out
  if (message !== undefined && host.end !== 'gone')
    for (const [answer, changed] of handle(host, message))
      add(
        `${name} takes ${message}: ${answer}`,
        change(fleet, name, { ...changed, out, back: [...host.back, answer] }),
      )
  if (host.alone && host.end !== 'gone') seeItself(fleet, name, host, add)
  if (fleet.faults === 0 || !isConnected(host)) return
  const faulted = { ...fleet, faults: fleet.faults - 1 }
  add(`${name} is cut off`, change(faulted, name, { ...dropped, untold: true }))
  add(`${name} dies`, change(faulted, name, { end: 'gone', alone: false, out: [], back: [], untold: true }))
}

/** The dead man's switch. That it fails takes a fault. */
function seeItself(fleet: Fleet, name: string, host: ModelHost, add: Add): void {
  const gone: Partial<ModelHost> = { end: 'gone', alone: false, out: [], back: [] }
  const faulted = { ...fleet, faults: fleet.faults - 1 }
  const ways = take(host, 'loss')
  if (ways.length === 0) add(`${name} sees that it is alone`, change(fleet, name, gone))
  for (const { host: after, ok } of ways)
    if (ok) add(`${name} sees that it is alone`, change(fleet, name, { ...after, ...gone }))
    else if (fleet.faults > 0)
      add(
        `${name} is alone and cannot put it back: ${after.record}`,
        change(faulted, name, { ...after, ...gone }),
      )
}

type Handled = readonly [answer: SwitchInput['type'], changed: ModelHost]

const answers = (
  taken: readonly Taken<ModelHost>[],
  well: SwitchInput['type'],
  badly: SwitchInput['type'],
): readonly Handled[] => taken.map(({ host, ok }) => [ok ? well : badly, host])

/** What a remote end does with a message, every way it may go. */
function handle(host: ModelHost, message: Message): readonly Handled[] {
  switch (message) {
    case 'arm':
      return orRefused(answers(take(host, 'arm'), 'armed', 'not-armed'), ['not-armed', host])
    case 'fire': {
      // That the delay is cut short is left to the table's own tests.
      const due = take(host, 'fire').flatMap(waiting => take(waiting.host, 'due'))
      return orRefused(answers(due, 'fired', 'not-fired'), ['not-fired', host])
    }
    case 'put-back':
      // Refused, the runner reads the link, and undoes what it can.
      return orRefused(answers(take(adopted(host), 'put-back'), 'put-back', 'put-back-refused'), [
        'put-back',
        host,
      ])
    case 'put-back-done':
      return orRefused(answers(take(host, 'done'), 'put-back', 'put-back'), ['put-back', host])
    case 'keep':
      return orRefused(answers(take(host, 'keep'), 'kept', 'not-kept'), ['not-kept', host])
  }
}

const orRefused = (handled: readonly Handled[], refused: Handled): readonly Handled[] =>
  handled.length > 0 ? handled : [refused]

/** What another remote end left, as the journal tells it: open, or closed with its undo still to be told. */
function adopted(host: ModelHost): ModelHost {
  if (host.end !== 'idle') return host
  if (host.record === 'put-back') return { ...host, end: 'put-back' }
  if (host.record === 'none' || host.record === 'kept') return host
  return take(host, 'adopt').reduce((_, taken) => taken.host, host)
}

function runnerNexts(fleet: Fleet, name: string, host: ModelHost, add: Add): void {
  const position = fleet.state.hosts.get(name)
  const [answer, ...back] = host.back
  if (answer !== undefined) {
    const read = change(fleet, name, { back })
    // What is undone in between the machine does not see: to it both messages are one.
    const isHalf = answer === 'put-back' && (host.record === 'open' || host.record === 'stuck')
    add(
      `${name} has answered ${answer}`,
      isHalf ? send(read, name, 'put-back-done') : feed(read, answerInput(name, host, answer)),
    )
  }
  if (host.untold) add(`${name} is known to be lost`, lose(change(fleet, name, { untold: false }), name))
  // Not answered in time, though the answer may be on its way.
  if (position === 'arming') add(`${name} is late`, feed(fleet, { type: 'not-armed', host: name }))
  if (position === 'firing') add(`${name} is late`, feed(fleet, { type: 'not-fired', host: name }))
  if (position === 'keeping') add(`${name} is late`, feed(fleet, { type: 'not-kept', host: name }))
  if (position === 'putting-back' || position === 'putting-back-anew')
    add(`${name} is late`, lose(fleet, name))
  if (host.task === 'reconnect') {
    const asked = change(fleet, name, { task: undefined })
    add(`${name} is not found`, feed(asked, { type: 'not-found', host: name }))
    if (host.end === 'gone') add(`${name} is found`, find(asked, name, host))
  }
  if (host.task === 'forward-again') goForward(fleet, name, add)
}

function lose(fleet: Fleet, name: string): Fleet {
  const host = fleet.hosts.get(name) ?? fresh
  const killed = isConnected(host) ? change(fleet, name, dropped) : fleet
  return feed(killed, { type: 'lost', host: name })
}

function find(fleet: Fleet, name: string, { link, record: written }: ModelHost): Fleet {
  const record = written === 'stuck' ? 'open' : written
  const connected = change(fleet, name, { end: 'idle', alone: false })
  return feed(connected, { type: 'found', host: name, found: { link, record, undo: 'done', locked: true } })
}

function goForward(fleet: Fleet, name: string, add: Add): void {
  const ends = [
    ['kept', { link: 'new', record: 'kept' }],
    ['stuck', { link: 'old', record: 'put-back' }],
    ['unknown', { link: 'new', record: 'kept' }],
    ['unknown', { link: 'old', record: 'put-back' }],
  ] as const
  for (const [as, host] of ends) {
    const went = change(fleet, name, { ...host, end: host.record, task: undefined })
    add(`${name} goes forward again: ${as}`, feed(went, { type: 'forward-ended', host: name, as }))
  }
}

function answerInput(host: string, { link }: ModelHost, type: SwitchInput['type']): SwitchInput {
  switch (type) {
    case 'armed':
    case 'not-armed':
    case 'fired':
    case 'not-fired':
    case 'kept':
    case 'not-kept':
    case 'put-back-refused':
      return { type, host }
    case 'put-back':
      return { type, host, clean: link === 'old' }
    default:
      throw new Error(`no host answers ${type}`)
  }
}

function commonNexts(fleet: Fleet, add: Add): void {
  const { state, common } = fleet
  const names = [...fleet.hosts.keys()]
  const without = (command: string): Fleet => ({
    ...fleet,
    common: common.filter(other => other !== command),
  })
  for (const [command, stage, left] of [
    ['fire', 'arming', 'fire-left'],
    ['keep', 'steps', 'keep-left'],
  ] as const) {
    if (!common.includes(command) || state.stage !== stage) continue
    const leaving = feed(without(command), { type: left })
    // The runner may die between the first and the last of these messages: what two generals cannot avoid.
    for (let count = 0; count <= names.length; count += 1) {
      const sent = names.slice(0, count).reduce((one, name) => send(one, name, command), leaving)
      add(`${command} leaves for ${count}`, count === names.length ? sent : runnerDies(sent))
    }
  }
  if (common.includes('run-steps')) {
    add('the steps end well', feed(without('run-steps'), { type: 'steps-ended', ok: true }))
    add('a step fails', feed(without('run-steps'), { type: 'steps-ended', ok: false }))
  }
  if (!fleet.interrupted) add('a signal', feed({ ...fleet, interrupted: true }, { type: 'interrupted' }))
  if (fleet.faults > 0) add('the runner dies', runnerDies({ ...fleet, faults: fleet.faults - 1 }))
}

/** What it wrote may still arrive; then every host sees that it is alone. */
function runnerDies(fleet: Fleet): Fleet {
  const hosts = [...fleet.hosts].map(([name, host]): [string, ModelHost] => [
    name,
    { ...host, back: [], untold: false, task: undefined, alone: host.end !== 'gone' },
  ])
  return { ...fleet, hosts: new Map(hosts), common: [], runnerLives: false }
}

/** The same for every naming of the hosts. */
export function keyOf(fleet: Fleet): string {
  const hosts = [...fleet.hosts].map(([name, { link, record, end, alone, out, back, untold, task }]) =>
    [
      fleet.runnerLives ? fleet.state.hosts.get(name) : '',
      link,
      record,
      end,
      alone,
      out,
      back,
      untold,
      task,
    ].join(),
  )
  const runner = fleet.runnerLives ? [fleet.state.stage, fleet.state.fireLeft, fleet.interrupted] : []
  return [fleet.faults, ...runner, fleet.common, ...hosts.toSorted()].join('|')
}

/** Visits every reachable fleet once; returns how many there are. The path to each is kept for the error message. */
export function exploreFleet(
  count: number,
  faults: number,
  visit: (fleet: Fleet, last: boolean) => void,
): number {
  const first = beginning(count, faults)
  const seen = new Map([[keyOf(first), '']])
  const open = [first]
  for (let fleet = open.pop(); fleet !== undefined; fleet = open.pop()) {
    const path = seen.get(keyOf(fleet)) ?? ''
    const following = nexts(fleet)
    try {
      visit(fleet, following.length === 0)
    } catch (error) {
      throw new Error(`after${path}`, { cause: error })
    }
    for (const { what, fleet: next } of following) {
      const key = keyOf(next)
      if (seen.has(key)) continue
      seen.set(key, path.length > 2_000 ? path : `${path}\n  ${what}`)
      open.push(next)
    }
  }
  return seen.size
}
