import { onScreen } from '../report/on-screen.ts'
import type { Output } from './surroundings.ts'

/** Writes lines for people, beside events: each is one line, whatever stands in it. */
export function say(output: Output, lines: readonly string[]): void {
  for (const line of lines) output.write(`${onScreen(line)}\n`)
}
