import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linesOnScreen, onScreen } from '../../src/report/on-screen.ts'
import { createPaint, type Style } from '../../src/report/paint.ts'
import { faultsIn, HOSTILE } from '../support/hostile-text.ts'

const paint = createPaint({ colour: true })
const styles: readonly Style[] = ['plain', 'bold', 'dim', 'red', 'green', 'yellow', 'cyan']

test.each(styles)('what is painted %s stays so', style => {
  expect(onScreen(`a ${paint(style, 'b')} c`)).toBe(`a ${paint(style, 'b')} c`)
})

test('styles within styles stay', () => {
  const painted = paint('bold', `a ${paint('red', 'b')} c`)
  expect(onScreen(painted)).toBe(painted)
})

test.each([
  ['another style', '\x1b[5mblink', 'blink'],
  ['two styles in one', '\x1b[31;8mhidden', 'hidden'],
  ['the clipboard', '\x1b]52;c;eA==\x07', '\\e]52;c;eA==\\x07'],
  ['a line break', 'a\nb', 'a\\nb'],
  ['a carriage return', 'a\rb', 'a\\rb'],
  ['what leaving a sequence out would make', '\x1b\x1b[5m]52;c;eA==', '\\e]52;c;eA=='],
  ['what a style of ours would complete', '\x1b\x1b[31m]52', '\\e\x1b[31m]52'],
])('%s does not', (_, text, shown) => {
  expect(onScreen(text)).toBe(shown)
})

test('a text of several lines keeps its lines, and nothing else that acts', () => {
  expect(linesOnScreen('a\tb\nc\r\nd')).toBe('a\tb\nc\\r\nd')
})

test('whatever is put together of anything, only our styles come out raw, and a second time changes nothing', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(HOSTILE, '\x1b', '[', '3', '1', 'm', '\x9b', ...styles.map(style => paint(style, 'x'))),
  )
  fc.assert(
    fc.property(fc.array(part), parts => {
      const shown = onScreen(parts.join(''))
      expect(faultsIn(shown).filter(fault => fault.startsWith('U+'))).toEqual([])
      expect(onScreen(shown)).toBe(shown)
    }),
    { numRuns: 300 },
  )
})

describe('the border', () => {
  const root = fileURLToPath(new URL('../../src', import.meta.url))
  /** Writes that are no text for people: files, hosts, a line end, and the writers of the border itself. */
  const others = [
    /createInterface|nowhere = new Writable/,
    /on(Screen|eOnScreen)|linesOnScreen/,
    /write\(''|write\('\\n'\)/,
    // Line writers, each of which is one end of the border.
    /streams\.std\w+\.write/,
  ]
  const files = ['report', 'cli'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts') && !name.startsWith('sandbox/'))
      .map(name => join(root, folder, name)),
  )
  test('nothing is written to a standard stream but through it', () => {
    const writes = files.flatMap(file =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter(line => /\b(stdout|stderr|output|stream|terminal|process\.std\w+)\.write\(/.test(line))
        .filter(line => !others.some(known => known.test(line)))
        .map(line => `${file.slice(root.length + 1)}: ${line.trim()}`),
    )
    expect(writes).toEqual([
      // Of the frame: what it draws has passed the border, and the codes that draw it stand around that.
      "report/terminal-frame.ts: if (!gone && !terminal.destroyed && text !== '') terminal.write(text)",
    ])
  })
  test('nothing is piped to one past it', () => {
    const piped = files.filter(file => /\.pipe\(|\bconsole\.\w+\(/.test(readFileSync(file, 'utf8')))
    expect(piped).toEqual([])
  })
})
