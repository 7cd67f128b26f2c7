import { describe, expect, test } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import type { Intent } from '../../src/model/names.ts'
import {
  cancelled,
  type ExitCode,
  exitCodes,
  failed,
  type Outcome,
  ok,
  unknown,
} from '../../src/model/outcome.ts'
import { withoutColour } from '../../src/report/paint.ts'
import { createRunRecorder } from '../../src/report/run-recorder.ts'
import { formatSummary, type SummaryOptions } from '../../src/report/summary.ts'
import { aProblem, at, exit1, liveOn, lostOn } from './builders.ts'

const hosts = ['web1', 'web2', 'web3']

function summary(events: readonly Event[], changes: Partial<SummaryOptions> = {}): string {
  const recorder = createRunRecorder()
  for (const event of events) recorder.handle(event)
  const options = { columns: 100, paint: withoutColour, logPath: undefined, was: new Map(), ...changes }
  return `\n${formatSummary(recorder.record(), options)}\n`
}

const everywhere = (live: string, outcome: Outcome = ok) =>
  Object.fromEntries(hosts.map(host => [host, liveOn(live, outcome)]))

test('a run that went well ends in one sentence, under what the hosts say', () => {
  const events = [
    at(0).runStarted(hosts),
    ...hosts.map(host => at(30_000).switched(host)),
    at(41_200).runFinished(0, everywhere('shop-1.4.0')),
  ]
  expect(summary(events, { logPath: '/home/ana/run.log' })).toMatchInlineSnapshot(`
    "
    host  was         is now      outcome
    web1  shop-1.3.0  shop-1.4.0  ok
    web2  shop-1.3.0  shop-1.4.0  ok
    web3  shop-1.3.0  shop-1.4.0  ok

    Switched production to shop-1.4.0 on 3 hosts in 41 s.
    Log: /home/ana/run.log
    "
  `)
})

test('a failed step is shown once more, last, with the end of its output and what to do', () => {
  const events = [
    at(0).runStarted(hosts),
    at(1_000).phaseStarted('verify', hosts),
    at(2_000).output('web2', 'FAIL: test_cart (shop.tests.CartTest)'),
    at(2_000).output('web2', '\x1b[31mAssertionError: 2 != 3\x1b[0m'),
    at(3_000).stepFinished('web2', exit1, 2_000, '.env/bin/python -m unittest'),
    ...hosts.map(host => at(3_000).rejected(host)),
    at(4_000).runFinished(4, { ...everywhere('shop-1.3.0', cancelled), web2: liveOn('shop-1.3.0', exit1) }),
  ]
  expect(summary(events)).toMatchInlineSnapshot(`
    "
    host  was         is now      outcome
    web1  shop-1.3.0  shop-1.3.0  not switched
    web2  shop-1.3.0  shop-1.3.0  failed: exit 1
    web3  shop-1.3.0  shop-1.3.0  not switched

    ✖ web2, verify: .env/bin/python -m unittest: failed: exit 1
      | FAIL: test_cart (shop.tests.CartTest)
      | AssertionError: 2 != 3
      → shop-1.4.0 is rejected now and is never switched to: mend it and ship a new version
      → if it was not to blame, \`deploy discard shop-1.4.0 production\` forgets the rejection

    Failed in verify on web2. Nothing was switched anywhere.
    "
  `)
})

test.each([
  ['verify', failed('could not be started: no such program')],
  ['seal', failed('no space is left on the device')],
] as const)('in %s, a fault that is no verdict is not called one', (phase, outcome) => {
  const events = [
    at(0).runStarted(['web1']),
    at(1_000).phaseStarted(phase, ['web1']),
    at(3_000).stepFinished('web1', outcome),
    at(4_000).runFinished(4, { web1: liveOn('shop-1.3.0', outcome) }),
  ]
  const said = summary(events)
  expect(said).toContain('→ shop-1.4.0 is not rejected: mend the cause and run the same command again')
  expect(said).not.toContain('discard')
})

test('hosts that failed alike share one block, and one that failed otherwise has its own', () => {
  const events = [
    at(0).runStarted(hosts),
    at(1_000).phaseStarted('build', hosts),
    ...hosts.map(host => at(2_000).output(host, host === 'web3' ? 'disk full' : 'no such package')),
    ...hosts.map(host => at(3_000).stepFinished(host, exit1)),
    at(4_000).runFinished(4, everywhere('shop-1.3.0', exit1), '3 of 3 hosts failed in build.'),
  ]
  expect(summary(events)).toMatchInlineSnapshot(`
    "
    host  was         is now      outcome
    web1  shop-1.3.0  shop-1.3.0  failed: exit 1
    web2  shop-1.3.0  shop-1.3.0  failed: exit 1
    web3  shop-1.3.0  shop-1.3.0  failed: exit 1

    ✖ web1, web2, build: Install the wheels: failed: exit 1
      | no such package
      → mend the cause and run the same command again
      → only with --keep-failed does what was built so far stay on the host, to be looked at

    ✖ web3, build: Install the wheels: failed: exit 1
      | disk full
      → mend the cause and run the same command again
      → only with --keep-failed does what was built so far stay on the host, to be looked at

    Failed in build on web1, web2, web3. Nothing was switched anywhere.
    "
  `)
})

test('after a split, the closing lines name the hosts and the commands', () => {
  const events = [
    at(0).runStarted(hosts),
    at(9_000).runFinished(6, {
      web1: liveOn('shop-1.4.0'),
      web2: liveOn('shop-1.3.0', exit1),
      web3: lostOn('shop-1.3.0', unknown('connection lost')),
    }),
  ]
  expect(summary(events, { was: new Map(hosts.map(host => [host, 'shop-1.3.0'])) })).toMatchInlineSnapshot(`
    "
    host  was         is now                            outcome
    web1  shop-1.3.0  shop-1.4.0                        switched
    web2  shop-1.3.0  shop-1.3.0                        failed: exit 1
    web3  shop-1.3.0  unknown (last known: shop-1.3.0)  unknown: connection lost

    ✖ web2: failed: exit 1
    ✖ web3: unknown: connection lost

    production is split: shop-1.4.0 on web1, shop-1.3.0 on web2. Nobody could read back web3: what is live there is unknown.
    A person must look at these hosts, and then decide for all of them:
      deploy recover production --back
      deploy recover production --forward
    "
  `)
})

test('where the links are right but not everything could be undone, no recovery is offered', () => {
  const events = [at(0).runStarted(hosts), at(9_000).runFinished(6, everywhere('shop-1.3.0', cancelled))]
  expect(summary(events)).toMatchInlineSnapshot(`
    "
    host  was         is now      outcome
    web1  shop-1.3.0  shop-1.3.0  not switched
    web2  shop-1.3.0  shop-1.3.0  not switched
    web3  shop-1.3.0  shop-1.3.0  not switched

    production stands: shop-1.3.0 on web1, web2, web3.
    Not everything could be undone: see the errors, and \`deploy status production\`.
    "
  `)
})

test('a run that was refused before it began closes with the words of whoever refused it', () => {
  expect(
    summary([at(0).runFinished(0, {}, 'shop-1.4.0 is live on all 3 hosts: nothing to do.')]),
  ).toMatchInlineSnapshot(`
    "
    shop-1.4.0 is live on all 3 hosts: nothing to do.
    "
  `)
})

test('a run that was refused shows every reason, grouped by host, and warnings no more', () => {
  const events = [
    at(0).problem(aProblem('web1', 'the deploy account is root', { severity: 'warning' })),
    at(0).problem(
      aProblem('web1: root', '/var/webcode is not writable', { hint: 'chown deploy /var/webcode' }),
    ),
    at(0).problem(aProblem('web2', 'cannot be reached: connection refused')),
    at(10).runFinished(3, {}),
  ]
  expect(summary(events)).toMatchInlineSnapshot(`
    "
    web1
      ✖ root: /var/webcode is not writable
        → chown deploy /var/webcode
    web2
      ✖ cannot be reached: connection refused

    Refused. Nothing was changed.
    "
  `)
})

test('what was live before is what the plan says, then what the switch says, then what is live', () => {
  const events = [
    at(0).runStarted(hosts),
    at(1).switched('web1', { from: undefined }),
    at(1).switched('web2'),
    at(2).runFinished(0, everywhere('shop-1.4.0')),
  ]
  const was = new Map([['web2', 'shop-1.2.0']])
  expect(summary(events, { was })).toMatchInlineSnapshot(`
    "
    host  was         is now      outcome
    web1  none        shop-1.4.0  ok
    web2  shop-1.2.0  shop-1.4.0  ok
    web3  shop-1.4.0  shop-1.4.0  ok

    Switched production to shop-1.4.0 on 2 hosts in 2 ms; 1 host had it already.
    "
  `)
})

const closing = (exit: ExitCode, intent: Intent, switched: boolean) =>
  summary([
    at(0).runStarted(['web1'], intent),
    ...(switched ? [at(1).switched('web1')] : []),
    at(2_000).runFinished(exit, { web1: liveOn('shop-1.4.0', ok) }),
  ])
    .trimEnd()
    .split('\n')
    .at(-1)

test('a host says why it ended so, though a step of it failed as well', () => {
  const stuck = failed(
    'switching the link production: Permission denied: /var/webcode is not writable for deploy',
  )
  const lost = unknown('the connection was lost: it was given up')
  const events = [
    at(0).runStarted(['web1']),
    at(1).phaseStarted('health', ['web1']),
    at(2).stepFinished('web1', lost),
    at(3).runFinished(6, { web1: liveOn('shop-1.4.0', stuck) }),
  ]
  expect(summary(events)).toMatchInlineSnapshot(`
    "
    host  was         is now      outcome
    web1  shop-1.4.0  shop-1.4.0  failed: switching the link production: Permission denied: /var/webcod…

    ✖ web1, health: Install the wheels: unknown: the connection was lost: it was given up
      → nobody knows what became of it: look at the host, and at \`deploy status production\`

    ✖ web1: failed: switching the link production: Permission denied: /var/webcode is not writable for deploy

    production stands: shop-1.4.0 on web1.
    Not everything could be undone: see the errors, and \`deploy status production\`.
    "
  `)
})

test('the last words of a run whose runner stood still say that it did', () => {
  const message =
    'this runner stood still for 9.0 s; a host that heard nothing of it for `heartbeat` has given it up and put itself back'
  const events = [
    at(0).runStarted(['web1']),
    at(1).notice(message),
    at(2).runFinished(5, { web1: liveOn('shop-1.3.0', failed('the remote end ended; it was put back')) }),
  ]
  expect(summary(events)).toMatchInlineSnapshot(`
    "
    host  was         is now      outcome
    web1  shop-1.3.0  shop-1.3.0  failed: the remote end ended; it was put back

    ✖ web1: failed: the remote end ended; it was put back

    All hosts were put back.
    This runner stood still for 9.0 s; a host that heard nothing of it for \`heartbeat\` has given it up and put itself back.
    "
  `)
})

test('every way to end has its sentence', () => {
  const said = Object.values(exitCodes).map(exit => `${exit}: ${closing(exit, 'deploy', true)}`)
  expect(said).toMatchInlineSnapshot(`
    [
      "0: Switched production to shop-1.4.0 on 1 host in 2.0 s.",
      "1: This is a bug of stage-deploy: please report it with the log. \`deploy status production\` says how the hosts stand.",
      "2: Refused. Nothing was changed.",
      "3: Refused. Nothing was changed.",
      "4: Nothing was switched anywhere.",
      "5: Interrupted. All hosts were put back.",
      "6: Not everything could be undone: see the errors, and \`deploy status production\`.",
      "7: production is locked by another run. Nothing was changed.",
      "8: Something is not as it should be; nothing was changed.",
      "74: The result could not be written; nothing was changed.",
      "130: Interrupted. Nothing was switched anywhere.",
    ]
  `)
})

test('a rollback, a preparation and a run with nothing to switch are called by their names', () => {
  expect(closing(0, 'rollback', true)).toMatchInlineSnapshot(
    `"Switched production back to shop-1.4.0 on 1 host in 2.0 s."`,
  )
  expect(closing(0, 'recover', true)).toMatchInlineSnapshot(
    `"Mended production in 2.0 s: shop-1.4.0 on web1."`,
  )
  expect(closing(5, 'recover', true)).toMatchInlineSnapshot(
    `"Interrupted. All hosts were put back. production is split as it was before."`,
  )
  expect(closing(0, 'prepare', false)).toMatchInlineSnapshot(
    `"Prepared shop-1.4.0 on 1 host in 2.0 s; nothing was switched."`,
  )
  expect(closing(0, 'deploy', false)).toMatchInlineSnapshot(
    `"production was on shop-1.4.0 already, on 1 host: there was nothing to switch."`,
  )
})

test('hosts that nobody could read back, when the others agree, are to be looked at before anybody decides', () => {
  const hosts = {
    web1: liveOn('shop-1.3.0', cancelled),
    web2: lostOn('shop-1.3.0', unknown('connection lost')),
  }
  const events = [at(0).runStarted(['web1', 'web2']), at(2_000).runFinished(6, hosts)]
  expect(summary(events)).toMatchInlineSnapshot(`
    "
    host  was         is now                            outcome
    web1  shop-1.3.0  shop-1.3.0                        not switched
    web2  shop-1.3.0  unknown (last known: shop-1.3.0)  unknown: connection lost

    ✖ web2: unknown: connection lost

    production stands: shop-1.3.0 on web1. Nobody could read back web2: what is live there is unknown.
    A host that loses its runner puts itself back, unless the switch was kept there already.
    \`deploy status production\` says how they stand, and whether somebody must decide:
      deploy recover production --back
      deploy recover production --forward
    "
  `)
})

test('hosts that kept the switch off the record are said with how that is mended', () => {
  const why = 'it kept the switch, and its journal could not take that: no space left on device'
  const hosts = { web1: liveOn('shop-1.4.0', ok), web2: liveOn('shop-1.4.0', failed(why)) }
  const events = [
    at(0).runStarted(['web1', 'web2']),
    at(1_000).problem(aProblem('web2', why, { code: 'unrecorded' })),
    at(2_000).runFinished(6, hosts),
  ]
  expect(summary(events)).toMatchInlineSnapshot(`
    "
    host  was         is now      outcome
    web1  shop-1.4.0  shop-1.4.0  switched
    web2  shop-1.4.0  shop-1.4.0  failed: it kept the switch, and its journal could not take that: no s…

    web2
      ✖ it kept the switch, and its journal could not take that: no space left on device

    ✖ web2: failed: it kept the switch, and its journal could not take that: no space left on device

    production stands: shop-1.4.0 on web1, web2. Not every journal has it that the switch was kept: see the errors.
    Until it does, the next run would put the switch back, or be refused. Make room for the journal, then:
      deploy recover production --forward
    "
  `)
})

describe('links that somebody else moved are no split', () => {
  const why = 'the link was moved by somebody else: it names shop-0.9.0 and is left alone'
  const hint = '`deploy rollback production --to shop-1.4.0` puts it back'
  const closing = (
    hosts: Parameters<ReturnType<typeof at>['runFinished']>[1],
    ...moved: readonly string[]
  ) => {
    const events = [
      at(0).runStarted(Object.keys(hosts)),
      ...moved.map(host => at(1_000).problem(aProblem(host, why, { code: 'moved', hint }))),
      at(2_000).runFinished(6, hosts),
    ]
    return summary(events).split('\n').slice(-5).join('\n')
  }
  const moved = liveOn('shop-0.9.0', failed(why))

  test('on one host', () => {
    expect(closing({ web1: liveOn('shop-1.4.0'), web2: moved }, 'web2')).toMatchInlineSnapshot(`
      "
      production stands: shop-1.4.0 on web1, shop-0.9.0 on web2. On web2 that is not what this run has set: somebody else moved the link.
      It was left alone. If it is not meant to be so:
        \`deploy rollback production --to shop-1.4.0\` puts it back
      "
    `)
  })

  test('on all: there was nothing to undo', () => {
    expect(closing({ web1: moved, web2: moved }, 'web1', 'web2')).toMatchInlineSnapshot(`
      "
      production stands: shop-0.9.0 on web1, web2. On web1, web2 that is not what this run has set: somebody else moved the link.
      It was left alone. If it is not meant to be so:
        \`deploy rollback production --to shop-1.4.0\` puts it back
      "
    `)
  })

  test('and a host that nobody could read back is another matter', () => {
    const lost = lostOn('shop-1.3.0', unknown('connection lost'))
    expect(closing({ web1: lost, web2: moved }, 'web2')).toMatchInlineSnapshot(`
      "Nobody could read back web1: what is live there is unknown.
      A host that loses its runner puts itself back, unless the switch was kept there already.
      It was left alone. If it is not meant to be so:
        \`deploy rollback production --to shop-1.4.0\` puts it back
      "
    `)
  })
})

test('after a recovery the splits that are left are said', () => {
  const events = [
    at(0).runStarted(['web1'], 'recover'),
    at(0).problem(
      aProblem('production', 'the switch s2 is split too', { code: 'split', severity: 'warning' }),
    ),
    at(2_000).runFinished(0, { web1: liveOn('shop-1.3.0') }),
  ]
  expect(summary(events).split('\n').slice(-3)).toMatchInlineSnapshot(`
    [
      "Mended production in 2.0 s: shop-1.3.0 on web1.",
      "production has 1 more split: run \`deploy recover production --back\` or \`--forward\` again.",
      "",
    ]
  `)
})
