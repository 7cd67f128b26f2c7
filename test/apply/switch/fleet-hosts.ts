import type { SwitchInput } from '../../../src/apply/switch/turn.ts'
import { type Add, change, dropped, type Fleet, isConnected, type Message, type ModelHost } from './fleet.ts'
import { type Taken, take } from './host-model.ts'

/**
 * What may happen next at one host: it takes a message, sees that it is alone, is cut off, or dies. How requests are taken, and a
 * switch of another remote end with them, is a model of `src/remote/end/switching.py`.
 */
export function hostNexts(fleet: Fleet, name: string, host: ModelHost, add: Add): void {
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
