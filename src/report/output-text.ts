import { printable } from '../shell/printable.ts'

/**
 * A line of a program's output as a terminal would have left it: of what was written over by carriage returns (the
 * progress bars of installers), the last state. The log has all of it.
 */
export function outputText(line: string): string {
  const whole = line.replace(/\r+$/, '')
  return printable(whole.slice(whole.lastIndexOf('\r') + 1))
}
