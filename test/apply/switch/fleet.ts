import type { SwitchState } from '../../../src/apply/switch/machine.ts'
import type { SwitchInput } from '../../../src/apply/switch/turn.ts'
import type { HostDisk } from './host-model.ts'

/** A host as it is at one moment, with what is between it and the runner. */
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

/** What the machine sends. */
export type Message = 'arm' | 'fire' | 'put-back' | 'put-back-done' | 'keep'

/** A switch at one moment: the machine, its hosts, and what may still go wrong. */
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

/** Before anything was asked of it. */
export const fresh: ModelHost = {
  link: 'old',
  record: 'none',
  end: 'idle',
  alone: false,
  out: [],
  back: [],
  untold: false,
  task: undefined,
}

/** The same with one host otherwise. */
export const change = (fleet: Fleet, name: string, host: Partial<ModelHost>): Fleet => {
  const before = fleet.hosts.get(name) ?? fresh
  return { ...fleet, hosts: new Map(fleet.hosts).set(name, { ...before, ...host }) }
}

/** A message to it can arrive, and an answer come back. */
export const isConnected = (host: ModelHost): boolean => host.end !== 'gone' && !host.alone

/** A message into a connection that broke goes nowhere, whether the sender knows that or not. */
export function send(fleet: Fleet, name: string, message: Message): Fleet {
  const host = fleet.hosts.get(name) ?? fresh
  return isConnected(host) ? change(fleet, name, { out: [...host.out, message] }) : fleet
}

/** The runner drops the connection, or it breaks: what is under way is lost, and the remote end is about to see it. */
export const dropped: Partial<ModelHost> = { alone: true, out: [], back: [], untold: false }

/** Names a step that may come next. */
export type Add = (what: string, next: Fleet) => void
