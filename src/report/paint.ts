import { inspect, styleText } from 'node:util'

/** The few styles that output uses. Colour never carries meaning alone: a symbol or a word always says it too. */
export type Style = 'plain' | PaintedStyle

const painted = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const
type PaintedStyle = (typeof painted)[number]

/** Gives a text its style. */
export type Paint = (style: Style, text: string) => string

/** Leaves every text as it is. */
export const withoutColour: Paint = (_style, text) => text

const withColour: Paint = (style, text) =>
  style === 'plain' || text === '' ? text : styleText(style, text, { validateStream: false })

/** Colours, or not: whoever knows the terminal, `NO_COLOR` and `--no-color` decides. */
export function createPaint(options: { readonly colour: boolean }): Paint {
  return options.colour ? withColour : withoutColour
}

const codes = new Set(painted.flatMap(style => inspect.colors[style] ?? []))

/** What paint writes around a text, and nothing else; as one group, so that `split` keeps it. */
export const STYLE_SEQUENCE = new RegExp(`(\\x1b\\[(?:${[...codes].join('|')})m)`)
