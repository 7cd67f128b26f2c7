import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { closingTable } from '../e2e/support/events.ts'
import { fleetOf } from '../e2e/support/fleet-of.ts'
import { everywhere } from '../e2e/support/hosts.ts'
import {
  expectLive,
  expectNothingHalfMade,
  expectNothingOpen,
  hold,
  letGo,
  startedOn,
} from './support/held-run.ts'
import { type Moment, metInShort, moments, NAMES, thawAll } from './support/moments.ts'
import { runAfterRun } from './support/run-after-run.ts'
import { FULL, UNDONE_MS } from './support/size.ts'
import { toldOf } from './support/told.ts'

const fleet = await fleetOf(NAMES)
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What comes sooner after a signal is taken for its echo. */
const NO_ECHO_MS = 300

/** A third of the heartbeat is how old the last one of a host may be when `fire` leaves. */
const goOn = runAfterRun(fleet, { heartbeat: '15s' })

/** In the short size each moment is met by one of the signals. */
const withSignals = (chosen: readonly Moment[]) =>
  chosen.flatMap((moment, index) =>
    SIGNALS.filter((_, number) => FULL || number === index % SIGNALS.length).map(
      signal => [signal, moment.name, moment] as const,
    ),
  )

const once = { before: 130, during: 5, after: 0 }
/** Where hosts were told to go back, or to keep, and have not answered yet, nothing is known. */
const twice = { before: [130], during: [5, 6], after: [0, 6] }

const metOnce = moments.filter(({ name }) => FULL || metInShort.bySignal.includes(name))
const metTwice = moments.filter(({ name }) => FULL || metInShort.byTwoSignals.includes(name))

describe('F8 one signal', () => {
  test.each(withSignals(metOnce))('%s at: %s', async (signal, _name, moment) => {
    const now = await goOn()
    const { run, wanted } = await moment.reach(now)
    run.signal(signal)
    await sleep(NO_ECHO_MS)
    await thawAll(fleet)
    if (moment.goesOn === true) await letGo(now)
    const ended = await run.ended
    expect(ended.code, ended.stderr).toBe(once[moment.side])
    if (moment.side !== 'before') {
      const live = moment.side === 'after' ? wanted.revision : now.live
      expect(closingTable(ended)).toMatchObject(everywhere(fleet, { live, readBack: true }))
      now.live = live
    }
    // The run has ended all that it started; nothing is left to the hosts.
    expect(await startedOn(fleet)).toEqual([])
    await expectLive(now, now.live)
    await expectNothingHalfMade(now)
    await expectNothingOpen(now, now.live)
  })
})

describe('F8 an interruption', () => {
  test('during the verification is no verdict: the same bytes may be tried again', async () => {
    const now = await goOn()
    const wanted = await now.next()
    await hold(now, ['web1'], wanted, 'verify')
    const run = now.deploy(wanted)
    await toldOf(run, ['web1'], 'output', 'held')
    run.signal('SIGINT')
    expect(await run.ended).toMatchObject({ code: 130 })
    await letGo(now)
    expect(await now.deploy(wanted).ended).toMatchObject({ code: 0 })
    now.live = wanted.revision
  })
})

describe('F8 two signals', () => {
  test.each(withSignals(metTwice))('%s at: %s', async (signal, _name, moment) => {
    const now = await goOn()
    const { run, wanted } = await moment.reach(now)
    run.signal(signal)
    await sleep(NO_ECHO_MS)
    run.signal(signal)
    const { code, stderr } = await run.ended
    expect(twice[moment.side], stderr).toContain(code)
    // Now they hear of it, and do the rest by themselves.
    await thawAll(fleet)
    await expect.poll(() => startedOn(fleet), { timeout: UNDONE_MS, interval: 50 }).toEqual([])
    if (moment.side === 'after') now.live = wanted.revision
    await expectLive(now, now.live)
    await expectNothingOpen(now, now.live)
    await letGo(now)
    expect(await now.deploy(wanted).ended).toMatchObject({ code: 0 })
    now.live = wanted.revision
    await expectNothingHalfMade(now)
  })
})
