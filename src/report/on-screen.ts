import { printable } from '../shell/printable.ts'
import { STYLE_SEQUENCE } from './paint.ts'

/**
 * The last thing that happens to a line before a person sees it, whatever it was put together from: what we painted
 * keeps its style, every other control character is shown as an escape, a line break too. All that is written for
 * people passes here (decision 0017).
 */
export function onScreen(line: string): string {
  return line
    .split(STYLE_SEQUENCE)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('')
}

/** The same for a text of several lines. */
export const linesOnScreen = (text: string): string => text.split('\n').map(onScreen).join('\n')
