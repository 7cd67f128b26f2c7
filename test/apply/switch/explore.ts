import {
  type HostPosition,
  isFinal,
  nextTurn,
  type SwitchState,
  type SwitchTurn,
  startSwitch,
} from '../../../src/apply/switch/machine.ts'
import type { Found, SwitchCommand, SwitchInput } from '../../../src/apply/switch/turn.ts'

/**
 * The machine together with everything that may happen to it: what its commands still owe it, and what comes unasked.
 * An order of inputs is a path through these worlds.
 */
export interface World {
  readonly state: SwitchState
  /** Commands whose answer is still to come: `fire`, `put-back web1`. */
  readonly owed: readonly string[]
  readonly interrupted: boolean
}

/** Something that may happen next, with what is owed no more when it has. */
export interface Happening {
  readonly input: SwitchInput
  readonly pays: string | undefined
}

export interface Step {
  readonly before: World
  readonly happening: Happening
  readonly turn: SwitchTurn
  readonly after: World
}

export const hostNames = (count: number): readonly string[] => ['web1', 'web2', 'web3'].slice(0, count)

export function beginning(count: number): World {
  const { state, commands } = startSwitch(hostNames(count))
  return { state, owed: commands.flatMap(debtsOf), interrupted: false }
}

export function happen(before: World, happening: Happening): Step {
  const turn = nextTurn(before.state, happening.input)
  const rest = before.owed.filter(debt => debt !== happening.pays)
  const owed = [...new Set([...rest, ...turn.commands.flatMap(debtsOf), ...leftMessages(turn, happening)])]
  const interrupted = before.interrupted || happening.input.type === 'interrupted'
  return { before, happening, turn, after: { state: turn.state, owed: owed.toSorted(), interrupted } }
}

/** What a command owes an answer for. A barrier is owed first, the answers of the hosts when it was passed. */
function debtsOf(command: SwitchCommand): readonly string[] {
  switch (command.type) {
    case 'arm':
      return command.hosts.map(host => `arm ${host}`)
    case 'fire':
    case 'keep':
    case 'run-steps':
      return [command.type]
    case 'stop-steps':
      return []
    case 'put-back':
    case 'reconnect':
    case 'forward-again':
      return [`${command.type} ${command.host}`]
  }
}

function leftMessages({ state }: SwitchTurn, { input }: Happening): readonly string[] {
  const hosts = [...state.hosts.keys()]
  if (input.type === 'fire-left' && state.stage === 'firing') return hosts.map(host => `fired ${host}`)
  if (input.type === 'keep-left' && state.stage === 'keeping') return hosts.map(host => `kept ${host}`)
  return []
}

/**
 * Everything that may happen now: an answer to what is owed, late or not; the loss of any host; an interrupt. A barrier
 * is passed only while the machine still wants that: the driver looks before it writes.
 */
export function happenings({ state, owed, interrupted }: World): readonly Happening[] {
  const answers = owed.flatMap(debt => answersTo(debt, state).map(input => ({ input, pays: debt })))
  const unasked: SwitchInput[] = [...state.hosts.keys()].map(host => ({ type: 'lost', host }))
  if (!interrupted) unasked.push({ type: 'interrupted' })
  return [...answers, ...unasked.map(input => ({ input, pays: undefined }))]
}

function answersTo(debt: string, state: SwitchState): readonly SwitchInput[] {
  const [command, host = ''] = debt.split(' ')
  switch (command) {
    case 'arm':
      return [
        { type: 'armed', host },
        { type: 'not-armed', host },
      ]
    case 'fire':
      return state.stage === 'arming' ? [{ type: 'fire-left' }] : []
    case 'keep':
      return state.stage === 'steps' ? [{ type: 'keep-left' }] : []
    case 'run-steps':
      return [
        { type: 'steps-ended', ok: true },
        { type: 'steps-ended', ok: false },
      ]
    case 'fired':
      return [
        { type: 'fired', host },
        { type: 'not-fired', host },
      ]
    case 'kept':
      return [
        { type: 'kept', host },
        { type: 'not-kept', host },
      ]
    case 'put-back':
      return [
        { type: 'put-back', host, clean: true },
        { type: 'put-back', host, clean: false },
        { type: 'put-back-refused', host },
      ]
    case 'reconnect':
      return [
        { type: 'not-found', host },
        ...finds.map((found): SwitchInput => ({ type: 'found', host, found })),
      ]
    case 'forward-again':
      return (['kept', 'stuck', 'unknown'] as const).map(as => ({ type: 'forward-ended', host, as }))
    default:
      throw new Error(`nobody owes this: ${debt}`)
  }
}

const finds: readonly Found[] = (['old', 'new', 'other'] as const).flatMap(link =>
  (['kept', 'open', 'put-back', 'none'] as const).flatMap(record =>
    (['done', 'due', 'failed'] as const).flatMap(undo =>
      [true, false].map(locked => ({ link, record, undo, locked })),
    ),
  ),
)

export const positions = ({ state }: World): readonly HostPosition[] => [...state.hosts.values()]
export const isOver = ({ state }: World): boolean => state.stage === 'done'
export const undecided = ({ state }: World): readonly string[] =>
  [...state.hosts].filter(([, position]) => !isFinal(position)).map(([host]) => host)

/** The same for every naming of the hosts: exploring one of them explores all. */
export function keyOf({ state, owed, interrupted }: World): string {
  const hosts = [...state.hosts].map(([host, position]) => {
    const own = owed.filter(debt => debt.endsWith(` ${host}`)).map(debt => debt.split(' ')[0])
    return `${position}:${own.join('+')}`
  })
  const common = owed.filter(debt => !debt.includes(' '))
  return [state.stage, state.fireLeft, interrupted, ...common, ...hosts.toSorted()].join('|')
}

/** Visits every step of every order of inputs; returns how many worlds there are. */
export function explore(count: number, visit: (step: Step) => void, arrive: (world: World) => void): number {
  const first = beginning(count)
  const seen = new Set([keyOf(first)])
  const open = [first]
  for (let world = open.pop(); world !== undefined; world = open.pop()) {
    arrive(world)
    for (const happening of happenings(world)) {
      const step = happen(world, happening)
      visit(step)
      const key = keyOf(step.after)
      if (seen.has(key)) continue
      seen.add(key)
      open.push(step.after)
    }
  }
  return seen.size
}
