import fc from 'fast-check'
import { type RequestName, requests } from '../../../src/remote/messages.ts'
import type { Conversation, Turn } from './converse.ts'
import { valuesOf } from './from-schema.ts'
import { jsonEdited, jsonEdits } from './json-edits.ts'
import { SDIST, SHA256 } from './real-root.ts'
import { isValid, requestNames, words } from './vocabulary.ts'

const bodyOf = (name: RequestName) => valuesOf(requests[name].body, words)

const ask = (name: RequestName, body: unknown): Turn => ({ kind: 'ask', name, body })

/** The first request of a connection that means well. */
export const OPEN = ask('open', {
  protocol: 1,
  root: '@root',
  project: 'shop',
  host: 'web1',
  heartbeatMs: 60_000,
  forwardAgent: false,
  holder: { run: 'r2', by: 'ana', from: 'laptop', pid: 1, command: 'deploy staging', sinceMs: 1 },
})

/** Any request but `open` with a body that fits, in any order. */
const anything = fc
  .constantFrom(...requestNames.filter(name => name !== 'open' && name !== 'close'))
  .chain(name => bodyOf(name).map(body => ask(name, body)))

const LOCKS = ['staging', 'shop-1.0', 'shop-1.1', 'shop-1.2', 'shop-1.3'].map(name =>
  ask('lock', { name, mode: name === 'staging' || name === 'shop-1.3' ? 'exclusive' : 'shared' }),
)

const running = (time: string, step = 'a/1') => ({
  step,
  argv: ['sleep', time],
  env: {},
  secret: [],
  cwd: '@root',
  timeoutMs: 60_000,
  sudo: false,
  input: null,
  build: null,
})

/** An arm that is refused only for what was done before it. */
const arming = (id: string, from: string, to: string, kind: string) =>
  ask('arm', {
    ...{
      id,
      kind,
      stage: 'staging',
      from,
      to,
      recovers: null,
      hosts: ['web1', 'web2'],
      except: [],
      exception: null,
      atMs: 1,
    },
    undo: [{ of: 'a/1', run: running('0.01', 'undo a/1'), probe: null }],
  })

const PAUSE: Turn = { kind: 'pause' }

/** The moves of one switch as a runner makes them; each may be missing, and where they end is open. */
const attempt = fc
  .record({
    id: fc.constantFrom('s1', 's1', 's2'),
    from: fc.constantFrom('shop-1.0', 'shop-1.0', 'shop-1.1'),
    to: fc.constantFrom('shop-1.1', 'shop-1.1', 'shop-1.2'),
    kind: fc.constantFrom('deploy', 'promote', 'rollback'),
    atUs: fc.constantFrom(null, 0, Number.MAX_SAFE_INTEGER),
    delayUs: fc.constantFrom(0, 0, 5_000, 10_000_000),
    time: fc.constantFrom('0.01', '30'),
    last: fc.subarray(['keep', 'put-back', 'put-back-done'] as const),
    left: fc.array(
      fc.nat({ max: 20 }).map(roll => roll > 0),
      { minLength: 6, maxLength: 6 },
    ),
  })
  .map(({ id, from, to, kind, atUs, delayUs, time, last, left }): readonly Turn[] => {
    const ended = { keep: { id }, 'put-back': { id }, 'put-back-done': { id, undo: [] } }
    const turns = [
      arming(id, from, to, kind),
      ask('fire', { id, atUs, delayUs }),
      PAUSE,
      ask('run', { spec: running(time), undoOf: null }),
      ...last.map(name => ask(name, ended[name])),
    ]
    return turns.filter((_, index) => left[index] !== false)
  })

/** The moves of a switch in any order. */
const moves = fc
  .constantFrom<RequestName>('load-undo', 'arm', 'fire', 'keep', 'put-back', 'put-back-done', 'run')
  .chain(name => bodyOf(name).map(body => ask(name, body)))

const RECEIVE = ask('receive', { revision: 'shop-1.3', sha256: SHA256, bytes: SDIST.length })

/** The ways of an sdist into the root, as far as they go. */
const building = fc.constantFrom<readonly Turn[]>(
  [RECEIVE, { kind: 'data', back: 0, part: 'all' }, { kind: 'data', back: 0, part: 'end' }, PAUSE],
  [RECEIVE, { kind: 'data', back: 0, part: 'first' }],
  [ask('unpack', { revision: 'shop-1.3', sha256: SHA256, keepFailed: false }), PAUSE],
)

const data: fc.Arbitrary<Turn> = fc.record({
  kind: fc.constant<'data'>('data'),
  back: fc.nat(3),
  part: fc.constantFrom('all', 'first', 'rest', 'end', 'other'),
})

const broken: fc.Arbitrary<Turn> = fc.oneof(
  fc
    .constantFrom(
      'ffffffff',
      '000000004a',
      '00100001',
      '000000024a7b',
      '0000000158',
      '00000003440000',
      '000000054a',
    )
    .map(bytes => ({ kind: 'raw' as const, bytes })),
  fc
    .uint8Array({ maxLength: 12 })
    .map(bytes => ({ kind: 'raw' as const, bytes: Buffer.from(bytes).toString('hex') })),
  fc.constantFrom<unknown>(0, -1, 7, 1.5, '1', null, true, 1e308).map(id => ({ ...ask('beat', {}), id })),
  fc.constant<Turn>({ kind: 'data', back: -1, part: 'all' }),
)

const ends = fc.constantFrom('eof' as const, 'close' as const, 'signal' as const)
const single = (turn: fc.Arbitrary<Turn>): fc.Arbitrary<readonly Turn[]> => turn.map(each => [each])
const rarelyBroken = fc.oneof(
  { weight: 2, arbitrary: fc.constant<readonly Turn[]>([]) },
  { weight: 1, arbitrary: single(broken) },
)

/** Sound requests in any order, with here and there something that is none. */
export const anyOrder: fc.Arbitrary<Conversation> = fc
  .tuple(
    fc.array(
      fc.oneof(
        { weight: 4, arbitrary: attempt },
        { weight: 2, arbitrary: single(moves) },
        { weight: 2, arbitrary: single(anything) },
        { weight: 2, arbitrary: single(fc.constant(PAUSE)) },
        { weight: 1, arbitrary: building },
        { weight: 1, arbitrary: single(data) },
        { weight: 1, arbitrary: fc.constant(LOCKS) },
      ),
      { minLength: 1, maxLength: 6 },
    ),
    rarelyBroken,
    ends,
  )
  .map(([turns, last, end]) => ({ turns: [OPEN, ...LOCKS, ...turns.flat(), ...last], end }))

/** What no request is: a body that does not fit, a name that is none. */
const invalid: fc.Arbitrary<Turn> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(...requestNames)
      .chain(name =>
        fc.tuple(fc.constant(name), bodyOf(name), jsonEdits(['id', 'stage', 'to', 'argv', 'undo'], 3)),
      )
      .map(([name, body, edits]) => ask(name, jsonEdited(body, edits)))
      .filter(turn => turn.kind === 'ask' && !isValid(turn.name, turn.body)),
  },
  {
    weight: 1,
    arbitrary: fc
      .oneof(fc.string(), fc.constantFrom('__proto__', 'Open', 'open ', 'beat\0', '', 'settle2'))
      .filter(name => !Object.hasOwn(requests, name))
      .map((name): Turn => ({ kind: 'ask', name, body: {} })),
  },
)

/** Only what is invalid, before or after `open`, with data for it. */
export const onlyInvalid: fc.Arbitrary<Conversation> = fc
  .tuple(
    fc.constantFrom<readonly Turn[]>([], [OPEN], [OPEN, ...LOCKS.slice(0, 2)]),
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: single(invalid) },
        { weight: 1, arbitrary: single(data) },
        { weight: 1, arbitrary: single(fc.constant(ask('beat', {}))) },
      ),
      { minLength: 1, maxLength: 25 },
    ),
    rarelyBroken,
    ends,
  )
  .map(([first, turns, last, end]) => ({ turns: [...first, ...turns.flat(), ...last], end }))
