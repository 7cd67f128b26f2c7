import { expect, test } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import { createLiveView } from '../../src/report/live-view.ts'
import { aProblem, aSink, at, exit1, liveOn, noon } from './builders.ts'
import { isGivenBack, screenAfter } from './screen.ts'

function aView() {
  const sink = aSink()
  const terminal = Object.assign(sink.stream, { columns: 80, rows: 24 })
  const view = createLiveView({ terminal, clock: () => noon + 60_000, colour: true })
  const screen = () => `\n${screenAfter(sink.text()).join('\n')}`
  return { view, screen, text: sink.text }
}

async function screenOf(events: readonly Event[]): Promise<string> {
  const { view, screen, text } = aView()
  for (const event of events) view.handle(event)
  await view.end()
  expect(isGivenBack(text())).toBe(true)
  return screen()
}

const hosts = ['web1', 'web2']

test('after a run that went well, its phases stay on the screen', async () => {
  const events = [
    at(0).connected('web1'),
    at(100).connected('web2'),
    at(100).runStarted(hosts),
    at(200).phaseStarted('lock', hosts),
    at(500).phaseFinished('lock', 300),
    at(500).phaseStarted('switch', hosts),
    at(900).phaseFinished('switch', 400),
    at(1_000).runFinished(0, { web1: liveOn('shop-1.4.0'), web2: liveOn('shop-1.4.0') }),
  ]
  expect(await screenOf(events)).toMatchInlineSnapshot(`
    "
    shop 1.4.0 → production, 2 hosts
    ✔ connect   0.2 s, 2 hosts
    ✔ lock      0.3 s
    – upload, build, verify, seal  nothing to do
    ✔ switch    0.4 s
    "
  `)
})

test('a phase in which a host failed is a failed one, and what did not come to pass is not shown', async () => {
  const events = [
    at(100).runStarted(hosts),
    at(200).phaseStarted('lock', hosts),
    at(500).phaseStarted('build', hosts),
    at(600).stepStarted('web2'),
    at(3_600).stepFinished('web2', exit1),
    at(4_000).runFinished(4, { web1: liveOn('shop-1.3.0'), web2: liveOn('shop-1.3.0', exit1) }),
  ]
  expect(await screenOf(events)).toMatchInlineSnapshot(`
    "
    shop 1.4.0 → production, 2 hosts
    ✔ connect   0.1 s, 0 hosts
    ✔ lock      0.3 s
    – upload    nothing to do
    ✖ build     3.5 s, failed on web2
    "
  `)
})

test('a host that failed outside of any step makes the last phase a failed one', async () => {
  const events = [
    at(100).runStarted(hosts),
    at(200).phaseStarted('switch', hosts),
    at(900).phaseFinished('switch', 700),
    at(1_000).runFinished(6, { web1: liveOn('shop-1.4.0'), web2: liveOn('shop-1.3.0', exit1) }),
  ]
  expect((await screenOf(events)).split('\n').at(-2)).toMatchInlineSnapshot(
    `"✖ switch    0.7 s, failed on web2"`,
  )
})

test('a failed prune is a warning: the run went well', async () => {
  const events = [
    at(100).runStarted(hosts),
    at(200).phaseStarted('prune', hosts),
    at(900).stepFinished('web1', exit1),
    at(1_000).phaseFinished('prune', 800),
    at(1_000).runFinished(0, { web1: liveOn('shop-1.4.0'), web2: liveOn('shop-1.4.0') }),
  ]
  expect(await screenOf(events)).toMatchInlineSnapshot(`
    "
    shop 1.4.0 → production, 2 hosts
    ✔ connect   0.1 s, 0 hosts
    – lock, upload, build, verify, seal, switch, activate, health  nothing to do
    ! prune     0.8 s, failed on web1
    "
  `)
})

test('warnings and notices stay above what is drawn; errors are left to the summary', async () => {
  const events = [
    at(0).connected('web1'),
    at(10).problem(aProblem('web1', 'the deploy account is root', { severity: 'warning' })),
    at(20).problem(aProblem('web2', 'the root is not writable')),
    at(30).notice('waiting for the lock', 'web1'),
  ]
  expect(await screenOf(events)).toMatchInlineSnapshot(`
    "
    web1
      ! the deploy account is root
    [web1] waiting for the lock
    ✖ connect   1 min 00 s, 1 host
    "
  `)
})

test('a view that is abandoned gives the terminal back at once and draws no more', async () => {
  const { view, text } = aView()
  view.handle(at(0).runStarted(hosts))
  await new Promise(resolve => setImmediate(resolve))
  view.abandon()
  const then = text()
  expect(isGivenBack(then)).toBe(true)
  view.handle(at(10).notice('too late'))
  await view.end()
  expect(text()).toBe(then)
})

test('no signal handler is installed', async () => {
  const before = process.listenerCount('SIGINT')
  const { view } = aView()
  view.handle(at(0).runStarted(hosts))
  expect(process.listenerCount('SIGINT')).toBe(before)
  await view.end()
})

test('a view to which nothing happened writes nothing', async () => {
  expect(await screenOf([])).toBe('\n')
})
