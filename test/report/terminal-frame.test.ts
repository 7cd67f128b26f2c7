import { expect, test } from 'vitest'
import { createTerminalFrame } from '../../src/report/terminal-frame.ts'
import { aSink } from './builders.ts'
import { isGivenBack, screenAfter } from './screen.ts'

function aTerminal(columns = 20) {
  const sink = aSink()
  const terminal = Object.assign(sink.stream, { columns, rows: 10 })
  return {
    terminal,
    frame: createTerminalFrame(terminal),
    text: sink.text,
    screen: () => screenAfter(sink.text()),
  }
}

test('a frame is drawn over the one before, also when it is shorter', () => {
  const { frame, screen } = aTerminal()
  frame.draw(['one', 'two longer', 'three'])
  frame.draw(['ONE', 'two'])
  expect(screen()).toEqual(['ONE', 'two', ''])
})

test('a frame that did not change is not written again, and of one that did only the changed lines', () => {
  const { frame, text } = aTerminal()
  frame.draw(['same', 'old'])
  const before = text().length
  frame.draw(['same', 'old'])
  expect(text().length).toBe(before)
  frame.draw(['same', 'new'])
  expect(text().slice(before)).not.toContain('same')
})

test('lines printed above stay there while the frame goes on below', () => {
  const { frame, screen } = aTerminal()
  frame.draw(['a frame'])
  frame.printAbove(['to stay'])
  frame.draw(['next frame'])
  expect(screen()).toEqual(['to stay', 'next frame', ''])
})

test('a terminal that became narrower and wrapped the frame shows no rest of it', () => {
  const { terminal, frame, text } = aTerminal(20)
  frame.draw(['x'.repeat(15)])
  const before = text().length
  terminal.columns = 10
  frame.draw(['y'])
  // Two rows up, for the one line that takes two rows now.
  expect(text().slice(before)).toContain('\x1b[2A\r\x1b[J')
})

test('the terminal is given back with cursor and line wrap, what was drawn stays, and again is harmless', () => {
  const { frame, text, screen } = aTerminal()
  frame.draw(['last words'])
  expect(isGivenBack(text())).toBe(false)
  frame.release()
  const after = text()
  frame.release()
  expect(text()).toBe(after)
  expect(isGivenBack(after)).toBe(true)
  expect(screen()).toEqual(['last words', ''])
})

test('a frame survives a terminal that is gone', () => {
  const { terminal, frame, text } = aTerminal()
  terminal.destroy()
  frame.draw(['nobody sees this'])
  frame.release()
  expect(text()).toBe('')
})

test('a terminal that does not know its size has room for 80 columns and 24 rows', () => {
  const { terminal, frame } = aTerminal(0)
  terminal.rows = 0
  expect(frame.size()).toEqual({ columns: 79, rows: 24 })
})
