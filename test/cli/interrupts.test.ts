import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { catchInterrupts } from '../../src/cli/interrupts.ts'

/** A process that gets these signals, each with the time in milliseconds at which it comes. */
function after(...signals: readonly (readonly [signal: string, atMs: number])[]) {
  const process = new EventEmitter()
  let nowMs = 0
  const { interrupted, abandoned } = catchInterrupts(process, () => nowMs)
  for (const [signal, atMs] of signals) {
    nowMs = atMs
    process.emit(signal)
  }
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
  catchInterrupts(process, () => 0).stop()
  expect(process.eventNames()).toEqual([])
})
