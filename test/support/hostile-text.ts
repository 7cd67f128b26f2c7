import { expect } from 'vitest'
import { replaceUnprintable } from '../../src/shell/printable.ts'

/** Stands behind what would be obeyed. */
export const FORGED = 'FORGED'

/**
 * Everything that acts on a terminal, hides something or begins a line of its own: the clipboard (OSC 52), a style of
 * ours, erasing in one byte, the writing direction, characters without width, tags, separators, line ends, NUL, DEL,
 * NEL, half of a pair.
 */
export const HOSTILE =
  `x\x1b]52;c;ZXZpbA==\x07\x1b[31m${FORGED}\x1b[32m${FORGED}\x9b2J\u202eabc\u2066\u200b\ufeff\u{e0041}` +
  `\u2028\r\n${FORGED} line\n\x1b[1m${FORGED} line\x00\x7f\x85\u061c\ud800`

/** What `styleText` of Node writes for the few styles that output has. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const STYLES = /\x1b\[(?:1|2|22|31|32|33|36|39)m/g
/** How the frame of the live view is drawn: cursor up, hidden, shown; wrapping; erasing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const FRAME = /\x1b\[(?:\d+A|\?25[lh]|\?7[lh]|K|J)|\r/g

/** What is raw in an output beside our own styles and frames, and what was forged in it. */
export function faultsIn(output: string): readonly string[] {
  const forged = output.match(new RegExp(`\\x1b\\[[\\d;]*m${FORGED}`, 'g')) ?? []
  const text = output.replace(STYLES, '').replace(FRAME, '')
  const raw = new Set<string>()
  const lines = text.split('\n')
  for (const line of lines)
    replaceUnprintable(line, found => {
      raw.add(found)
      return ''
    })
  const begun = lines.filter(line => /^[\s→✖!]*FORGED/u.test(line))
  return [
    ...forged.map(() => 'a style of its own'),
    ...[...raw].map(
      found =>
        `U+${(found.codePointAt(0) ?? 0).toString(16)} in ${JSON.stringify(lines.find(line => line.includes(found)))}`,
    ),
    ...begun.map(line => `a line of its own: ${JSON.stringify(line)}`),
  ]
}

/** Fails unless nothing in the output is raw or forged. */
export const expectTame = (output: string, of: string): void =>
  expect({ of, faults: faultsIn(output) }).toEqual({ of, faults: [] })
