import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { catchInterrupts } from '../../src/cli/interrupts.ts'

/** A process that gets these signals, each with the time in milliseconds at which it comes. */
function after(...signals: readonly (readonly [signal: string, atMs: number])[]) {
  const process = new EventEmitter()
  let nowMs = 0
  const { interrupted, abandoned, stop } = catchInterrupts(
    process,
    () => nowMs,
    () => undefined,
  )
  for (const [signal, atMs] of signals) {
    nowMs = atMs
    process.emit(signal)
  }
  stop()
  return { interrupted: interrupted.aborted, abandoned: abandoned.aborted }
}

test('without a signal nothing is interrupted', () => {
  expect(after()).toEqual({ interrupted: false, abandoned: false })
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('the first %s asks a run to end well', signal => {
  expect(after([signal, 5_000])).toEqual({ interrupted: true, abandoned: false })
})

test('the second signal, of whatever kind, leaves at once', () => {
  expect(after(['SIGINT', 5_000], ['SIGTERM', 5_200])).toEqual({ interrupted: true, abandoned: true })
})

test.each(['SIGINT', 'SIGHUP'])('a %s that is passed on by npm or a shell as well is one signal', signal => {
  expect(after([signal, 5_000], [signal, 5_003])).toEqual({ interrupted: true, abandoned: false })
})

test('after an echo the next one still counts', () => {
  const pressedTwice = after(['SIGINT', 5_000], ['SIGINT', 5_003], ['SIGINT', 6_000], ['SIGINT', 6_003])
  expect(pressedTwice).toEqual({ interrupted: true, abandoned: true })
})

test('when a command is over, signals mean again what they mean to everybody', () => {
  const process = new EventEmitter()
  catchInterrupts(
    process,
    () => 0,
    () => undefined,
  ).stop()
  expect(process.eventNames()).toEqual([])
})

describe('whoever does not end by himself', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function caught() {
    const process = new EventEmitter()
    const left: number[] = []
    const time = { nowMs: 0 }
    const interrupts = catchInterrupts(
      process,
      () => time.nowMs,
      exit => void left.push(exit),
    )
    onTestFinished(interrupts.stop)
    const signal = () => {
      time.nowMs += 1_000
      process.emit('SIGINT')
    }
    return { interrupts, left, signal, process }
  }

  test('is left at the second signal, while no host was changed', () => {
    const { left, signal } = caught()
    signal()
    expect(left).toEqual([])
    signal()
    expect(left).toEqual([130])
  })

  test('is left some seconds after the first one', () => {
    const { left, signal, interrupts } = caught()
    signal()
    vi.advanceTimersByTime(9_999)
    expect([left, interrupts.abandoned.aborted]).toEqual([[], false])
    vi.advanceTimersByTime(1)
    expect([left, interrupts.abandoned.aborted]).toEqual([[130], true])
  })

  test('is left to himself while he changes hosts, and with what that came to afterwards', async () => {
    const { left, signal, interrupts } = caught()
    let end: (exit: 5) => void = () => undefined
    const work = interrupts.changingHosts(
      () =>
        new Promise(resolve => {
          end = resolve
        }),
    )
    signal()
    signal()
    vi.advanceTimersByTime(60_000)
    expect([left, interrupts.abandoned.aborted]).toEqual([[], true])
    end(5)
    expect(await work).toBe(5)
    signal()
    expect(left).toEqual([5])
  })

  test('is ended by the system while code of others runs', async () => {
    const { interrupts, process } = caught()
    const during = await interrupts.unguarded(async () => process.eventNames())
    expect([during, process.eventNames()]).toEqual([[], ['SIGINT', 'SIGTERM', 'SIGHUP']])
  })
})
