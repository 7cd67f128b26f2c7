import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { catchInterrupts } from '../../src/cli/interrupts.ts'

const state = ({ interrupted, abandoned }: ReturnType<typeof catchInterrupts>) => ({
  interrupted: interrupted.aborted,
  abandoned: abandoned.aborted,
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('the first %s asks a run to end well', signal => {
  const process = new EventEmitter()
  const interrupts = catchInterrupts(process)
  expect(state(interrupts)).toEqual({ interrupted: false, abandoned: false })
  process.emit(signal)
  expect(state(interrupts)).toEqual({ interrupted: true, abandoned: false })
})

test('the second signal, of whatever kind, leaves at once', () => {
  const process = new EventEmitter()
  const interrupts = catchInterrupts(process)
  process.emit('SIGINT')
  process.emit('SIGHUP')
  expect(state(interrupts)).toEqual({ interrupted: true, abandoned: true })
})

test('a third one changes nothing more', () => {
  const process = new EventEmitter()
  const interrupts = catchInterrupts(process)
  for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM']) process.emit(signal)
  expect(state(interrupts)).toEqual({ interrupted: true, abandoned: true })
})

test('when a command is over, signals mean again what they mean to everybody', () => {
  const process = new EventEmitter()
  catchInterrupts(process).stop()
  expect(process.eventNames()).toEqual([])
})
