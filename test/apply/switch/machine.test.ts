import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type HostPosition,
  isFinal,
  nextTurn,
  type SwitchState,
  startSwitch,
  verdictOf,
} from '../../../src/apply/switch/machine.ts'
import type { Found, SwitchInput } from '../../../src/apply/switch/turn.ts'
import {
  beginning,
  explore,
  happen,
  happenings,
  hostNames,
  isOver,
  positions,
  type Step,
  undecided,
  type World,
} from './explore.ts'

/** What the machine wants, turn by turn, and where it ends. */
function story(inputs: readonly SwitchInput[], hosts = ['web1', 'web2']): string {
  let { state, commands } = startSwitch(hosts)
  const lines = [`-> ${wanted(commands)}`]
  for (const input of inputs) {
    ;({ state, commands } = nextTurn(state, input))
    lines.push(`${said(input)} -> ${wanted(commands)}`)
  }
  return [...lines, ended(state)].join('\n')
}

const wanted = (commands: ReturnType<typeof startSwitch>['commands']): string =>
  commands
    .map(command => ['hosts' in command ? 'all' : 'host' in command ? command.host : '', command.type])
    .map(([host, type]) => (host === '' ? type : `${type} ${host}`))
    .join(', ') || 'nothing'

const said = (input: SwitchInput): string => {
  const { type, ...rest } = input
  return [
    type,
    ...Object.values(rest).map(value => (typeof value === 'object' ? Object.values(value).join('/') : value)),
  ].join(' ')
}

const ended = (state: SwitchState): string =>
  `${state.stage}: ${[...state.hosts].map(([host, position]) => `${host} ${position}`).join(', ')}` +
  (state.stage === 'done' ? ` = ${verdictOf(state)}` : '')

const each = (type: 'armed' | 'fired' | 'kept', hosts = ['web1', 'web2']): readonly SwitchInput[] =>
  hosts.map(host => ({ type, host }))

const fired: readonly SwitchInput[] = [...each('armed'), { type: 'fire-left' }, ...each('fired')]
const keeping: readonly SwitchInput[] = [...fired, { type: 'steps-ended', ok: true }, { type: 'keep-left' }]
const found = (link: Found['link'], record: Found['record'], more: Partial<Found> = {}): Found => ({
  link,
  record,
  undo: 'done',
  locked: true,
  ...more,
})

describe('one order of inputs', () => {
  test('all armed, all fired, steps done, all kept: kept', () => {
    expect(story([...keeping, ...each('kept')])).toMatchInlineSnapshot(`
      "-> arm all
      armed web1 -> nothing
      armed web2 -> fire all
      fire-left -> nothing
      fired web1 -> nothing
      fired web2 -> run-steps
      steps-ended true -> keep all
      keep-left -> nothing
      kept web1 -> nothing
      kept web2 -> nothing
      done: web1 kept, web2 kept = kept"
    `)
  })

  test('a host that cannot be armed: every host is put back, the ones still being armed included', () => {
    expect(
      story([
        { type: 'not-armed', host: 'web1' },
        { type: 'armed', host: 'web2' },
        { type: 'put-back', host: 'web2', clean: true },
        { type: 'put-back', host: 'web1', clean: true },
      ]),
    ).toMatchInlineSnapshot(`
      "-> arm all
      not-armed web1 -> put-back web1, put-back web2
      armed web2 -> nothing
      put-back web2 true -> nothing
      put-back web1 true -> nothing
      done: web1 old, web2 old = not-switched"
    `)
  })

  test('a host that does not confirm fire: every host is put back, that one included', () => {
    expect(
      story([
        ...each('armed'),
        { type: 'fire-left' },
        { type: 'fired', host: 'web1' },
        { type: 'not-fired', host: 'web2' },
        { type: 'fired', host: 'web2' },
        { type: 'put-back', host: 'web1', clean: true },
        { type: 'put-back', host: 'web2', clean: true },
      ]),
    ).toMatchInlineSnapshot(`
      "-> arm all
      armed web1 -> nothing
      armed web2 -> fire all
      fire-left -> nothing
      fired web1 -> nothing
      not-fired web2 -> put-back web1, put-back web2
      fired web2 -> nothing
      put-back web1 true -> nothing
      put-back web2 true -> nothing
      done: web1 old, web2 old = put-back"
    `)
  })

  test('a host lost before any fire left is not asked for again: no link can have moved', () => {
    expect(
      story([
        { type: 'armed', host: 'web1' },
        { type: 'lost', host: 'web2' },
        { type: 'put-back', host: 'web1', clean: true },
      ]),
    ).toMatchInlineSnapshot(`
      "-> arm all
      armed web1 -> nothing
      lost web2 -> put-back web1
      put-back web1 true -> nothing
      done: web1 old, web2 unknown = not-switched"
    `)
  })

  test('a host lost after fire: it is found out, the others are put back meanwhile', () => {
    expect(
      story([
        ...fired,
        { type: 'lost', host: 'web2' },
        { type: 'put-back', host: 'web1', clean: true },
        { type: 'found', host: 'web2', found: found('old', 'put-back') },
      ]),
    ).toMatchInlineSnapshot(`
      "-> arm all
      armed web1 -> nothing
      armed web2 -> fire all
      fire-left -> nothing
      fired web1 -> nothing
      fired web2 -> run-steps
      lost web2 -> reconnect web2, stop-steps, put-back web1
      put-back web1 true -> nothing
      found web2 old/put-back/done/true -> nothing
      done: web1 old, web2 old = put-back"
    `)
  })

  test('a host found with an open switch is put back over the new connection', () => {
    expect(
      story([
        ...fired,
        { type: 'lost', host: 'web2' },
        { type: 'found', host: 'web2', found: found('new', 'open') },
        { type: 'put-back', host: 'web2', clean: true },
        { type: 'put-back', host: 'web1', clean: true },
      ]),
    ).toMatchInlineSnapshot(`
      "-> arm all
      armed web1 -> nothing
      armed web2 -> fire all
      fire-left -> nothing
      fired web1 -> nothing
      fired web2 -> run-steps
      lost web2 -> reconnect web2, stop-steps, put-back web1
      found web2 new/open/done/true -> put-back web2
      put-back web2 true -> nothing
      put-back web1 true -> nothing
      done: web1 old, web2 old = put-back"
    `)
  })

  test('a host whose old remote end went without undoing is undone over the new connection', () => {
    expect(
      story([
        ...fired,
        { type: 'lost', host: 'web2' },
        { type: 'found', host: 'web2', found: found('old', 'put-back', { undo: 'due' }) },
        { type: 'put-back', host: 'web2', clean: false },
        { type: 'put-back', host: 'web1', clean: true },
      ]),
    ).toMatchInlineSnapshot(`
      "-> arm all
      armed web1 -> nothing
      armed web2 -> fire all
      fire-left -> nothing
      fired web1 -> nothing
      fired web2 -> run-steps
      lost web2 -> reconnect web2, stop-steps, put-back web1
      found web2 old/put-back/due/true -> put-back web2
      put-back web2 false -> nothing
      put-back web1 true -> nothing
      done: web1 old, web2 stuck = split-or-unknown"
    `)
  })

  test('a host that refuses to be put back is asked over one more connection, and then given up', () => {
    expect(
      story([
        ...fired,
        { type: 'steps-ended', ok: false },
        { type: 'put-back', host: 'web1', clean: true },
        { type: 'put-back-refused', host: 'web2' },
        { type: 'found', host: 'web2', found: found('new', 'open') },
        { type: 'put-back-refused', host: 'web2' },
      ]),
    ).toMatchInlineSnapshot(`
      "-> arm all
      armed web1 -> nothing
      armed web2 -> fire all
      fire-left -> nothing
      fired web1 -> nothing
      fired web2 -> run-steps
      steps-ended false -> stop-steps, put-back web1, put-back web2
      put-back web1 true -> nothing
      put-back-refused web2 -> reconnect web2
      found web2 new/open/done/true -> put-back web2
      put-back-refused web2 -> nothing
      done: web1 old, web2 stuck = split-or-unknown"
    `)
  })

  test('a host that another run has locked is that run’s to mend', () => {
    expect(
      story([
        ...fired,
        { type: 'lost', host: 'web2' },
        { type: 'put-back', host: 'web1', clean: true },
        { type: 'found', host: 'web2', found: found('new', 'open', { locked: false }) },
      ]),
    ).toMatchInlineSnapshot(`
      "-> arm all
      armed web1 -> nothing
      armed web2 -> fire all
      fire-left -> nothing
      fired web1 -> nothing
      fired web2 -> run-steps
      lost web2 -> reconnect web2, stop-steps, put-back web1
      put-back web1 true -> nothing
      found web2 new/open/done/false -> nothing
      done: web1 old, web2 stuck = split-or-unknown"
    `)
  })

  test('after the first keep a host that put itself back goes forward again', () => {
    expect(
      story([
        ...keeping,
        { type: 'kept', host: 'web1' },
        { type: 'lost', host: 'web2' },
        { type: 'interrupted' },
        { type: 'found', host: 'web2', found: found('old', 'put-back') },
        { type: 'forward-ended', host: 'web2', as: 'kept' },
      ]),
    ).toMatchInlineSnapshot(`
      "-> arm all
      armed web1 -> nothing
      armed web2 -> fire all
      fire-left -> nothing
      fired web1 -> nothing
      fired web2 -> run-steps
      steps-ended true -> keep all
      keep-left -> nothing
      kept web1 -> nothing
      lost web2 -> reconnect web2
      interrupted -> nothing
      found web2 old/put-back/done/true -> forward-again web2
      forward-ended web2 kept -> nothing
      done: web1 kept, web2 kept = kept"
    `)
  })

  test('after the first keep a host that had kept needs nothing more', () => {
    expect(
      story([
        ...keeping,
        { type: 'not-kept', host: 'web2' },
        { type: 'kept', host: 'web1' },
        { type: 'found', host: 'web2', found: found('new', 'kept') },
      ]),
    ).toMatchInlineSnapshot(`
      "-> arm all
      armed web1 -> nothing
      armed web2 -> fire all
      fire-left -> nothing
      fired web1 -> nothing
      fired web2 -> run-steps
      steps-ended true -> keep all
      keep-left -> nothing
      not-kept web2 -> reconnect web2
      kept web1 -> nothing
      found web2 new/kept/done/true -> nothing
      done: web1 kept, web2 kept = kept"
    `)
  })

  test('a signal while steps run stops them and puts back', () => {
    expect(
      story([
        ...fired,
        { type: 'interrupted' },
        { type: 'steps-ended', ok: true },
        { type: 'put-back', host: 'web1', clean: true },
        { type: 'put-back', host: 'web2', clean: true },
      ]),
    ).toMatchInlineSnapshot(`
      "-> arm all
      armed web1 -> nothing
      armed web2 -> fire all
      fire-left -> nothing
      fired web1 -> nothing
      fired web2 -> run-steps
      interrupted -> stop-steps, put-back web1, put-back web2
      steps-ended true -> nothing
      put-back web1 true -> nothing
      put-back web2 true -> nothing
      done: web1 old, web2 old = put-back"
    `)
  })
})

const order = ['arming', 'firing', 'steps', 'keeping']

/** What must hold of every turn, whatever came before it. */
function checkStep({ before, turn, after, happening }: Step): void {
  const types = turn.commands.map(command => command.type)
  const beforeStage = before.state.stage
  const afterStage = after.state.stage
  for (const command of turn.commands) {
    const hosts = 'hosts' in command ? command.hosts : 'host' in command ? [command.host] : []
    for (const host of hosts) {
      const position = after.state.hosts.get(host)
      if (position === undefined || isFinal(position)) fail('a command to a final host', happening, before)
    }
  }
  if (types.includes('fire') && !positions(after).every(position => position === 'armed'))
    fail('fire before all are armed', happening, before)
  if (types.includes('keep') && !positions(after).every(position => position === 'fired'))
    fail('keep before all are fired', happening, before)
  if (beforeStage === 'back' && afterStage !== 'back' && afterStage !== 'done')
    fail('out of back', happening, before)
  if (beforeStage === 'keeping' && afterStage !== 'keeping' && afterStage !== 'done')
    fail('out of keeping', happening, before)
  if (beforeStage === 'keeping' && types.includes('put-back'))
    fail('put back after keep left', happening, before)
  if (
    beforeStage === 'back' &&
    types.some(type => type === 'fire' || type === 'keep' || type === 'forward-again')
  )
    fail('forward after back', happening, before)
  if (
    order.includes(beforeStage) &&
    order.includes(afterStage) &&
    order.indexOf(afterStage) < order.indexOf(beforeStage)
  )
    fail('a stage again', happening, before)
  for (const [host, position] of before.state.hosts)
    if (isFinal(position) && after.state.hosts.get(host) !== position)
      fail('out of a final position', happening, before)
}

/** What must hold of every world. */
function checkWorld(world: World): void {
  const { state, owed } = world
  for (const host of undecided(world)) {
    if (!isCaredFor(state.hosts.get(host), host, owed))
      throw new Error(`nobody cares for ${host}: ${JSON.stringify(describeWorld(world))}`)
  }
  if (undecided(world).length === 0 && !isOver(world))
    throw new Error(`not done: ${JSON.stringify(describeWorld(world))}`)
  if (!isOver(world)) return
  const all = positions(world)
  const verdict = verdictOf(state)
  expect(verdict === 'not-switched').toBe(!state.fireLeft)
  expect(verdict === 'kept').toBe(state.fireLeft && all.every(position => position === 'kept'))
  expect(verdict === 'put-back').toBe(state.fireLeft && all.every(position => position === 'old'))
}

/** Is there something under way that will tell more of this host? */
function isCaredFor(position: HostPosition | undefined, host: string, owed: readonly string[]): boolean {
  const own = (...commands: readonly string[]) =>
    commands.some(command => owed.includes(`${command} ${host}`))
  const common = (...commands: readonly string[]) =>
    commands.some(command => owed.some(debt => debt === command || debt.startsWith(`${command} `)))
  switch (position) {
    case 'arming':
      return own('arm')
    case 'armed':
      return common('arm', 'fire')
    case 'firing':
      return own('fired')
    case 'fired':
      return common('fired', 'run-steps', 'keep')
    case 'keeping':
      return own('kept')
    case 'putting-back':
    case 'putting-back-anew':
      return own('put-back')
    case 'reconnecting':
      return own('reconnect')
    case 'forward-again':
      return own('forward-again')
    default:
      return false
  }
}

function fail(rule: string, happening: Step['happening'], before: World): never {
  throw new Error(`${rule}: ${JSON.stringify(happening.input)} in ${JSON.stringify(describeWorld(before))}`)
}

const describeWorld = ({ state, owed }: World) => ({ stage: state.stage, hosts: [...state.hosts], owed })

describe('every order of answers, losses, late answers and interrupts', () => {
  test.each([1, 2, 3])('with %i hosts: every rule of the switch holds in every turn', count => {
    const verdicts = new Set<string>()
    const worlds = explore(count, checkStep, world => {
      checkWorld(world)
      if (isOver(world)) verdicts.add(verdictOf(world.state))
    })
    expect([...verdicts].toSorted()).toStrictEqual(['kept', 'not-switched', 'put-back', 'split-or-unknown'])
    expect(worlds).toBeGreaterThan(count * 20)
  })

  test('the machine is done as soon as every command was answered, in whatever order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.infiniteStream(fc.nat()), (count, choices) => {
        let world = beginning(count)
        for (const choice of choices) {
          const answers = happenings(world).filter(({ pays }) => pays !== undefined)
          const next = answers[choice % Math.max(1, answers.length)]
          if (next === undefined) break
          world = happen(world, next).after
        }
        expect(isOver(world), JSON.stringify(describeWorld(world))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  test('what was never asked, comes twice or names a stranger changes nothing that is final', () => {
    const host = fc.constantFrom(...hostNames(3), 'stranger')
    const input: fc.Arbitrary<SwitchInput> = fc.oneof(
      fc.record({
        type: fc.constantFrom('armed', 'not-armed', 'fired', 'not-fired', 'kept', 'not-kept'),
        host,
      }),
      fc.record({ type: fc.constantFrom('lost', 'not-found', 'put-back-refused'), host }),
      fc.record({ type: fc.constant('put-back'), host, clean: fc.boolean() }),
      fc.record({ type: fc.constantFrom('fire-left', 'keep-left', 'interrupted') }),
      fc.record({ type: fc.constant('steps-ended'), ok: fc.boolean() }),
    )
    fc.assert(
      fc.property(fc.array(input, { maxLength: 40 }), inputs => {
        let { state } = startSwitch(hostNames(3))
        for (const given of inputs) {
          const turn = nextTurn(state, given)
          for (const [name, position] of state.hosts)
            if (isFinal(position)) expect(turn.state.hosts.get(name)).toBe(position)
          expect([...turn.state.hosts.keys()]).toStrictEqual([...hostNames(3)])
          state = turn.state
        }
      }),
    )
  })
})
