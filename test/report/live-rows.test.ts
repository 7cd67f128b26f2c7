import { expect, test } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import { cancelled } from '../../src/model/outcome.ts'
import { liveLines } from '../../src/report/live-rows.ts'
import type { Scene } from '../../src/report/live-scene.ts'
import { afterEvents, nothingHappened } from '../../src/report/live-state.ts'
import { withoutColour } from '../../src/report/paint.ts'
import { at, exit1, noon } from './builders.ts'

const building: Scene['stretches'] = [
  { name: 'connect', state: 'done' },
  { name: 'lock', state: 'done' },
  { name: 'upload', state: 'skipped' },
  { name: 'build', state: 'running' },
  { name: 'verify', state: 'waiting' },
  { name: 'switch', state: 'waiting' },
]

function frame(events: readonly Event[], changes: Partial<Scene> = {}): string {
  const lines = liveLines({
    stretches: building,
    state: afterEvents(nothingHappened, events),
    nowMs: noon + 10_000,
    beganMs: noon,
    columns: 100,
    rows: 24,
    paint: withoutColour,
    final: false,
    ...changes,
  })
  return `\n${lines.join('\n')}\n`
}

const begun = (hosts: readonly string[]) => [
  ...hosts.map(host => at(0).connected(host)),
  at(500).runStarted(hosts),
  at(600).phaseStarted('lock', hosts),
  at(900).phaseFinished('lock', 300),
  at(1_000).phaseStarted('build', hosts),
]

test('a row says what is true now: it waits for another host, is at work, is done, was stopped', () => {
  const events = [
    ...begun(['web1', 'web2', 'web3', 'web4', 'web5']),
    at(1_500).stepStarted('web1', 'Build the wheels'),
    ...['web2', 'web3'].flatMap(host => [
      at(1_500).stepStarted(host, 'Take the wheels of web1'),
      at(1_500).waiting(host, 'web1'),
    ]),
    at(4_000).progress('web3', 61, 100),
    at(1_500).stepStarted('web4'),
    at(4_500).stepFinished('web4'),
    at(1_500).stepStarted('web5'),
    at(4_500).stepFinished('web5', cancelled),
  ]
  expect(frame(events)).toMatchInlineSnapshot(`
    "
    shop 1.4.0 → production, 5 hosts
    ✔ connect   0.6 s, 5 hosts
    ✔ lock      0.3 s
    – upload    nothing to do
    ⠋ build     9.0 s
        web1  Build the wheels                                                                     8.5 s
        web2  waiting for web1                                                                     8.5 s
        web3  Take the wheels of web1  ██████░░░░  61 %                                            8.5 s
        web4  done: Install the wheels                                                             3.0 s
        web5  stopped: Install the wheels                                                          3.0 s
    · verify
    · switch
    "
  `)
})

const many = Array.from({ length: 50 }, (_, index) => `web${index + 1}`)

test('a host that could not be reached is named where the others are counted', () => {
  const problem = {
    code: 'unreachable',
    where: 'web2',
    message: 'connection refused',
    hint: undefined,
    severity: 'error',
  } as const
  const events = [at(300).connected('web1'), at(600).problem(problem)]
  expect(frame(events, { stretches: [{ name: 'connect', state: 'failed' }] })).toMatchInlineSnapshot(`
    "
    ✖ connect   10 s, 1 host, not web2
    "
  `)
})

test('a run is shown as its phases, with a row for each host under the running one', () => {
  const events = [
    ...begun(['web1', 'web2', 'web3', 'web4']),
    at(1_500).stepStarted('web1', 'Send shop-1.4.0.tar.gz'),
    at(2_000).progress('web1', 61, 100),
    at(2_000).stepStarted('web2'),
    at(2_500).output('web2', '\x1b[32mCollecting\x1b[0m flask>=3\t(from shop)'),
    at(2_000).stepStarted('web3'),
    at(5_000).stepFinished('web3', exit1),
  ]
  expect(frame(events)).toMatchInlineSnapshot(`
    "
    shop 1.4.0 → production, 4 hosts
    ✔ connect   0.6 s, 4 hosts
    ✔ lock      0.3 s
    – upload    nothing to do
    ⠋ build     9.0 s, failed on web3
        web1  Send shop-1.4.0.tar.gz  ██████░░░░  61 %                                             8.5 s
        web2  Install the wheels      Collecting flask>=3 (from shop)                              8.0 s
        web3  Install the wheels: failed: exit 1                                                   3.0 s
        web4  waiting                                                                                   
    · verify
    · switch
    "
  `)
})

test('when there are more hosts than rows, the worst are shown and the rest is counted', () => {
  const events = [
    ...begun(many),
    ...many.slice(0, 45).map((host, index) => at(2_000 + index).stepStarted(host)),
    at(3_000).stepFinished('web44', exit1),
    at(3_000).stepFinished('web1'),
    at(3_000).stepFinished('web2', cancelled),
  ]
  expect(frame(events, { rows: 14 })).toMatchInlineSnapshot(`
    "
    shop 1.4.0 → production, 50 hosts
    ✔ connect   0.6 s, 50 hosts
    ✔ lock      0.3 s
    – upload    nothing to do
    ⠋ build     9.0 s, failed on web44
        web3   Install the wheels                                                                  7.9 s
        web4   Install the wheels                                                                  7.9 s
        web5   Install the wheels                                                                  7.9 s
        web6   Install the wheels                                                                  7.9 s
        web7   Install the wheels                                                                  7.9 s
        web44  Install the wheels: failed: exit 1                                                  3.0 s
        … 44 more: 37 running, 1 cancelled, 5 waiting, 1 done
    · verify, switch
    "
  `)
})

test('a narrow terminal still shows host, step, share and time', () => {
  const events = [
    ...begun(['web1', 'web2']),
    at(1_500).stepStarted('web1', 'Send shop-1.4.0.tar.gz'),
    at(2_000).progress('web1', 61, 100),
  ]
  expect(frame(events, { columns: 40 })).toMatchInlineSnapshot(`
    "
    shop 1.4.0 → production, 2 hosts
    ✔ connect   0.6 s, 2 hosts
    ✔ lock      0.3 s
    – upload    nothing to do
    ⠋ build     9.0 s
        web1  Send shop-1.4.0.…  61 %  8.5 s
        web2  waiting                       
    · verify
    · switch
    "
  `)
})

test('no line is wider and no frame is higher than the terminal, whatever its size', () => {
  const events = [
    ...begun(many),
    ...many.map(host => at(2_000).stepStarted(host, 'A step with a title that is rather long')),
    ...many.map(host => at(2_000).output(host, 'x'.repeat(300))),
    at(3_000).stepFinished('web7', exit1),
  ]
  for (const columns of [20, 40, 79, 160, 400]) {
    for (const rows of [2, 5, 10, 24, 80]) {
      const lines = frame(events, { columns, rows }).split('\n').slice(1, -1)
      expect(Math.max(...lines.map(line => [...line].length))).toBeLessThanOrEqual(columns)
      expect(lines.length).toBeLessThan(rows)
    }
  }
})

test('a host that was switched, and one that was put back, say so', () => {
  const events = [
    ...begun(['web1', 'web2']),
    at(2_000).phaseStarted('switch', ['web1', 'web2']),
    at(2_100).switched('web1'),
    at(3_000).putBack('web2'),
  ]
  const stretches = [{ name: 'switch', state: 'running' }] as const
  expect(frame(events, { stretches })).toMatchInlineSnapshot(`
    "
    shop 1.4.0 → production, 2 hosts
    ⠋ switch    8.0 s
        web1  switched to shop-1.4.0                                                                    
        web2  put back to shop-1.3.0                                                                    
    "
  `)
})

test('the last frame keeps how far the run came, and on which hosts it failed', () => {
  const events = [
    ...begun(['web1', 'web2']),
    at(5_000).stepFinished('web2', exit1),
    at(5_100).phaseFinished('build', 4_100),
  ]
  const stretches = building.map(one => (one.name === 'build' ? { ...one, state: 'failed' as const } : one))
  expect(frame(events, { stretches, final: true })).toMatchInlineSnapshot(`
    "
    shop 1.4.0 → production, 2 hosts
    ✔ connect   0.6 s, 2 hosts
    ✔ lock      0.3 s
    – upload    nothing to do
    ✖ build     4.1 s, failed on web2
    "
  `)
})

test('a phase whose steps were called off is not shown as one that ended well', () => {
  const events = [
    ...begun(['web1', 'web2']),
    at(5_000).stepFinished('web2', { kind: 'cancelled' }),
    at(5_100).phaseFinished('build', 4_100),
  ]
  const stretches = building.map(one => (one.name === 'build' ? { ...one, state: 'warned' as const } : one))
  expect(frame(events, { stretches, final: true })).toMatchInlineSnapshot(`
    "
    shop 1.4.0 → production, 2 hosts
    ✔ connect   0.6 s, 2 hosts
    ✔ lock      0.3 s
    – upload    nothing to do
    ! build     4.1 s, stopped
    "
  `)
})

test('before the run is known, connecting is shown', () => {
  const stretches = [{ name: 'connect', state: 'running' }] as const
  expect(frame([at(0).connected('web1'), at(0).connected('web2')], { stretches })).toMatchInlineSnapshot(`
    "
    ⠋ connect   10 s, 2 hosts
    "
  `)
})
