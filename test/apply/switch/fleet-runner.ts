import { nextTurn, type SwitchTurn, startSwitch } from '../../../src/apply/switch/machine.ts'
import type { SwitchCommand, SwitchInput } from '../../../src/apply/switch/turn.ts'
import { hostNames } from './explore.ts'
import { type Add, change, dropped, type Fleet, fresh, isConnected, type ModelHost, send } from './fleet.ts'

/** The runner's machine, the very one that runs, started on hosts that nothing was asked of. */
export function beginning(count: number, faults: number): Fleet {
  const names = hostNames(count)
  const hosts = new Map(names.map(name => [name, fresh]))
  const { state } = startSwitch(names)
  const fleet: Fleet = { state, hosts, common: [], runnerLives: true, interrupted: false, faults }
  return carryOut(fleet, startSwitch(names).commands)
}

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

/** What may come to the runner next from one host: an answer, the news that it is lost, or that time is up. */
export function runnerNexts(fleet: Fleet, name: string, host: ModelHost, add: Add): void {
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

/** What may happen next that is of no single host: `fire` or `keep` leaves, steps end, a signal comes, the runner dies. */
export function commonNexts(fleet: Fleet, add: Add): void {
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
