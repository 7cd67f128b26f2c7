import { expect, test } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import { cancelled, unknown } from '../../src/model/outcome.ts'
import { createPlainLines, type Detail } from '../../src/report/plain-lines.ts'
import { aProblem, aSink, at, exit1, liveOn } from './builders.ts'

function lines(events: readonly Event[], detail: Detail = 'normal', summedUp = false): string {
  const sink = aSink()
  const reporter = createPlainLines({ out: sink.stream, detail, colour: false, summedUp })
  for (const event of events) reporter.handle(event)
  return `\n${sink.text()}`
}

const hosts = ['web1', 'web2']
const run = [
  at(0).connected('web1', 120),
  at(100).runStarted(hosts),
  at(200).phaseStarted('build', hosts),
  at(300).stepStarted('web1'),
  at(300).stepStarted('web2'),
  at(400).progress('web1', 1, 2),
  at(500).output('web1', 'Collecting flask'),
  at(600).output('web2', '\x1b[31mERROR:\x1b[0m no such package\r'),
  at(700).stepFinished('web1'),
  at(800).stepFinished('web2', exit1),
  at(900).phaseFinished('build', 700),
  at(1_000).runFinished(4, { web1: liveOn('shop-1.3.0'), web2: liveOn('shop-1.3.0', exit1) }),
]

test('every line has its host; what a step printed is shown only of the one that failed', () => {
  expect(lines(run)).toMatchInlineSnapshot(`
    "
    [web1] connected, 0.1 s
    shop 1.4.0 → production, 2 hosts
    build: 2 hosts
    [web1] build Install the wheels
    [web2] build Install the wheels
    [web1] build ok, 3.0 s  Install the wheels
    [web2] build failed: exit 1, 3.0 s  Install the wheels
    [web2] build   | ERROR: no such package
    build: took 0.7 s
    "
  `)
})

test('with verbose, output is shown as it comes, and not again', () => {
  expect(lines(run, 'verbose')).toMatchInlineSnapshot(`
    "
    [web1] connected, 0.1 s
    shop 1.4.0 → production, 2 hosts
    build: 2 hosts
    [web1] build Install the wheels
    [web2] build Install the wheels
    [web1] build   | Collecting flask
    [web2] build   | ERROR: no such package
    [web1] build ok, 3.0 s  Install the wheels
    [web2] build failed: exit 1, 3.0 s  Install the wheels
    build: took 0.7 s
    "
  `)
})

test('quiet shows what failed and nothing else', () => {
  expect(lines(run, 'quiet')).toMatchInlineSnapshot(`
    "
    [web2] build failed: exit 1, 3.0 s  Install the wheels
    [web2] build   | ERROR: no such package
    "
  `)
})

test.each(['normal', 'quiet'] as const)(
  'where a summary follows, the output of a failed step is left to it: %s',
  detail => {
    const said = lines(run, detail, true).split('\n')
    expect(
      lines(run, detail)
        .split('\n')
        .filter(line => !said.includes(line)),
    ).toEqual(['[web2] build   | ERROR: no such package'])
  },
)

test('quiet, with a summary to follow, says only that the step failed', () => {
  expect(lines(run, 'quiet', true)).toMatchInlineSnapshot(`
    "
    [web2] build failed: exit 1, 3.0 s  Install the wheels
    "
  `)
})

test('verbose streams it all the same: it cannot know what a summary will say', () => {
  expect(lines(run, 'verbose', true)).toBe(lines(run, 'verbose', false))
})

test('of the output of a failed step, the last 20 lines are shown', () => {
  const output = Array.from({ length: 30 }, (_, index) => at(index).output('web1', `line ${index + 1}`))
  const shown = lines([...output, at(99).stepFinished('web1', exit1)], 'quiet').split('\n')
  expect(shown.filter(line => line.includes('| line'))).toHaveLength(20)
  expect(shown.at(-2)).toBe('[web1]   | line 30')
})

test('a step of which nobody knows the end is a failed one, a cancelled one is not', () => {
  const events = [
    at(1).stepFinished('web1', unknown('connection lost')),
    at(2).stepFinished('web2', cancelled),
  ]
  expect(lines(events, 'quiet')).toMatchInlineSnapshot(`
    "
    [web1] unknown: connection lost, 3.0 s  Install the wheels
    "
  `)
})

test('problems, notices, switches and put-backs are said', () => {
  const events = [
    at(0).problem(aProblem('web2: root', 'is not writable', { hint: 'chown deploy /var/webcode' })),
    at(1).notice('asked again for the lock', 'web1'),
    at(2).phaseStarted('switch', hosts),
    at(3).switched('web1', { from: undefined }),
    at(4).putBack('web1'),
  ]
  expect(lines(events)).toMatchInlineSnapshot(`
    "
    web2
      ✖ root: is not writable
        → chown deploy /var/webcode
    [web1] asked again for the lock
    switch: 2 hosts
    [web1] switch no link → shop-1.4.0
    [web1] switch ok  put back to shop-1.3.0
    "
  `)
})

test('a reader that went away does not break the run', async () => {
  const sink = aSink()
  const reporter = createPlainLines({ out: sink.stream, detail: 'normal', colour: false, summedUp: false })
  sink.stream.destroy(new Error('EPIPE'))
  await new Promise(resolve => setImmediate(resolve))
  for (const event of run) reporter.handle(event)
  await reporter.end()
  expect(sink.text()).toBe('')
})

test('where a summary follows, errors are left to it and warnings are not', () => {
  const sink = aSink()
  const reporter = createPlainLines({ out: sink.stream, detail: 'normal', colour: false, summedUp: true })
  reporter.handle(at(0).problem(aProblem('web1', 'is down')))
  reporter.handle(at(0).problem(aProblem('web2', 'the deploy account is root', { severity: 'warning' })))
  reporter.handle(at(1).notice('that is all'))
  expect(`\n${sink.text()}`).toMatchInlineSnapshot(`
    "
    web2
      ! the deploy account is root
    that is all
    "
  `)
})
